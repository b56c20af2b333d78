import { suppressUnhandled } from './promises.js';

/**
 * Runs start and stop operations one after the other, in the order of the calls. Repeating the same call has no effect, and
 * a start that failed can be tried again.
 */
export class Lifecycle<Started> {
  #starting: Promise<Started> | undefined;
  #stopping: Promise<void> | undefined;

  /** Whether it was started, or is about to be, and was not stopped since. */
  get active(): boolean {
    return this.#starting !== undefined;
  }

  /**
   * @param failed called with the error of a failed start, after which another start is possible; the promise is rejected,
   * too
   */
  start(begin: () => Promise<Started>, failed: (error: unknown) => void): Promise<Started> {
    if (this.#starting !== undefined) return this.#starting;
    const starting = this.#stopping === undefined ? begin() : this.#stopping.then(begin);
    this.#starting = starting;
    starting.catch((error) => {
      if (this.#starting === starting) this.#starting = undefined;
      failed(error);
    });
    return starting;
  }

  /** @param end called when the start before it has completed, and not called if that failed */
  stop(end: () => Promise<void>): Promise<void> {
    const starting = this.#starting;
    if (starting === undefined) return this.#stopping ?? Promise.resolve();
    this.#starting = undefined;
    const stopping = starting
      .then(end, () => {})
      .finally(() => {
        if (this.#stopping === stopping) this.#stopping = undefined;
      });
    this.#stopping = suppressUnhandled(stopping);
    return stopping;
  }
}
