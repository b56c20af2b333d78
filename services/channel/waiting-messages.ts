import type { PendingMessage } from './member-queue.js';
import { isFor, type Member } from './members.js';

interface Waiting {
  readonly message: PendingMessage;
  readonly since: number;
}

/** Messages for members that are not present, the oldest first. */
export class WaitingMessages {
  #waiting: Waiting[] = [];

  get length(): number {
    return this.#waiting.length;
  }

  /** @param since the heartbeat from which the message waits */
  add(message: PendingMessage, since: number): void {
    this.#waiting.push({ message, since });
  }

  /** Removes and returns the messages for a member that has joined. */
  takeFor(member: Member): PendingMessage[] {
    return this.#take(({ message }) => isFor(message.to, member));
  }

  /** Removes and returns the messages that have waited since a heartbeat or longer. */
  takeSince(heartbeat: number): PendingMessage[] {
    return this.#take(({ since }) => since <= heartbeat);
  }

  takeAll(): PendingMessage[] {
    return this.#take(() => true);
  }

  #take(isSo: (waiting: Waiting) => boolean): PendingMessage[] {
    const taken: PendingMessage[] = [];
    if (this.#waiting.length === 0) return taken;
    this.#waiting = this.#waiting.filter((waiting) => {
      if (!isSo(waiting)) return true;
      taken.push(waiting.message);
      return false;
    });
    return taken;
  }
}
