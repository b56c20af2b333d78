import { constants } from 'node:buffer';
import type { IPCError } from '../../entities/errors.js';
import { type Limits, tooLarge } from '../../entities/limits.js';
import type { Packet } from '../../entities/packet.js';
import { CharacterSearch } from '../character-search.js';
import type { ByteQueue } from './byte-queue.js';
import { checkFirstBytes } from './first-bytes.js';
import { cutShort, type Deliver, type FrameReader } from './framing.js';

/** From this many characters on, the search for the first delimiter takes care of the script of a text. */
const LONG = 64 * 1024;
/** How many bytes are enough to recognize other protocols. */
const LONGEST_BEGINNING = 24;
/** How many blank bytes are ignored at the end of a stream. */
const BLANK = 16;

/** Parses frames of text. */
export interface FrameParser {
  /**
   * Parses the frame between two positions of `text`; undefined if the frame is blank. `plain` means that the text has no
   * backslash.
   */
  parse(text: string, from: number, to: number, plain: boolean): Packet | undefined;
  /** Creates a parser with caches for one connection, which parses what follows its first chunk. */
  own?(): FrameParser;
}

/** Reads a kind of frame that need not be converted to a string. */
export interface BytesReader {
  /** Quick check whether the frame at a position may be of that kind. */
  begins(bytes: Buffer, from: number): boolean;
  /** Reads a frame; undefined if it is of another kind. */
  read(bytes: Buffer, from: number, to: number): Packet | undefined;
}

/** What the readers of many connections have in common. */
export class DelimitedFormat {
  readonly delimiter: Delimiter;
  readonly parser: FrameParser;
  readonly limits: Limits;
  readonly bytesReader: BytesReader | undefined;

  constructor(delimiter: string, parser: FrameParser, limits: Limits, bytesReader?: BytesReader) {
    this.delimiter = delimiterOf(delimiter);
    this.parser = parser;
    this.limits = limits;
    this.bytesReader = bytesReader;
  }
}

/**
 * Reads frames of UTF-8 text that end with a delimiter. It searches for delimiters in the bytes and decodes all complete
 * frames of a chunk at once, so a multi-byte character is never split. Empty frames are skipped, and so is a byte order
 * mark at the start.
 */
export class DelimitedReader implements FrameReader {
  readonly #format: DelimitedFormat;
  #parser: FrameParser;
  /** Whether the first bytes of the stream have been checked. */
  #begun = false;
  /** Whether the queue starts with an incomplete frame. */
  #partial = false;
  /** Whether `deliver` asked to stop. */
  #stopped = false;

  constructor(format: DelimitedFormat) {
    this.#format = format;
    this.#parser = format.parser;
  }

