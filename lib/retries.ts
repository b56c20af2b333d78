import { retryLimit } from '../entities/config/retries.js';
import type { Config } from '../entities/config.js';

/** Counts a client's connections, and its attempts to get the next one. */
export class Retries {
  /** How many attempts are left before the client gives up. */
  remaining: number;
  readonly #config: Config;
  #attempt = 0;
  #connections = 0;
  /** The values before the last connection reset them. */
  #before: { readonly attempt: number; readonly remaining: number };

  constructor(config: Config) {
    this.#config = config;
    this.remaining = triesLeft(config);
    this.#before = { attempt: 0, remaining: this.remaining };
  }

  /** The number of attempts since the last connection. */
  get attempt(): number {
    return this.#attempt;
  }

  /** The number of connections so far. */
  get connections(): number {
    return this.#connections;
  }

  /** Whether `config.stopRetrying` forbids another attempt; it is read at each call. */
  get stopped(): boolean {
    return this.#config.stopRetrying === true;
  }

  /** Restarts the count. */
  restart(): void {
    this.remaining = triesLeft(this.#config);
    this.#attempt = 0;
  }

  connected(): void {
    this.#before = { attempt: this.#attempt, remaining: this.remaining };
    this.#connections++;
    this.restart();
  }

  /** Restores the count from before the last connection, because its server turned out to have no room. */
  notConnected(): void {
    this.#attempt = this.#before.attempt;
    this.remaining = this.#before.remaining;
  }

  /** Counts an attempt that is about to be scheduled. Returns its number. */
  next(): number {
    this.#attempt++;
    return this.#attempt;
  }

  /** Allows no further attempt. */
  exhaust(): void {
    this.remaining = 0;
  }
}

/**
 * The initial number of attempts. `stopRetrying: true` is checked at each loss and does not change the number, as in
 * node-ipc 9.
 */
function triesLeft({ maxRetries, stopRetrying }: Config): number {
  return retryLimit({ maxRetries, stopRetrying: stopRetrying === true ? false : stopRetrying });
}
