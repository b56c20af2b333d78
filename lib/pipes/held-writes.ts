import type { Socket } from 'node:net';

const windows = process.platform === 'win32';

/** Node's internal handle of a socket. On Windows it has no descriptor; other runtimes lack more. */
interface Handle {
  readonly fd?: number;
  /** How many bytes were passed to the handle, and how many of those the kernel has not accepted. */
  readonly bytesWritten?: number;
  readonly writeQueueSize?: number;
}

/**
 * Remembers the data that a socket was given and has not finished writing. Node only shows how many bytes the kernel has
 * not accepted; together with the data, they can be written at the exit, when no event loop runs.
 */
export class HeldWrites {
  readonly #socket: Socket;
  #chunks: (string | Buffer)[] = [];
  #size = 0;
  /** How many bytes were added since the last look at the socket, and how many it had been given in total by then. */
  #added = 0;
  #given = 0;
  /** Whether other code has written to the socket in between. */
  #mixed = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** The file descriptor of the socket, or -1. */
  get descriptor(): number {
    return this.#handle?.fd ?? -1;
  }

  /** Adds data that the socket was just given; {@link look} must follow the last of several. */
  add(chunk: string | Buffer): void {
    const size = lengthOf(chunk);
    this.#chunks.push(chunk);
    this.#size += size;
    this.#added += size;
  }

  /** Removes the data that the socket has written, and checks that no other code has written to it. */
  look(): void {
    const { bytesWritten, writableLength } = this.#socket;
    if (this.#size > this.#added && bytesWritten !== this.#given + this.#added) this.#mixed = true;
    this.#given = bytesWritten;
    this.#added = 0;
    let done = 0;
    for (
      let first = this.#first(0);
      first > 0 && this.#size - first >= writableLength;
      first = this.#first(done)
    ) {
      this.#size -= first;
      done++;
    }
    if (done > 0) this.#chunks.splice(0, done);
  }

  /**
   * The data that the kernel has not accepted, or on Windows has not been given; undefined if it is unknown or cannot be
   * written without the event loop.
   */
  unsent(): Buffer | undefined {
    const { bytesWritten } = this.#socket;
    const { bytesWritten: dispatched, writeQueueSize: queued } = this.#handle ?? {};
    if (dispatched === undefined || queued === undefined) return undefined;
    if (this.descriptor < 0 && !windows) return undefined;
    if (this.#mixed || bytesWritten !== this.#given) return undefined;
    const unsent = bytesWritten - (windows ? dispatched : dispatched - queued);
    if (unsent > this.#size) return undefined;
    const bytes = Buffer.concat(this.#chunks.map((chunk) => Buffer.from(chunk as string)));
    return bytes.subarray(bytes.length - unsent);
  }

  /** The length of the first chunk after `done`; 0 if there is none. */
  #first(done: number): number {
    const chunk = this.#chunks[done];
    return chunk === undefined ? 0 : lengthOf(chunk);
  }

  get #handle(): Handle | undefined {
    return (this.#socket as unknown as { _handle?: Handle | null })._handle ?? undefined;
  }
}

function lengthOf(chunk: string | Buffer): number {
  return typeof chunk === 'string' ? Buffer.byteLength(chunk) : chunk.length;
}
