import { IPCError } from '../../entities/errors.js';
import { type Limits, tooLarge } from '../../entities/limits.js';
import type { Packet } from '../../entities/packet.js';
import type { ByteQueue } from './byte-queue.js';
import { cutShort, type Deliver, type FrameReader } from './framing.js';

/** The size of a {@link Uint32Prefix}, in bytes. */
export const UINT32 = 4;

/** The format of the length before a body. */
export interface LengthPrefix {
  /** The size of the prefix that was read last, in bytes. */
  readonly size: number;
  /** The size of the body after that prefix, in bytes. */
  readonly length: number;
  /**
   * Reads the prefix at `at`.
   * @returns false if it is incomplete
   * @throws IPCError ERR_IPC_PROTOCOL
   */
  read(bytes: Buffer, at: number): boolean;
}

/** Decodes a complete body; undefined if it contains no packet. */
export type ReadBody = (bytes: Buffer, start: number, end: number) => Packet | undefined;

/** Reads frames that start with their length. */
export class LengthPrefixedReader implements FrameReader {
  readonly #prefix: LengthPrefix;
  readonly #body: ReadBody;
  readonly #limits: Limits;
  /** The size of the first frame in the queue, in bytes; 0 if it is unknown. */
  #wanted = 0;

  constructor(prefix: LengthPrefix, body: ReadBody, limits: Limits) {
    this.#prefix = prefix;
    this.#body = body;
    this.#limits = limits;
  }

  read(unread: ByteQueue, deliver: Deliver): undefined {
    const wanted = this.#wanted;
    if (unread.length < wanted || unread.length === 0) return;
    // A frame that arrived in several chunks is joined without the bytes after it.
    if (wanted > 0 && (!this.#frames(unread.take(wanted), unread, deliver) || unread.length === 0)) return;
    this.#frames(unread.take(), unread, deliver);
  }

  /** Delivers the complete frames and puts back the rest. Returns whether `deliver` wants more. */
  #frames(bytes: Buffer, unread: ByteQueue, deliver: Deliver): boolean {
    const prefix = this.#prefix;
    let at = 0;
    let more = true;
    this.#wanted = 0;
    while (more && at < bytes.length && prefix.read(bytes, at)) {
      if (prefix.length > this.#limits.maxMessageSize) throw this.#tooLarge(bytes, at);
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

  /** The four characters with which text begins are a huge length. */
  #tooLarge(bytes: Buffer, at: number): IPCError {
    const text = this.#prefix.size === UINT32 && /^[ -~]{4}$/.test(bytes.toString('latin1', at, at + UINT32));
    if (!text) return tooLarge(this.#limits);
    const message = `A frame begins with text in place of a length up to ${this.#limits.maxMessageSize} (config.maxMessageSize); set the same config.framing on both sides.`;
    return new IPCError('ERR_IPC_TOO_LARGE', message);
  }

  end(unread: ByteQueue): IPCError | undefined {
    const size = unread.length;
    unread.clear();
    this.#wanted = 0;
    return size === 0 ? undefined : cutShort(size, 'rest');
  }
}

const LONGEST = 0xffffffff;

export type ByteOrder = 'little-endian' | 'big-endian';

/** A length as a four-byte integer. */
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
 * Writes the length of a body into the four free bytes before it.
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
