import { closedError } from '../../entities/errors.js';
import type { Connection } from '../../lib/connection.js';
import { quiet } from '../../lib/promises.js';

const DONE = Promise.resolve();

/** How long a broadcast waits for a client that reads slowly, in milliseconds. */
const PATIENCE = 100;

/** When a connection's outbox has emptied: how its senders know that they may go on. */
export class Drain {
  readonly #connection: Connection;
  #emptied: Promise<void> | undefined;
  /** A wait that ends early, for all who wait while the outbox is full. */
  #moment: Promise<void> | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Resolves at once while little waits to be written, else when all of it is; rejects where the connection is lost first. */
  wait(): Promise<void> {
    if (this.#emptied !== undefined) return this.#emptied;
    const { outbox, socket, open } = this.#connection;
    if (outbox.pending < socket.writableHighWaterMark || !open) return DONE;
    this.#emptied = quiet(this.#empty());
    return this.#emptied;
  }

  /** As {@link wait}, but only for a moment: one that does not read must not keep the others waiting. */
  waitAMoment(): Promise<void> {
    const emptied = this.wait();
    if (emptied === DONE) return DONE;
    this.#moment ??= moment(emptied);
    return this.#moment;
  }

  #empty(): Promise<void> {
    const { outbox, socket } = this.#connection;
    outbox.flush();
    return new Promise((resolve, reject) => {
      // Nothing, written after all the rest.
      socket.write('', (error) => {
        this.#emptied = undefined;
        this.#moment = undefined;
        if (error) reject(closedError('the connection'));
        else resolve();
      });
    });
  }
}

function moment(emptied: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, PATIENCE);
    const done = () => {
      clearTimeout(timer);
      resolve();
    };
    emptied.then(done, done);
  });
}
