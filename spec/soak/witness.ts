import type { Client } from '../../lib/client.js';
import { afterwards } from '../support/afterwards.js';
import { hold, until } from './promise.js';

/** The size of a batch of numbers. */
const BATCH = 4;
/** The interval between batches, in milliseconds. */
const PACE = 4;

/**
 * A well-behaved client. It sends numbers, and each must be echoed once and in order, over one connection. So it shows whether
 * an attack disturbs others.
 */
export class Witness {
  readonly client: Client;
  sent = 0;
  heard = 0;
  /** The longest round trip of a number, in milliseconds. */
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

  /** Starts to send. */
  async start(): Promise<this> {
    await this.client.ready();
    this.#timer = setInterval(() => this.#talk(), PACE);
    afterwards(() => clearInterval(this.#timer));
    return this;
  }

  /** Waits until all numbers sent so far were echoed. */
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
