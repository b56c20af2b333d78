import { IPCError } from '../../entities/errors.js';
import type { Packet } from '../../entities/packet.js';
import { Carry } from './carry.js';
import type { Decoder, Deliver, Limits } from './dialect.js';

/** The error of a frame that is longer than `maxMessageSize`. */
export function tooLarge(limits: Limits): IPCError {
  return new IPCError(
    'ERR_IPC_TOO_LARGE',
    `A frame is longer than ${limits.maxMessageSize} bytes; raise config.maxMessageSize, or send less at a time.`,
  );
}

/** Carried bytes become text from this many on, while the rest of a long frame is still on its way. */
const LONG_FRAME = 64 * 1024;

const NOTHING = Buffer.alloc(0);

/**
 * Frames of UTF-8 text, each followed by a delimiter: node-ipc's and socket-ipc's. It looks for delimiters in bytes and
 * decodes all complete frames of a chunk at once, so no character is ever cut in two.
 */
export class DelimitedDecoder implements Decoder {
  readonly #parse: (frame: string) => Packet;
  readonly #limits: Limits;
  readonly #delimiter: string;
  readonly #bytes: Buffer;
  /** Holds no whole delimiter. */
  readonly #carry = new Carry();
  /** The beginning of a long frame, before the carry. */
  #text = '';
  #textBytes = 0;
  /** Comes after the carry: the beginning of a delimiter that a chunk ended in, or what `deliver` did not want yet. */
  #unread: Buffer = NOTHING;

  constructor(delimiter: string, parse: (frame: string) => Packet, limits: Limits) {
    this.#delimiter = delimiter;
    this.#bytes = Buffer.from(delimiter);
    this.#parse = parse;
    this.#limits = limits;
  }

  get buffered(): number {
    return this.#textBytes + this.#carry.length + this.#unread.length;
  }

  push(chunk: Buffer, deliver: Deliver): void {
    let bytes = chunk;
    if (this.#unread.length > 0) {
      bytes = chunk.length === 0 ? this.#unread : Buffer.concat([this.#unread, chunk]);
      this.#unread = NOTHING;
    }
    const width = this.#bytes.length;
    const last = width === 1 ? bytes.lastIndexOf(this.#bytes[0] as number) : bytes.lastIndexOf(this.#bytes);
    if (last === -1) {
      this.#keep(bytes);
      return;
    }
    let start = 0;
    if (this.#carry.length > 0 || this.#textBytes > 0) {
      const end = bytes.indexOf(this.#bytes);
      start = end + width;
      if (!this.#first(bytes.subarray(0, end), deliver)) {
        this.#unread = bytes.subarray(start);
        return;
      }
    }
    if (start <= last && !this.#frames(bytes, start, last, deliver)) return;
    if (last + width < bytes.length) this.#keep(bytes.subarray(last + width));
  }

  rest(): Buffer {
    const text = Buffer.from(this.#takeText());
    const bytes = Buffer.concat([text, this.#unread]);
    this.#unread = NOTHING;
    return bytes;
  }

  /** Delivers the frame whose end is `end` and whose beginning was carried. */
  #first(end: Buffer, deliver: Deliver): boolean {
    if (this.#carried + end.length > this.#limits.maxMessageSize) throw tooLarge(this.#limits);
    this.#carry.append(end);
    return deliver(this.#parse(this.#takeText()));
  }

  get #carried(): number {
    return this.#textBytes + this.#carry.length;
  }

  /** All that was carried, as text. */
  #takeText(): string {
    const text = this.#text + this.#carry.take().toString();
    this.#text = '';
    this.#textBytes = 0;
    return text;
  }

  /** Delivers the complete frames between `start` and the delimiter at `last`; false when `deliver` wanted no more. */
  #frames(bytes: Buffer, start: number, last: number, deliver: Deliver): boolean {
    if (last - start > this.#limits.maxMessageSize) return this.#measured(bytes, start, last, deliver);
    const text = bytes.toString('utf8', start, last);
    const delimiter = this.#delimiter;
    const width = delimiter.length;
    let count = 0;
    let from = 0;
    for (;;) {
      const to = text.indexOf(delimiter, from);
      const frame = to === -1 ? (from === 0 ? text : text.slice(from)) : text.slice(from, to);
      count++;
      if (!deliver(this.#parse(frame))) {
        this.#unread = bytes.subarray(this.#skip(bytes, start, count));
        return false;
      }
      if (to === -1) return true;
      from = to + width;
    }
  }

  /** Where the bytes of the frame after the next `count` frames begin. */
  #skip(bytes: Buffer, start: number, count: number): number {
    let at = start;
    for (let i = 0; i < count; i++) at = bytes.indexOf(this.#bytes, at) + this.#bytes.length;
    return at;
  }

  /** As {@link #frames}, frame by frame: for a chunk that could hold one which is too long. */
  #measured(bytes: Buffer, start: number, last: number, deliver: Deliver): boolean {
    let from = start;
    while (from <= last) {
      const to = bytes.indexOf(this.#bytes, from);
      if (to - from > this.#limits.maxMessageSize) throw tooLarge(this.#limits);
      const frame = bytes.toString('utf8', from, to);
      from = to + this.#bytes.length;
      if (!deliver(this.#parse(frame))) {
        this.#unread = bytes.subarray(from);
        return false;
      }
    }
    return true;
  }

  /** Holds the beginning of a frame. */
  #keep(bytes: Buffer): void {
    const cut = this.#cutDelimiter(bytes);
    const whole = bytes.length - cut;
    if (this.#carried + whole > this.#limits.maxMessageSize) throw tooLarge(this.#limits);
    this.#carry.append(cut === 0 ? bytes : bytes.subarray(0, whole));
    if (this.#carry.length >= LONG_FRAME) {
      const carried = this.#carry.take();
      const characters = wholeCharacters(carried);
      this.#textBytes += characters;
      this.#text += carried.toString('utf8', 0, characters);
      this.#carry.append(carried.subarray(characters));
    }
    if (cut > 0) this.#unread = Buffer.from(bytes.subarray(whole));
  }

  /** How many bytes at the end could be the beginning of a delimiter. */
  #cutDelimiter(bytes: Buffer): number {
    const delimiter = this.#bytes;
    for (let size = Math.min(delimiter.length - 1, bytes.length); size > 0; size--) {
      if (bytes.subarray(bytes.length - size).equals(delimiter.subarray(0, size))) return size;
    }
    return 0;
  }
}

/** How many bytes at the beginning are whole characters of UTF-8; what is no UTF-8 counts as whole. */
function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] as number;
    if ((byte & 0xc0) === 0x80) continue;
    const width = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return width > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}
