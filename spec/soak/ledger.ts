import { setImmediate as turn } from 'node:timers/promises';
import type { Client } from '../../lib/client.js';
import { hold } from './promise.js';

/**
 * Records the numbers that a client has emitted, and which of them are known to be sent: those emitted on a connection
 * before an answer came back over it.
 */
export class Ledger {
  readonly #client: Client;
  /** The numbers that must have arrived. */
  readonly certain: number[] = [];
  said = 0;
  #connections = 0;

  constructor(client: Client) {
    this.#client = client;
    client.on('connect', () => this.#connections++);
  }

  /** Emits numbers, and finds out whether they were sent. */
  async say(count: number): Promise<void> {
    const { connected } = this.#client;
    const connection = this.#connections;
    const numbers = Array.from({ length: count }, () => this.said++);
    for (const number of numbers) {
      this.#client.emit('number', number);
      if (number % 5 === 0) await turn();
    }
    try {
      await this.#client.ping({ timeout: 20_000 });
    } catch {
      return;
    }
    const stayed = connected && connection === this.#connections;
    const heldMeanwhile = !connected && connection + 1 === this.#connections;
    if (stayed || heldMeanwhile) this.certain.push(...numbers);
  }

  /** Checks the received numbers: every certain number once, and all in order. */
  check(heard: readonly number[]): void {
    for (let i = 1; i < heard.length; i++) {
      const [before, now] = [heard[i - 1] as number, heard[i] as number];
      hold(now > before, `${now} came ${now === before ? 'twice' : `after ${before}`}`);
    }
    const there = new Set(heard);
    const lost = this.certain.filter((number) => !there.has(number));
    hold(
      lost.length === 0,
      `${lost.length} of ${this.certain.length} flushed messages were lost: ${lost.slice(0, 9)}`,
    );
  }
}
