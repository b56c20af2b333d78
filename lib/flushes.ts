import { IPCError } from '../entities/errors.js';
import { suppressUnhandled } from './promises.js';

interface Waiting {
  /** How many packets must have left the offline queue. */
  readonly position: number;
  resolve(): void;
  reject(error: IPCError): void;
}

/** The part of a connection that reports when the kernel has accepted everything. */
interface Draining {
  drained(callback: (lost: boolean) => void): void;
}

/** The promises that wait until the kernel has accepted everything that a client has emitted so far. */
export class Flushes {
  #waiting: Waiting[] = [];

  /** Whether any promise is waiting. */
  get waiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** Resolves when this many packets have left the offline queue, and the kernel has accepted them. */
  wait(position: number): Promise<void> {
    return suppressUnhandled(
      new Promise((resolve, reject) => {
        this.#waiting.push({ position, resolve, reject });
      }),
    );
  }

  /** This many packets have left the offline queue, over this connection if there is one. */
  passed(position: number, connection: Draining | undefined): void {
    if (this.#waiting.length === 0) return;
    const due = this.#waiting.filter((waiting) => waiting.position <= position);
    this.#waiting = this.#waiting.filter((waiting) => waiting.position > position);
    if (due.length === 0) return;
    if (connection === undefined) for (const { resolve } of due) resolve();
    else {
      connection.drained((lost) => {
        for (const waiting of due) {
          if (lost) waiting.reject(unsent());
          else waiting.resolve();
        }
      });
    }
  }

  /** The client has ended with packets in its queue. */
  end(cause: IPCError): void {
    for (const { reject } of this.#waiting.splice(0)) reject(unsent(cause));
  }
}

/** The error of data that a connection had not sent when it ended. */
export function unsent(cause?: IPCError): IPCError {
  const message =
    'The connection ended before everything was sent; listen to error for what was lost, and send it again.';
  return new IPCError('ERR_IPC_UNSENT', message, cause === undefined ? {} : { cause });
}
