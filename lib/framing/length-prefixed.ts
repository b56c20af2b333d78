import { IPCError } from '../../entities/errors.js';
import { type Limits, tooLarge } from '../../entities/limits.js';
import type { Packet } from '../../entities/packet.js';
import type { ByteQueue } from './byte-queue.js';
import { cutShort, type Deliver, type FrameReader } from './framing.js';

/** How the length of a body is written before it. */
export interface LengthPrefix {
  /** Bytes of the prefix that was read last. */
  readonly size: number;
  /** Bytes of the body that it announces. */
  readonly length: number;
  /**
   * Reads the prefix at `at`.
   * @returns false if its end has not come yet
   * @throws IPCError ERR_IPC_PROTOCOL
   */
  read(bytes: Buffer, at: number): boolean;
}

/** The packet of a whole body; nothing, where there is none in it. */
export type ReadBody = (bytes: Buffer, start: number, end: number) => Packet | undefined;

/** Frames that begin with their length. */
export class LengthPrefixedReader implements FrameReader {
  readonly #prefix: LengthPrefix;
  readonly #body: ReadBody;
  readonly #limits: Limits;
  /** Bytes of the frame that the queue begins with; 0 if they are not known. */
  #wanted = 0;

  constructor(prefix: LengthPrefix, body: ReadBody, limits: Limits) {
    this.#prefix = prefix;
    this.#body = body;
    this.#limits = limits;
  }

  read(unread: ByteQueue, deliver: Deliver): undefined {
    const wanted = this.#wanted;
    if (unread.length < wanted || unread.length === 0) return;
    // A frame that came in several chunks is joined without what follows it.
    if (wanted > 0 && (!this.#frames(unread.take(wanted), unread, deliver) || unread.length === 0)) return;
    this.#frames(unread.take(), unread, deliver);
  }

  /** Delivers the complete frames in some bytes, and puts back what follows them; whether `deliver` wants more. */
  #frames(bytes: Buffer, unread: ByteQueue, deliver: Deliver): boolean {
    const prefix = this.#prefix;
    let at = 0;
    let more = true;
    this.#wanted = 0;
    while (more && at < bytes.length && prefix.read(bytes, at)) {
      if (prefix.length > this.#limits.maxMessageSize) throw tooLarge(this.#limits);
      const start = at + prefix.size;
      const end = start + prefix.length;
      if (end > bytes.length) {
        this.#wanted = end - at;
        break;
      }
      at = end;
      const packet = this.#body(bytes, start, end);
      more = packet === undefined || deliver(packet);
    }
    if (at < bytes.length) unread.keep(at === 0 ? bytes : bytes.subarray(at));
    return more;
  }

  end(unread: ByteQueue): IPCError | undefined {
    const size = unread.length;
    unread.clear();
    this.#wanted = 0;
    return size === 0 ? undefined : cutShort(size, 'rest');
  }
}

/** Bytes of a {@link Uint32Prefix}. */
export const UINT32 = 4;
const LONGEST = 0xffffffff;

export type ByteOrder = 'little-endian' | 'big-endian';

/** A length in four bytes. */
export class Uint32Prefix implements LengthPrefix {
  readonly size = UINT32;
  length = 0;
  readonly #little: boolean;

  constructor(order: ByteOrder) {
    this.#little = order === 'little-endian';
  }

  read(bytes: Buffer, at: number): boolean {
    if (bytes.length - at < UINT32) return false;
    this.length = this.#little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
    return true;
  }
}

/**
 * Writes the length of a body into the four bytes that were left free before it.
 * @throws IPCError ERR_IPC_TOO_LARGE
 */
export function writeUint32(frame: Buffer, order: ByteOrder): Buffer {
  const size = frame.length - UINT32;
  if (size > LONGEST) {
    const message = `The message has ${size} bytes, and its length is written in four; send less at a time.`;
    throw new IPCError('ERR_IPC_TOO_LARGE', message);
  }
  if (order === 'little-endian') frame.writeUInt32LE(size);
  else frame.writeUInt32BE(size);
  return frame;
}
