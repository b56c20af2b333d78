import { LONGEST_TIMER } from '../../entities/limits.js';

/** Something that ends by itself at a time, unless it is removed before. */
export interface Due {
  /** When it ends (performance.now()). */
  due: number;
  /** The queue it waits in; undefined while it has no deadline. */
  queue: DueQueue | undefined;
  earlier: Due | undefined;
  later: Due | undefined;
}

/** Entries with the same timeout: the order in which they came is the order in which they end. */
export interface DueQueue {
  /** Milliseconds. */
  readonly wait: number;
  first: Due | undefined;
  last: Due | undefined;
}

/** Up to so many milliseconds a timeout is kept exactly. */
const EXACT = 1000;

/**
 * How long a timeout waits: as it is up to a second, and beyond that to the next hundredth of its magnitude, so that programs
 * which compute their timeouts share queues all the same.
 */
function rounded(timeout: number): number {
  if (timeout <= EXACT) return Math.ceil(timeout);
  const step = 10 ** Math.floor(Math.log10(timeout)) / 100;
  return Math.min(Math.ceil(timeout / step) * step, LONGEST_TIMER);
}

/**
 * Deadlines by the thousand with one timer: a queue for each timeout, whose entries are in order by themselves, so that adding
 * and removing one costs a few assignments. An entry ends at most 1 % of its timeout (1 ms up to a second) after that is over. The
 * timer keeps no process alive.
 */
export class Deadlines<Entry extends Due> {
  readonly #expire: (entry: Entry) => void;
  readonly #queues = new Map<number, DueQueue>();
  /** The queue of the timeout that was asked for last: mostly it is always the same. */
  #timeout = -1;
  #queue: DueQueue | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** When the timer fires. */
  #next = Number.POSITIVE_INFINITY;

  /** `expire` is told of each entry that has ended; it is removed by then. */
  constructor(expire: (entry: Entry) => void) {
    this.#expire = expire;
  }

  /** Has an entry end in so many milliseconds, and not before; 0 and what no timer can wait are not a deadline. */
  add(entry: Entry, timeout: number, now: number): void {
    if (!(timeout > 0 && timeout <= LONGEST_TIMER)) return;
    const queue = timeout === this.#timeout ? (this.#queue as DueQueue) : this.#find(timeout);
    entry.due = now + queue.wait;
    entry.queue = queue;
    entry.earlier = queue.last;
    if (queue.last === undefined) queue.first = entry;
    else queue.last.later = entry;
    queue.last = entry;
    if (entry.due < this.#next) this.#arm(entry.due, queue.wait);
  }

  /** Forgets an entry's deadline, where it has one. */
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

  /** Lets go of the timer, which would otherwise fire once more. To be called when no entry is left. */
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
      for (let entry = queue.first; entry !== undefined && entry.due <= now; entry = queue.first) {
        this.remove(entry as Entry);
        this.#expire(entry as Entry);
      }
      if (queue.first !== undefined) next = Math.min(next, queue.first.due);
      else if (queue !== this.#queue) this.#queues.delete(queue.wait);
    }
    if (next < this.#next) this.#arm(next, Math.max(1, Math.ceil(next - now)));
  }
}
