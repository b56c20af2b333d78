import type { Hello } from '../../entities/packet.js';
import { digestOf } from '../../lib/conversations/session-key.js';

/** How many ids of disconnected clients are remembered. */
const MOST_GONE = 10_000;
/** How many are forgotten at a time, since choosing them takes a look at all. */
const FORGOTTEN = 1000;

/** The owner of an id. */
interface Owner {
  readonly proof: string;
  /** Where the client connects from; '' if that is unknown, as over a local socket. */
  readonly address: string;
  /** When the client connected, in milliseconds of performance.now(). */
  since: number;
  /** How long the client was connected altogether, in milliseconds. */
  presentMs: number;
}

/**
 * What proves in a client's hello that an id is its own: a secret that only the client and the server know, and the
 * payload. Clients of the original net-ipc send no secret, so only the payload counts.
 */
export function proofOf({ secret, credentials }: Hello): string {
  return digestOf([typeof secret === 'string' ? secret : '', credentials]);
}

/**
 * Remembers the owners of ids, so that only the client that had an id gets it again. Of disconnected clients, only a limited
 * number is remembered. Those of the address with the most ids are forgotten first and, of these, those that were connected
 * for the shortest time: an attacker can connect often, but cannot make its connections old.
 */
export class ReturningIds {
  readonly #owners = new Map<string, Owner>();
  readonly #gone = new Set<string>();
  #forgot = false;

  /**
   * Whether a client may have an id: it had it before, or nobody is known to have had it. Once ids were forgotten, an
   * unknown one may belong to somebody else.
   */
  mayHave(id: string, proof: string): boolean {
    const known = this.#owners.get(id);
    return known === undefined ? !this.#forgot : known.proof === proof;
  }

  /** Assigns an id to a client. */
  give(id: string, proof: string, address = ''): void {
    const before = this.#owners.get(id);
    const presentMs = before?.proof === proof ? before.presentMs : 0;
    this.#gone.delete(id);
    this.#owners.set(id, { proof, address, since: performance.now(), presentMs });
  }

  /**
   * The client with an id has disconnected.
   * @param awaited whether a sender waits for it to reconnect; such an id must not be forgotten
   */
  leave(id: string, awaited: (id: string) => boolean): void {
    const owner = this.#owners.get(id);
    if (owner === undefined) return;
    owner.presentMs += performance.now() - owner.since;
    this.#gone.add(id);
    if (this.#gone.size > MOST_GONE) this.#forget(awaited);
  }

  #forget(awaited: (id: string) => boolean): void {
    const shares = new Map<string, number>();
    const gone: { id: string; address: string; presentMs: number }[] = [];
    for (const id of this.#gone) {
      const { address, presentMs } = this.#owners.get(id) as Owner;
      shares.set(address, (shares.get(address) ?? 0) + 1);
      if (!awaited(id)) gone.push({ id, address, presentMs });
    }
    const share = (address: string) => shares.get(address) as number;
    gone.sort((a, b) => share(b.address) - share(a.address) || a.presentMs - b.presentMs);
    for (const { id } of gone.slice(0, FORGOTTEN)) {
      this.#gone.delete(id);
      this.#owners.delete(id);
      this.#forgot = true;
    }
  }
}
