import { LONGEST_TIMER } from '../../entities/limits.js';

/** An entry that expires at a certain time unless it is removed. */
export interface Due {
  /** When its time limit began, in milliseconds of performance.now(). */
  readonly since: number;
  /** The queue that contains it; undefined if it has no deadline. */
  queue: DueQueue | undefined;
  earlier: Due | undefined;
  later: Due | undefined;
}

/** Entries with the same timeout. They expire in the order in which they were added. */
export interface DueQueue {
  /** The timeout in milliseconds. */
  readonly wait: number;
  first: Due | undefined;
  last: Due | undefined;
}

/**
 * Rounds a timeout: up to a second it is exact, a longer one is rounded up to three significant digits, so that computed
 * timeouts share queues.
 */
function rounded(timeout: number): number {
  const step = Math.max(1, 10 ** Math.floor(Math.log10(timeout)) / 100);
  return Math.min(Math.ceil(timeout / step) * step, LONGEST_TIMER);
}

/**
 * Thousands of deadlines with a single timer. There is one queue for each timeout, which is always in order, so that adding
 * and removing an entry takes constant time. An entry expires at most 1 % of its timeout (1 ms up to a second) late. The
 * timer does not keep the process alive.
 */
export class Deadlines<Entry extends Due> {
  readonly #expire: (entry: Entry) => void;
  readonly #queues = new Map<number, DueQueue>();
  /** A cache of the last timeout and its queue, since most calls use the same one. */
  #timeout = -1;
  #queue: DueQueue | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** When the timer fires, in milliseconds of performance.now(). */
  #next = Number.POSITIVE_INFINITY;

  /** @param expire called for each expired entry, after its removal */
  constructor(expire: (entry: Entry) => void) {
    this.#expire = expire;
  }

  /**
   * Sets an entry's deadline to a number of milliseconds after its `since`, at the earliest. 0, and values beyond the range
   * of timers, set none.
   */
  add(entry: Entry, timeout: number): void {
    if (!(timeout > 0 && timeout <= LONGEST_TIMER)) return;
    const queue = timeout === this.#timeout ? (this.#queue as DueQueue) : this.#find(timeout);
    entry.queue = queue;
    entry.earlier = queue.last;
    if (queue.last === undefined) queue.first = entry;
    else queue.last.later = entry;
    queue.last = entry;
    const due = entry.since + queue.wait;
    if (due < this.#next) this.#arm(due, queue.wait);
  }

  /** Removes an entry's deadline, if it has one. */
  remove(entry: Entry): void {
    const { queue, earlier, later } = entry;
    if (queue === undefined) return;
    if (earlier === undefined) queue.first = later;
    else earlier.later = later;
    if (later === undefined) queue.last = earlier;
    else later.earlier = earlier;
    entry.queue = undefined;
    entry.earlier = undefined;
    entry.later = undefined;
  }

  /** Stops the timer, which would otherwise fire once more. It must only be called if there are no entries. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#next = Number.POSITIVE_INFINITY;
    this.#queues.clear();
    this.#timeout = -1;
    this.#queue = undefined;
  }

  #find(timeout: number): DueQueue {
    const wait = rounded(timeout);
    let queue = this.#queues.get(wait);
    if (queue === undefined) {
      queue = { wait, first: undefined, last: undefined };
      this.#queues.set(wait, queue);
    }
    this.#timeout = timeout;
    this.#queue = queue;
    return queue;
  }

  #arm(at: number, wait: number): void {
    clearTimeout(this.#timer);
    this.#next = at;
    this.#timer = setTimeout(() => this.#fire(), wait).unref();
  }

  #fire(): void {
    this.#next = Number.POSITIVE_INFINITY;
    const now = performance.now();
    let next = Number.POSITIVE_INFINITY;
    for (const queue of this.#queues.values()) {
      const latest = now - queue.wait;
      for (let entry = queue.first; entry !== undefined && entry.since <= latest; entry = queue.first) {
        this.remove(entry as Entry);
        this.#expire(entry as Entry);
      }
      if (queue.first !== undefined) next = Math.min(next, queue.first.since + queue.wait);
      else if (queue !== this.#queue) this.#queues.delete(queue.wait);
    }
    if (next < this.#next) this.#arm(next, Math.max(1, Math.ceil(next - now)));
  }
}
