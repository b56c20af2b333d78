import { IPCError } from '../entities/errors.js';

/** How many errors are reported within so many milliseconds. */
const MOST = 100;
const WITHIN_MS = 60_000;

/** Bounds how often errors are reported that a sender can cause, and for which no connection is closed. */
export class ReportLimit {
  readonly #over: string;
  #count = 0;
  #since = Number.NEGATIVE_INFINITY;

  /** @param over what the messages came over, such as UDP */
  constructor(over: string) {
    this.#over = over;
  }

  /**
   * Limits the report of an error.
   * @returns what to report: the error itself, an error that says that no more will be reported, or nothing
   */
  pass(make: () => IPCError): IPCError | undefined {
    const now = performance.now();
    if (now - this.#since >= WITHIN_MS) {
      this.#since = now;
      this.#count = 0;
    }
    if (this.#count > MOST) return undefined;
    this.#count++;
    if (this.#count <= MOST) return make();
    const message = `More than ${MOST} invalid messages came over ${this.#over} within ${WITHIN_MS / 1000} s; those that follow are ignored without a report. Find out who sends them.`;
    return new IPCError('ERR_IPC_PROTOCOL', message);
  }
}
