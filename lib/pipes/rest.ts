import type { Socket } from 'node:net';
import { fs } from '../lazy-modules.js';

/** How long the exit of the process waits for a peer that takes no byte, in milliseconds. */
export const STUCK_TIME = 500;
/** How much is given to a handle at once. */
const PIECE = 16 * 1024;

/** What the kernel has not taken of a socket's bytes when the process exits, and no event loop writes any more. */
export interface Rest {
  /** Whether the kernel has taken everything. */
  readonly taken: boolean;
  /**
   * Writes what the kernel takes at once.
   * @param now performance.now()
   * @returns how many bytes it took; a negative number where it will never take any
   */
  write(now: number): number;
}

/** A rest that is written to the socket's descriptor. */
export class DescriptorRest implements Rest {
  readonly #descriptor: number;
  #bytes: Buffer;

  constructor(descriptor: number, bytes: Buffer) {
    this.#descriptor = descriptor;
    this.#bytes = bytes;
  }

  get taken(): boolean {
    return this.#bytes.length === 0;
  }

  write(): number {
    try {
      const written = fs.writeSync(this.#descriptor, this.#bytes);
      this.#bytes = this.#bytes.subarray(written);
      return written;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EAGAIN' ? 0 : -1;
    }
  }
}

/**
 * A rest that is written through Node's handle, as on Windows no descriptor can be had. The handle gives each write to the
 * kernel at once. Its queue grows only by what the kernel does not take, and shrinks in the event loop only, so whether a write
 * has been taken since shows in the next one: writes are taken in order. While one waits, single bytes ask.
 */
export class HandleRest implements Rest {
  readonly #socket: Socket;
  #bytes: Buffer;
  #waits: boolean;
  #nextProbe: number;
  #failed = false;

  constructor(socket: Socket, bytes: Buffer, now = performance.now()) {
    this.#socket = socket;
    this.#bytes = bytes;
    this.#waits = this.#queued > 0;
    this.#nextProbe = now;
  }

  get taken(): boolean {
    return this.#bytes.length === 0 && !this.#waits && !this.#failed;
  }

  write(now: number): number {
    if (this.#failed) return -1;
    const left = this.#bytes.length;
    if (left === 0 || (this.#waits && now < this.#nextProbe)) return 0;
    // Half is kept back, to ask with it should the kernel not take the other.
    const size = this.#waits ? 1 : Math.min(PIECE, Math.ceil(left / 2));
    const queued = this.#queued;
    const piece = this.#bytes.subarray(0, size);
    this.#bytes = this.#bytes.subarray(size);
    this.#socket._write(piece, 'buffer' as BufferEncoding, this.#called);
    if (this.#failed) return -1;
    this.#waits = this.#queued > queued;
    if (!this.#waits) return size;
    // The bytes that are left have to last for as long as somebody waits.
    this.#nextProbe = now + STUCK_TIME / (this.#bytes.length + 1);
    return 0;
  }

  readonly #called = (error?: Error | null): void => {
    if (error) this.#failed = true;
  };

  get #queued(): number {
    const { _handle: handle } = this.#socket as unknown as { _handle?: { writeQueueSize?: number } | null };
    return handle?.writeQueueSize ?? 0;
  }
}
