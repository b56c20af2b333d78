import type { OfflineQueue } from './offline-queue.js';

/** How long a server that sends nothing may take to report that it is full, in milliseconds. */
const REPORT_TIME = 1000;

/**
 * The admission by a server that sends no welcome. Such a server reveals only later that it is full. For a moment, the queue
 * keeps what it sends, so that it can be sent again.
 */
export class ProvisionalAdmission {
  readonly #queue: OfflineQueue;
  readonly #timer: NodeJS.Timeout;

  /**
   * @param limit how many bytes the queue may keep
   * @param confirmed called when the server must have reported by now that it is full
   */
  constructor(queue: OfflineQueue, limit: number, confirmed: () => void) {
    this.#queue = queue;
    queue.keepSent(limit);
    this.#timer = setTimeout(confirmed, REPORT_TIME).unref();
  }

  /** Nothing needs to be sent again. */
  end(): void {
    clearTimeout(this.#timer);
    this.#queue.forgetSent();
  }
}
