import { spent } from './spent.js';

/**
 * Sends in bursts, one a turn of the event loop, and never runs further ahead of the receiver than `window`: every
 * subject gets the same load, as fast as it takes it, and memory stays bounded. The receiver says how many messages it
 * has had every `every` messages.
 */
export class Flood {
  sent = 0;
  #acked = 0;
  #waiting = false;
  #until = 0;
  #done = () => {};

  /** `send(n)` sends message `n`; `every` is a multiple of `burst`, `window` of `every`. */
  constructor(send, { burst, every, window }) {
    this.send = send;
    this.burst = burst;
    this.every = every;
    this.window = window;
  }

  /** The receiver has had `count` messages. */
  acked(count) {
    this.#acked = count;
    if (this.#waiting) this.#turn();
  }

  /**
   * Floods for `warm` ms, waits until all has arrived, floods for `time` ms, and gives the messages a second of that and
   * the processor time of both processes a message.
   */
  async rate({ warm, time, other }) {
    await this.#phase(warm);
    const first = this.sent;
    const before = spent(other);
    const start = performance.now();
    await this.#phase(time);
    const took = performance.now() - start;
    const count = this.sent - first;
    return { rate: (count / took) * 1000, cpu: (spent(other) - before) / count };
  }

  #phase(ms) {
    return new Promise((done) => {
      this.#done = done;
      this.#until = performance.now() + ms;
      this.#turn();
    });
  }

  #turn = () => {
    this.#waiting = false;
    if (this.sent % this.every === 0 && performance.now() >= this.#until) {
      if (this.#acked === this.sent) this.#done();
      else this.#waiting = true;
      return;
    }
    if (this.sent - this.#acked > this.window - this.burst) {
      this.#waiting = true;
      return;
    }
    for (let i = 0; i < this.burst; i++) this.send(this.sent++);
    setImmediate(this.#turn);
  };
}
