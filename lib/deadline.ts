import { settledWithin } from './promises.js';

/** A moment that limits several waits, one after the other. It is measured with a monotonic clock. */
export class Deadline {
  readonly #end: number;

  /** @param milliseconds from now */
  constructor(milliseconds: number) {
    this.#end = performance.now() + milliseconds;
  }

  /** How many milliseconds are left; never less than 0. */
  get left(): number {
    return Math.max(0, this.#end - performance.now());
  }

  /** Resolves when a promise has settled, one way or the other, or when the time has passed. */
  settled(promise: Promise<unknown> | undefined): Promise<void> {
    return settledWithin(promise, this.left);
  }
}
