import { constants } from 'node:buffer';
import type { IPCError } from '../../entities/errors.js';
import { type Limits, tooLarge } from '../../entities/limits.js';
import type { Packet } from '../../entities/packet.js';
import type { ByteQueue } from './byte-queue.js';
import { checkFirstBytes } from './first-bytes.js';
import { cutShort, type Deliver, type FrameReader } from './framing.js';

/** Bytes that are enough to tell other protocols by. */
const LONGEST_BEGINNING = 24;
/** So many bytes at the end of a stream may be blank. */
const BLANK = 16;

/** Reads frames of text. */
export interface FrameParser {
  /**
   * The packet of the frame that `text` holds from one position to another; nothing, where the frame is blank. `plain` text has
   * no backslash.
   */
  parse(text: string, from: number, to: number, plain: boolean): Packet | undefined;
}

/** Reads frames of a kind that need not become text. */
export interface BytesReader {
  /** Whether the frame from a position on may be of that kind: a quick look. */
  begins(bytes: Buffer, from: number): boolean;
  /** The packet of a frame; nothing, where it is of another kind. */
  read(bytes: Buffer, from: number, to: number): Packet | undefined;
}

/**
 * Frames of UTF-8 text, each followed by a delimiter. It looks for delimiters in bytes and decodes all complete frames of
 * a chunk at once, so no character is ever cut in two. Empty frames are passed over, and so is a byte order mark at the
 * very beginning.
 */
export class DelimitedReader implements FrameReader {
  readonly #parser: FrameParser;
  readonly #limits: Limits;
  readonly #delimiter: Delimiter;
  readonly #bytesReader: BytesReader | undefined;
  /** Whether the first bytes have been looked at. */
  #begun = false;
  /** Whether the queue begins with a frame whose end had not come. */
  #partial = false;
  /** Whether `deliver` wanted no more. */
  #stopped = false;

  constructor(delimiter: string, parser: FrameParser, limits: Limits, bytesReader?: BytesReader) {
    this.#bytesReader = bytesReader;
    this.#delimiter = delimiterOf(delimiter);
    this.#parser = parser;
    this.#limits = limits;
  }

