import { lostError } from '../../entities/errors.js';
import { LONGEST_TIMER } from '../../entities/limits.js';
import { Waiters } from '../../lib/promises.js';

/** The promises that wait for a client, and their deadline. */
interface Awaited<Connection> {
  readonly waiters: Waiters<Connection>;
  readonly timer: NodeJS.Timeout;
}

/** The clients that have disconnected and may connect again with the same id. */
export class AwaitedConnections<Connection> {
  readonly #awaited = new Map<string, Awaited<Connection>>();

  /** Whether anybody waits for the client with this id. */
  has(id: string): boolean {
    return this.#awaited.has(id);
  }

  /**
   * Waits until the client has connected again.
   * @param patience how long, in milliseconds, for the first who waits; others wait as long as that
   * @throws IPCError (rejects) ERR_IPC_DISCONNECTED
   */
  wait(id: string, patience: number): Promise<Connection> {
    let awaited = this.#awaited.get(id);
    if (awaited === undefined) {
      const timer = setTimeout(() => this.#giveUp(id), Math.min(patience, LONGEST_TIMER));
      awaited = { waiters: new Waiters(), timer };
      this.#awaited.set(id, awaited);
    }
    return awaited.waiters.wait();
  }

  /** The client has connected again. */
  arrived(id: string, connection: Connection): void {
    this.#take(id)?.resolve(connection);
  }

  /** No client is expected any more. */
  giveUp(): void {
    for (const id of this.#awaited.keys()) this.#giveUp(id);
  }

  #giveUp(id: string): void {
    this.#take(id)?.reject(lostError(id));
  }

  #take(id: string): Waiters<Connection> | undefined {
    const awaited = this.#awaited.get(id);
    if (awaited === undefined) return undefined;
    this.#awaited.delete(id);
    clearTimeout(awaited.timer);
    return awaited.waiters;
  }
}
