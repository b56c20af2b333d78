import { spent } from './spent.js';

/**
 * Sends one burst per turn of the event loop, and is never more than `window` messages ahead of the receiver. So every subject
 * gets the same load as fast as it accepts it, and memory stays bounded. The receiver reports its count after every `every`
 * messages.
 */
export class Flood {
  sent = 0;
  #acked = 0;
  #waiting = false;
  #until = 0;
  #done = () => {};

  /** `send(n)` sends message `n`. `every` must be a multiple of `burst`, and `window` a multiple of `every`. */
  constructor(send, { burst, every, window }) {
    this.send = send;
    this.burst = burst;
    this.every = every;
    this.window = window;
  }

  /** Records that the receiver has received `count` messages. */
  acked(count) {
    this.#acked = count;
    if (this.#waiting) this.#turn();
  }

  /**
   * Sends for `warm` ms, waits until everything has arrived, and sends for `time` ms. Returns the messages per second of the
   * latter, and the processor time of both processes per message.
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
