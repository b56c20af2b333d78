import type { Hello } from '../../entities/packet.js';
import { digestOf } from '../../lib/conversations/session-key.js';

/** How many ids of clients that are gone are kept; the one longest gone is forgotten first. */
const MOST_GONE = 10_000;

/**
 * What a client proves by its hello that an id is its own: the secret that it made, which nobody else learns, and the payload that
 * it showed. A client of net-ipc's own library has no secret, so its payload has to do.
 */
export function proofOf({ secret, credentials }: Hello): string {
  return digestOf([typeof secret === 'string' ? secret : '', credentials]);
}

/** Whose the ids of a server's clients are, so that only the client that had an id gets it again. */
export class ReturningIds {
  readonly #proofs = new Map<string, string>();
  /** Those of clients that are gone, the one longest gone first. */
  readonly #gone = new Set<string>();

  /** Whether a client may have an id: it had it before, or nobody is known to have had it. */
  mayHave(id: string, proof: string): boolean {
    const known = this.#proofs.get(id);
    return known === undefined || known === proof;
  }

  /** A client has been given an id. */
  give(id: string, proof: string): void {
    this.#gone.delete(id);
    this.#proofs.set(id, proof);
  }

  /**
   * The client of an id is gone.
   * @param awaited whether something waits for it to come back, for which its id must not be forgotten
   */
  leave(id: string, awaited: (id: string) => boolean): void {
    this.#gone.add(id);
    if (this.#gone.size <= MOST_GONE) return;
    for (const oldest of this.#gone) {
      if (awaited(oldest)) continue;
      this.#gone.delete(oldest);
      this.#proofs.delete(oldest);
      return;
    }
  }
}
