/** How many bytes all connections may send together before they have introduced themselves. */
const MOST_BYTES = 64 * 1024 * 1024;

/** What is known of a connection before its hello. */
interface Newcomer {
  bytes: number;
  /** Whether it was there at the last check. */
  old: boolean;
}

/** A connection that can be ended. */
interface Connection {
  destroy(): void;
}

/**
 * The connections whose hello has not arrived yet. Any process of the user can make one, so that their memory and their
 * duration are limited.
 */
export class Newcomers<Of extends Connection> {
  readonly #all = new Map<Of, Newcomer>();
  readonly #most: number;
  #bytes = 0;

  /** @param most how many bytes they may send together */
  constructor(most = MOST_BYTES) {
    this.#most = most;
  }

  add(connection: Of): void {
    this.#all.set(connection, { bytes: 0, old: false });
  }

  /**
   * Counts what arrived on a connection, if it is a newcomer.
   * @returns the connection to end if all have sent too much together: the one that sent most, which is forgotten
   */
  sent(connection: Of, bytes: number): Of | undefined {
    const newcomer = this.#all.get(connection);
    if (newcomer === undefined) return undefined;
    newcomer.bytes += bytes;
    this.#bytes += bytes;
    if (this.#bytes <= this.#most) return undefined;
    const [greediest] = [...this.#all].reduce((most, one) => (one[1].bytes > most[1].bytes ? one : most));
    this.remove(greediest);
    return greediest;
  }

  /** A connection has introduced itself, or has ended. */
  remove(connection: Of): void {
    this.#bytes -= this.#all.get(connection)?.bytes ?? 0;
    this.#all.delete(connection);
  }

  /** Ends the connections that were newcomers at the last check, too. */
  check(): void {
    for (const [connection, newcomer] of this.#all) {
      if (newcomer.old) connection.destroy();
      newcomer.old = true;
    }
  }
}
