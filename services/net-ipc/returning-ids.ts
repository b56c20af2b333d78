import type { Hello } from '../../entities/packet.js';
import { digestOf } from '../../lib/conversations/session-key.js';

/** How many ids of disconnected clients are remembered; beyond that the oldest are forgotten. */
const MOST_GONE = 10_000;

/**
 * What proves in a client's hello that an id is its own: a secret that only the client and the server know, and the
 * payload. Clients of the original net-ipc send no secret, so only the payload counts.
 */
export function proofOf({ secret, credentials }: Hello): string {
  return digestOf([typeof secret === 'string' ? secret : '', credentials]);
}

/** Remembers the owners of ids, so that only the client that had an id gets it again. */
export class ReturningIds {
  readonly #proofs = new Map<string, string>();
  /** The ids of disconnected clients, the oldest first. */
  readonly #gone = new Set<string>();

  /** Whether a client may have an id: it had it before, or nobody is known to have had it. */
  mayHave(id: string, proof: string): boolean {
    const known = this.#proofs.get(id);
    return known === undefined || known === proof;
  }

  /** Assigns an id to a client. */
  give(id: string, proof: string): void {
    this.#gone.delete(id);
    this.#proofs.set(id, proof);
  }

  /**
   * The client with an id has disconnected.
   * @param awaited whether a sender waits for it to reconnect; such an id must not be forgotten
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