  read(unread: ByteQueue, deliver: Deliver): undefined {
    if (unread.length === 0) return;
    if (this.#begun) this.#parser = this.#parser.own?.() ?? this.#parser;
    else if (!this.#begins(unread)) return;
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
    const searched = Math.max(0, rest - this.#format.delimiter.bytes.length + 1);
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

  /** Whether the first bytes show a readable stream. */
  #begins(unread: ByteQueue): boolean {
    const head = unread.peek(this.#format.delimiter.bytes.length + LONGEST_BEGINNING);
    const skipped = head.indexOf(this.#format.delimiter.bytes) === 0 ? 0 : checkFirstBytes(head);
    if (skipped === -1) return false;
    unread.take(skipped);
    this.#begun = true;
    return true;
  }

  /** The position of the last delimiter. It usually is at the very end, since peers write whole frames. */
  #lastDelimiter(bytes: Buffer): number {
    if (this.#format.delimiter.bytes.length > 1) return bytes.lastIndexOf(this.#format.delimiter.bytes);
    const byte = this.#format.delimiter.bytes[0] as number;
    const end = bytes.length - 1;
    return bytes[end] === byte ? end : bytes.lastIndexOf(byte);
  }

  /** Delivers the first frame in the queue. Returns true if it was complete and `deliver` wants more. */
  #first(unread: ByteQueue, deliver: Deliver): boolean {
    const width = this.#format.delimiter.bytes.length;
    const end = unread.indexOf(this.#format.delimiter.bytes);
    this.#check(end === -1 ? unread.length - width + 1 : end);
    if (end === -1) return false;
    this.#partial = false;
    const packet = unread.takeFor(end, (bytes, from, to) => this.#packet(bytes, from, to));
    unread.take(width);
    return (packet === undefined || deliver(packet)) && unread.length > 0;
  }

  /** @throws IPCError ERR_IPC_TOO_LARGE if a frame, or its known part, exceeds the limit */
  #check(size: number): void {
    if (size > this.#longest) throw tooLarge(this.#format.limits);
  }

  /** The size limit of a frame in bytes, which is at most Node's maximum string length. */
  get #longest(): number {
    return Math.min(this.#format.limits.maxMessageSize, constants.MAX_STRING_LENGTH);
  }

  /** Delivers the complete frames up to the delimiter at `last`. Returns where the last delivered frame ends. */
  #frames(bytes: Buffer, last: number, deliver: Deliver): number {
    if (this.#format.bytesReader?.begins(bytes, 0) || last > this.#longest || this.#isUnclear(bytes, last)) {
      return this.#oneByOne(bytes, deliver);
    }
    const text = bytes.toString('utf8', 0, last);
    const delimiter = this.#format.delimiter.text;
    const width = delimiter.length;
    const plain = isPlain(text);
    let count = 0;
    let from = 0;
    for (;;) {
      const long = from === 0 && text.length >= LONG;
      const at = long ? this.#format.delimiter.firstIn(text) : text.indexOf(delimiter, from);
      const to = at === -1 ? text.length : at;
      count++;
      if (to > from) {
        const packet = this.#parser.parse(text, from, to, plain);
        if (packet !== undefined && !deliver(packet)) {
          this.#stopped = true;
          return this.#skip(bytes, count);
        }
      }
      if (at === -1) return last + this.#format.delimiter.bytes.length;
      from = to + width;
    }
  }

  /** Whether splitting the decoded text could give other frames than splitting the bytes. */
  #isUnclear(bytes: Buffer, last: number): boolean {
    const { replacement, shifts } = this.#format.delimiter;
    if (replacement) return true;
    for (let i = 0; i < shifts.length; i++) {
      // Of overlapping delimiters, the one that starts first counts.
      let at = last - (shifts[i] as number);
      if (at < 0) continue;
      const from = at;
      while (at < last && bytes[at] === this.#format.delimiter.bytes[at - from]) at++;
      if (at === last) return true;
    }
    return false;
  }

  /** Where the bytes after the first `count` frames start. */
  #skip(bytes: Buffer, count: number): number {
    let at = 0;
    for (let i = 0; i < count; i++)
      at = bytes.indexOf(this.#format.delimiter.bytes, at) + this.#format.delimiter.bytes.length;
    return at;
  }

  /** Like {@link #frames}, but measures and decodes each frame separately. */
  #oneByOne(bytes: Buffer, deliver: Deliver): number {
    let from = 0;
    for (;;) {
      const to = bytes.indexOf(this.#format.delimiter.bytes, from);
      if (to === -1) return from;
      this.#check(to - from);
      const packet = this.#packet(bytes, from, to);
      from = to + this.#format.delimiter.bytes.length;
      if (packet !== undefined && !deliver(packet)) {
        this.#stopped = true;
        return from;
      }
    }
  }

  #packet(bytes: Buffer, from: number, to: number): Packet | undefined {
    if (to === from) return undefined;
    const read = this.#format.bytesReader?.read(bytes, from, to);
    if (read !== undefined) return read;
    const frame = bytes.toString('utf8', from, to);
    return frame === '' ? undefined : this.#parser.parse(frame, 0, frame.length, isPlain(frame));
  }
}

const BACKSLASH = new CharacterSearch('\\');

/** Called once for many frames, since a call per frame would cost two percent. */
function isPlain(text: string): boolean {
  return text.length < LONG ? !text.includes('\\') : !BACKSLASH.isIn(text);
}

/** The precomputed properties of a delimiter. */
interface Delimiter {
  readonly text: string;
  readonly bytes: Buffer;
  /** The distances by which it can overlap with itself. */
  readonly shifts: readonly number[];
  /** Whether decoding invalid UTF-8 could produce the delimiter. */
  readonly replacement: boolean;
  /** The position of the first delimiter in a long text. */
  firstIn(text: string): number;
}

/** The last requested delimiter, since most connections use the same one. */
let latest: Delimiter | undefined;

function delimiterOf(text: string): Delimiter {
  if (latest?.text === text) return latest;
  const bytes = Buffer.from(text);
  const search = text.length === 1 ? new CharacterSearch(text) : undefined;
  latest = {
    text,
    bytes,
    shifts: shiftsOf(bytes),
    replacement: text.includes('\ufffd'),
    firstIn: (frames) => search?.indexOf(frames) ?? frames.indexOf(text),
  };
  return latest;
}

/** The distances at which a second delimiter can start inside of a first one. */
function shiftsOf(delimiter: Buffer): number[] {
  const shifts: number[] = [];
  for (let shift = 1; shift < delimiter.length; shift++) {
    if (delimiter.subarray(shift).equals(delimiter.subarray(0, -shift))) shifts.push(shift);
  }
  return shifts;
}
