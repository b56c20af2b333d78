import type { Client } from '../../lib/client.js';
import { afterwards } from '../support/afterwards.js';
import { hold, until } from './promise.js';

/** Numbers sent at a time. */
const BATCH = 4;
/** Milliseconds between batches. */
const PACE = 4;

/**
 * A well-behaved client: it sends numbers, one after the other, and each must come back, in order and once, over one and
 * the same connection. So it shows whether others are disturbed.
 */
export class Witness {
  readonly client: Client;
  sent = 0;
  heard = 0;
  /** The longest that a number took there and back, in milliseconds. */
  slowest = 0;
  #fault = '';
  #timer: NodeJS.Timeout | undefined;
  readonly #since: number[] = [];

  constructor(client: Client) {
    this.client = client;
    client.handle('answer', (number: number) => number + 1);
    client.on('number', (number: number) => this.#hear(number));
    client.on('disconnect', () => this.#wrong('was disconnected'));
    client.on('error', (error) => this.#wrong(error.message));
  }

  /** Begins to talk. */
  async start(): Promise<this> {
    await this.client.ready();
    this.#timer = setInterval(() => this.#talk(), PACE);
    afterwards(() => clearInterval(this.#timer));
    return this;
  }

  /** All that was said until now must have come back, or come soon. */
  async check(during: string): Promise<void> {
    const said = this.sent;
    const complaint = () => this.#fault !== '';
    await until(`${during}: an undisturbed client heard ${said} numbers`, () => {
      return complaint() || this.heard >= said;
    });
    hold(!complaint(), `${during}: the other client ${this.#fault}`);
    hold((await this.client.request('ask', 1)) === 2, `${during}: the other client was not answered`);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.check('at the end');
    this.client.reset();
  }

  #talk(): void {
    for (let i = 0; i < BATCH; i++) {
      this.#since.push(performance.now());
      this.client.emit('number', this.sent++);
    }
  }

  #hear(number: number): void {
    if (number !== this.heard) this.#wrong(`heard ${number} in place of ${this.heard}`);
    this.heard++;
    const since = this.#since.shift() as number;
    this.slowest = Math.max(this.slowest, Math.round(performance.now() - since));
  }

  #wrong(what: string): void {
    if (this.#fault === '') this.#fault = what;
  }
}
