/** What a {@link Closer} waits for. */
export interface Busy {
  /** The number of requests that the peer has not answered. */
  readonly openCalls: number;
  /** The number of the peer's requests whose handlers are running. */
  readonly answering: number;
  /** The time limit has passed: ends what would not end by itself. */
  giveUp(): void;
}

/**
 * Waits until no request is open in either direction. Handlers that have not answered after `patience` milliseconds are
 * ignored, since the peer has stopped waiting for them; 0 waits for them without limit.
 */
export class Closer {
  readonly #busy: Busy;
  #idle: (() => void) | undefined;
  /** Whether the time limit for handlers has passed, and its timer. */
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

  /** Whether it is still waiting. */
  get waits(): boolean {
    return this.#idle !== undefined;
  }

  /** Calls back, once, if there is nothing left to wait for. */
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
