import type { Socket } from 'node:net';
import { fs } from '../lazy-modules.js';

/** How long the exit of the process waits for a peer that reads nothing, in milliseconds. */
export const STUCK_TIME = 500;
/** How many bytes are passed to a handle at once. */
const PIECE = 16 * 1024;

/**
 * The data of a socket that the kernel has not accepted when the process exits. It must be written without the event loop.
 */
export interface Rest {
  /** Whether the kernel has accepted everything. */
  readonly taken: boolean;
  /**
   * Writes as much as the kernel accepts at once.
   * @param now performance.now()
   * @returns how many bytes were accepted; negative if none ever will be
   */
  write(now: number): number;
}

/** Writes through the descriptor of the socket. */
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
 * Writes through Node's handle, since on Windows there is no descriptor. The handle passes each write to the kernel at
 * once. Its queue grows only by data that the kernel does not accept, and shrinks only in the event loop. So whether the
 * last write has been accepted in the meantime shows in the next one, because writes are accepted in order. While a write
 * waits, single bytes are written as probes.
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
    // Keeps half back, for probes in case the kernel does not accept the other half.
    const size = this.#waits ? 1 : Math.min(PIECE, Math.ceil(left / 2));
    const queued = this.#queued;
    const piece = this.#bytes.subarray(0, size);
    this.#bytes = this.#bytes.subarray(size);
    this.#socket._write(piece, 'buffer' as BufferEncoding, this.#called);
    if (this.#failed) return -1;
    this.#waits = this.#queued > queued;
    if (!this.#waits) return size;
    // The remaining bytes must last as probes for the whole waiting time.
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