  read(unread: ByteQueue, deliver: Deliver): undefined {
    if (unread.length === 0 || (!this.#begun && !this.#begins(unread))) return;
    if (this.#partial && !this.#first(unread, deliver)) return;
    const bytes = unread.take();
    const last = this.#lastDelimiter(bytes);
    this.#stopped = false;
    const start = last === -1 ? 0 : this.#frames(bytes, last, deliver);
    const rest = bytes.length - start;
    if (rest === 0) return;
    if (this.#stopped) {
      unread.keep(bytes.subarray(start));
      return;
    }
    this.#partial = true;
    const searched = Math.max(0, rest - this.#delimiter.bytes.length + 1);
    this.#check(searched);
    unread.keep(start === 0 ? bytes : bytes.subarray(start), searched);
  }

  end(unread: ByteQueue): IPCError | undefined {
    const size = unread.length;
    const blank = size <= BLANK && unread.take().toString().trim() === '';
    unread.clear();
    this.#begun = false;
    this.#partial = false;
    return blank ? undefined : cutShort(size, 'delimiter');
  }

  /** Whether the first bytes tell that the stream can be read. */
  #begins(unread: ByteQueue): boolean {
    const head = unread.peek(this.#delimiter.bytes.length + LONGEST_BEGINNING);
    const skipped = head.indexOf(this.#delimiter.bytes) === 0 ? 0 : checkFirstBytes(head);
    if (skipped === -1) return false;
    unread.take(skipped);
    this.#begun = true;
    return true;
  }

  /** Where the last delimiter begins: mostly at the very end, as peers write whole frames. */
  #lastDelimiter(bytes: Buffer): number {
    if (this.#delimiter.bytes.length > 1) return bytes.lastIndexOf(this.#delimiter.bytes);
    const byte = this.#delimiter.bytes[0] as number;
    const end = bytes.length - 1;
    return bytes[end] === byte ? end : bytes.lastIndexOf(byte);
  }

  /** Delivers the frame that the queue begins with; whether it was there and `deliver` wants more. */
  #first(unread: ByteQueue, deliver: Deliver): boolean {
    const width = this.#delimiter.bytes.length;
    const end = unread.indexOf(this.#delimiter.bytes);
    this.#check(end === -1 ? unread.length - width + 1 : end);
    if (end === -1) return false;
    this.#partial = false;
    const packet = unread.takeFor(end, (bytes, from, to) => this.#packet(bytes, from, to));
    unread.take(width);
    return (packet === undefined || deliver(packet)) && unread.length > 0;
  }

  /** @throws IPCError ERR_IPC_TOO_LARGE for a frame, or the beginning of one, of so many bytes */
  #check(size: number): void {
    if (size > this.#longest) throw tooLarge(this.#limits);
  }

  /** The longest frame, in bytes: no string can be longer than Node's longest. */
  get #longest(): number {
    return Math.min(this.#limits.maxMessageSize, constants.MAX_STRING_LENGTH);
  }

  /** Delivers the complete frames up to the delimiter at `last`; where those that were delivered end. */
  #frames(bytes: Buffer, last: number, deliver: Deliver): number {
    if (this.#bytesReader?.begins(bytes, 0) || last > this.#longest || this.#isUnclear(bytes, last)) {
      return this.#oneByOne(bytes, deliver);
    }
    const text = bytes.toString('utf8', 0, last);
    const delimiter = this.#delimiter.text;
    const width = delimiter.length;
    const plain = isPlain(text);
    let count = 0;
    let from = 0;
    for (;;) {
      const at = text.indexOf(delimiter, from);
      const to = at === -1 ? text.length : at;
      count++;
      if (to > from) {
        const packet = this.#parser.parse(text, from, to, plain);
        if (packet !== undefined && !deliver(packet)) {
          this.#stopped = true;
          return this.#skip(bytes, count);
        }
      }
      if (at === -1) return last + this.#delimiter.bytes.length;
      from = to + width;
    }
  }

  /** Whether the text of the frames could be divided otherwise than their bytes. */
  #isUnclear(bytes: Buffer, last: number): boolean {
    const { replacement, shifts } = this.#delimiter;
    if (replacement) return true;
    for (let i = 0; i < shifts.length; i++) {
      // One that begins before the last one counts, not the last one.
      let at = last - (shifts[i] as number);
      if (at < 0) continue;
      const from = at;
      while (at < last && bytes[at] === this.#delimiter.bytes[at - from]) at++;
      if (at === last) return true;
    }
    return false;
  }

  /** Where the bytes of the frame after the first `count` frames begin. */
  #skip(bytes: Buffer, count: number): number {
    let at = 0;
    for (let i = 0; i < count; i++)
      at = bytes.indexOf(this.#delimiter.bytes, at) + this.#delimiter.bytes.length;
    return at;
  }

  /** As {@link #frames}, with each frame measured and decoded by itself. */
  #oneByOne(bytes: Buffer, deliver: Deliver): number {
    let from = 0;
    for (;;) {
      const to = bytes.indexOf(this.#delimiter.bytes, from);
      if (to === -1) return from;
      this.#check(to - from);
      const packet = this.#packet(bytes, from, to);
      from = to + this.#delimiter.bytes.length;
      if (packet !== undefined && !deliver(packet)) {
        this.#stopped = true;
        return from;
      }
    }
  }

  #packet(bytes: Buffer, from: number, to: number): Packet | undefined {
    if (to === from) return undefined;
    const read = this.#bytesReader?.read(bytes, from, to);
    if (read !== undefined) return read;
    const frame = bytes.toString('utf8', from, to);
    return frame === '' ? undefined : this.#parser.parse(frame, 0, frame.length, isPlain(frame));
  }
}

/** Asked once for many frames: each by itself would cost two percent. */
function isPlain(text: string): boolean {
  return !text.includes('\\');
}

/** What is known of a delimiter. */
interface Delimiter {
  readonly text: string;
  readonly bytes: Buffer;
  /** By how many bytes it can overlap with itself. */
  readonly shifts: readonly number[];
  /** Whether bytes that are not UTF-8 could become its text. */
  readonly replacement: boolean;
}

/** The one that was asked for last: mostly all connections have the same. */
let latest: Delimiter | undefined;

function delimiterOf(text: string): Delimiter {
  if (latest?.text === text) return latest;
  const bytes = Buffer.from(text);
  latest = { text, bytes, shifts: shiftsOf(bytes), replacement: text.includes('\ufffd') };
  return latest;
}

/** The distances at which a second delimiter can begin inside of a first one. */
function shiftsOf(delimiter: Buffer): number[] {
  const shifts: number[] = [];
  for (let shift = 1; shift < delimiter.length; shift++) {
    if (delimiter.subarray(shift).equals(delimiter.subarray(0, -shift))) shifts.push(shift);
  }
  return shifts;
}
