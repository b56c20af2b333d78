import { IPCError } from '../../entities/errors.js';

/** The pipe whose frames a {@link FrameWatch} watches. */
export interface Watched {
  /** Whether there is an incomplete frame. */
  unfinished(): boolean;
  /** Whether the pipe is not reading, so that no data can arrive. */
  paused(): boolean;
  late(error: IPCError): void;
}

/** Enforces a time limit between the chunks of an incomplete frame. One timer serves all frames of a pipe. */
export class FrameWatch {
  readonly #watched: Watched;
  #timer: NodeJS.Timeout | undefined;
  #lastByte = 0;

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  /** A part of a frame arrived; the next one may take `timeout` milliseconds. */
  touch(timeout: number): void {
    this.#lastByte = performance.now();
    this.#timer ??= setTimeout(() => this.#check(timeout), timeout).unref();
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #check(timeout: number): void {
    this.#timer = undefined;
    if (!this.#watched.unfinished()) return;
    const left = this.#watched.paused() ? timeout : this.#lastByte + timeout - performance.now();
    if (left > 1) {
      this.#timer = setTimeout(() => this.#check(timeout), left).unref();
      return;
    }
    const message = `A message was incomplete, and no further byte of it came for ${timeout} ms (config.messageTimeout); the connection is closed.`;
    this.#watched.late(new IPCError('ERR_IPC_TIMEOUT', message));
  }
}
