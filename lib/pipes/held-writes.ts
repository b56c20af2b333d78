import type { Socket } from 'node:net';

const windows = process.platform === 'win32';

/** What Node has beneath a socket; on Windows the descriptor is missing, in other runtimes more. */
interface Handle {
  readonly fd?: number;
  /** How many bytes it was given, and how many of those the kernel has not taken. */
  readonly bytesWritten?: number;
  readonly writeQueueSize?: number;
}

/**
 * What a socket was given and has not finished writing. Node shows how much of it the kernel lacks, and what it is is known
 * here, so that it can be written when no event loop will do it.
 */
export class HeldWrites {
  readonly #socket: Socket;
  #chunks: (string | Buffer)[] = [];
  #size = 0;
  /** How much was added since the socket was looked at, and what it had been given in all by then. */
  #added = 0;
  #given = 0;
  /** Whether somebody else has written in between. */
  #mixed = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** The socket's descriptor, or -1. */
  get descriptor(): number {
    return this.#handle?.fd ?? -1;
  }

  /** Adds what the socket was given just now; {@link look} follows when that is all. */
  add(chunk: string | Buffer): void {
    const size = lengthOf(chunk);
    this.#chunks.push(chunk);
    this.#size += size;
    this.#added += size;
  }

  /** Drops what the socket has written, and checks that nobody else has written to it. */
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
   * What the kernel has not taken, and on Windows has not been given; undefined if that cannot be known, or not be written
   * without the event loop.
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

  /** The length of the first chunk after some; 0 if there is none. */
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
