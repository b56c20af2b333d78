import { suppressUnhandled } from './promises.js';

/**
 * Starts and stops something, one after the other in the order asked for. What is asked twice in a row is done once, and a
 * start that fails can be tried again.
 */
export class Lifecycle<Started> {
  #starting: Promise<Started> | undefined;
  #stopping: Promise<void> | undefined;

  /** Whether it has been started, or is about to be, and was not told to stop since. */
  get active(): boolean {
    return this.#starting !== undefined;
  }

  /** @param failed is told why a start failed, when another can be tried; the promise is rejected with it as well */
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

  /** @param end is called when what was begun before has started, and not at all if that failed */
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
