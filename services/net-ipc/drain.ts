import { lostError } from '../../entities/errors.js';
import type { Pipe } from '../../lib/pipes/pipe.js';
import { suppressUnhandled } from '../../lib/promises.js';

const DONE = Promise.resolve();

/** How long a broadcast waits for a client that reads slowly, in milliseconds. */
const PATIENCE = 100;

/** A position in the written data, and the promises that wait until it is reached. */
class Mark {
  readonly reached: Promise<void>;
  settle!: (lost: boolean) => void;

  constructor() {
    this.reached = suppressUnhandled(
      new Promise((resolve, reject) => {
        this.settle = (lost) => (lost ? reject(lostError('the other side')) : resolve());
      }),
    );
  }
}

/** Tracks when the data of a connection has been written, so that senders know when to continue. */
export class Drain {
  readonly #pipe: Pipe;
  /** The mark that is being waited for, and the one for data sent after it. */
  #mark: Mark | undefined;
  #next: Mark | undefined;
  #moment: Promise<void> | undefined;

  constructor(pipe: Pipe) {
    this.#pipe = pipe;
  }

  /**
   * Resolves at once while little data is queued, otherwise when all of it is written. Rejects if the connection is lost
   * first.
   */
  wait(): Promise<void> {
    if (this.#mark !== undefined) {
      this.#next ??= new Mark();
      return this.#next.reached;
    }
    if (!this.#pipe.congested || !this.#pipe.open) return DONE;
    const mark = new Mark();
    this.#await(mark);
    return mark.reached;
  }

  /** Like {@link wait}, but with a time limit, so that a client that does not read cannot block the others. */
  waitAMoment(): Promise<void> {
    const done = this.wait();
    if (done === DONE) return DONE;
    this.#moment ??= moment(done);
    return this.#moment;
  }

  #await(mark: Mark): void {
    this.#mark = mark;
    this.#pipe.drained((lost) => {
      const next = this.#next;
      this.#mark = undefined;
      this.#next = undefined;
      mark.settle(lost);
      if (next !== undefined) this.#await(next);
      else this.#moment = undefined;
    });
  }
}

function moment(done: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, PATIENCE);
    const end = () => {
      clearTimeout(timer);
      resolve();
    };
    done.then(end, end);
  });
}
