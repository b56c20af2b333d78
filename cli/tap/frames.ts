/** The longest frame that is put together to be shown, in bytes. */
const LONGEST_FRAME = 64 * 1024 * 1024;

/** How frames are found: the next one's beginning, end and total length; undefined if it is not whole yet. */
export type Cut = (bytes: Buffer) => { start: number; end: number; size: number } | undefined;

/** Bytes that come in pieces, and the whole frames in them. */
export class Frames {
  #parts: Buffer[] = [];
  #length = 0;
  /** How long the bytes have to be before it is worth looking again. */
  #wanted = 0;

  /** @returns false if a frame is too long to be shown */
  push(bytes: Buffer): boolean {
    this.#parts.push(bytes);
    this.#length += bytes.length;
    return this.#length <= LONGEST_FRAME;
  }

  /** The next whole frame, and its length with what is around it. */
  next(cut: Cut): { frame: Buffer; size: number } | undefined {
    if (this.#length === 0 || this.#length < this.#wanted) return undefined;
    const bytes =
      this.#parts.length === 1 ? (this.#parts[0] as Buffer) : Buffer.concat(this.#parts, this.#length);
    const found = cut(bytes);
    if (found === undefined) {
      this.#parts = [bytes];
      // Long frames are put together ever more seldom, not at each piece.
      this.#wanted = this.#length > 65_536 ? Math.ceil(this.#length * 1.1) : 0;
      return undefined;
    }
    this.#wanted = 0;
    this.#parts = found.size < bytes.length ? [bytes.subarray(found.size)] : [];
    this.#length = bytes.length - found.size;
    return { frame: bytes.subarray(found.start, found.end), size: found.size };
  }

  /** Everything that is left, and nothing more. */
  rest(): Buffer {
    const bytes = Buffer.concat(this.#parts, this.#length);
    this.#parts = [];
    this.#length = 0;
    return bytes;
  }
}

/** Frames that end with a delimiter. */
export function delimitedBy(delimiter: Buffer): Cut {
  return (bytes) => {
    const end = bytes.indexOf(delimiter);
    return end < 0 ? undefined : { start: 0, end, size: end + delimiter.length };
  };
}

/** Frames that begin with their length, a uint32 in little-endian. */
export const prefixed: Cut = (bytes) => {
  if (bytes.length < 4) return undefined;
  const size = 4 + bytes.readUInt32LE(0);
  return bytes.length < size ? undefined : { start: 4, end: size, size };
};

/** Frames that begin with their length in base 128, the high bit set on its last byte: those of net-ipc. */
export const base128: Cut = (bytes) => {
  let length = 0;
  for (let at = 0; at < Math.min(bytes.length, 8); at++) {
    const byte = bytes[at] ?? 0;
    length = length * 128 + (byte & 127);
    if (byte < 128) continue;
    const size = at + 1 + length;
    return bytes.length < size ? undefined : { start: at + 1, end: size, size };
  }
  // Without an end in eight bytes it is not a length.
  return bytes.length < 8 ? undefined : { start: 0, end: bytes.length, size: bytes.length };
};
