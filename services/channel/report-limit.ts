import { IPCError } from '../../entities/errors.js';

/** How many errors are reported within so many milliseconds. */
const MOST = 100;
const WITHIN_MS = 60_000;

/**
 * Bounds how often errors are reported that any program with access to NATS can cause, and that no connection can be closed
 * for.
 */
export class ReportLimit {
  readonly #failed: (error: IPCError) => void;
  #count = 0;
  #since = Number.NEGATIVE_INFINITY;

  constructor(failed: (error: IPCError) => void) {
    this.#failed = failed;
  }

  /** Reports an error, unless too many were reported lately. */
  report(make: () => IPCError): void {
    const now = performance.now();
    if (now - this.#since >= WITHIN_MS) {
      this.#since = now;
      this.#count = 0;
    }
    if (this.#count > MOST) return;
    this.#count++;
    if (this.#count <= MOST) this.#failed(make());
    else {
      const message = `More than ${MOST} invalid messages came over NATS within ${WITHIN_MS / 1000} s; those that follow are ignored without a report. Find out who sends them.`;
      this.#failed(new IPCError('ERR_IPC_PROTOCOL', message));
    }
  }
}
