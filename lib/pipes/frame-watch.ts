import { IPCError } from '../../entities/errors.js';

/** What a {@link FrameWatch} asks and tells the pipe whose frames it watches. */
export interface Watched {
  /** Whether a frame has begun and not ended. */
  unfinished(): boolean;
  /** Whether the pipe does not read, so that nothing can come. */
  paused(): boolean;
  late(error: IPCError): void;
}

/** Gives a frame that has begun a time for each chunk more; one timer serves all frames of a pipe. */
export class FrameWatch {
  readonly #watched: Watched;
  #timer: NodeJS.Timeout | undefined;
  #lastByte = 0;

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  /** A part of a frame has come; the next may take `timeout` milliseconds. */
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
    const message = `No byte more of a frame came for ${timeout} ms (config.messageTimeout); the connection is closed.`;
    this.#watched.late(new IPCError('ERR_IPC_TIMEOUT', message));
  }
}
