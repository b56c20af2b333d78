/** What a {@link Closer} waits for. */
export interface Busy {
  /** Requests that the peer has not answered. */
  readonly openCalls: number;
  /** Requests of the peer's whose handlers are at work. */
  readonly answering: number;
  /** It was waited long enough: ends what has no end of its own. */
  giveUp(): void;
}

/**
 * Waits until no request is open either way. Handlers that have not answered after `patience` milliseconds, for which the
 * peer waits no longer, are left alone; 0 waits for them forever.
 */
export class Closer {
  readonly #busy: Busy;
  #idle: (() => void) | undefined;
  /** Whether it was waited long enough for handlers that do not answer, and what says so. */
  #impatient = false;
  #patience: NodeJS.Timeout | undefined;

  constructor(busy: Busy, patience: number, idle: () => void) {
    this.#busy = busy;
    this.#idle = idle;
    if (patience > 0) {
      this.#patience = setTimeout(() => {
        this.#impatient = true;
        this.#busy.giveUp();
        this.check();
      }, patience);
    }
  }

  /** Whether it still waits. */
  get waits(): boolean {
    return this.#idle !== undefined;
  }

  /** Calls back, once, where there is nothing left to wait for. */
  check(): void {
    const { openCalls, answering } = this.#busy;
    if (this.#idle === undefined || openCalls > 0) return;
    if (answering > 0 && !this.#impatient) return;
    const idle = this.#idle;
    this.cancel();
    idle();
  }

  cancel(): void {
    this.#idle = undefined;
    clearTimeout(this.#patience);
  }
}
