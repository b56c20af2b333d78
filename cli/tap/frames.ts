/** The longest frame that is assembled for display, in bytes. */
const LONGEST_FRAME = 64 * 1024 * 1024;

/** Finds the next frame: its start, its end and its size including the delimiter or length; undefined if it is incomplete. */
export type Cut = (bytes: Buffer) => { start: number; end: number; size: number } | undefined;

/** Collects bytes and extracts complete frames. */
export class Frames {
  #parts: Buffer[] = [];
  #length = 0;
  /** The minimum number of bytes before the next search. */
  #wanted = 0;

  /** @returns false if a frame is too long to be shown */
  push(bytes: Buffer): boolean {
    this.#parts.push(bytes);
    this.#length += bytes.length;
    return this.#length <= LONGEST_FRAME;
  }

  /** The next complete frame, and its size including the delimiter or length. */
  next(cut: Cut): { frame: Buffer; size: number } | undefined {
    if (this.#length === 0 || this.#length < this.#wanted) return undefined;
    const bytes =
      this.#parts.length === 1 ? (this.#parts[0] as Buffer) : Buffer.concat(this.#parts, this.#length);
    const found = cut(bytes);
    if (found === undefined) {
      this.#parts = [bytes];
      // The search is repeated only after the data has grown by 10 %, so that a long frame does not cost quadratic time.
      this.#wanted = this.#length > 65_536 ? Math.ceil(this.#length * 1.1) : 0;
      return undefined;
    }
    this.#wanted = 0;
    this.#parts = found.size < bytes.length ? [bytes.subarray(found.size)] : [];
    this.#length = bytes.length - found.size;
    return { frame: bytes.subarray(found.start, found.end), size: found.size };
  }

  /** Removes and returns all remaining bytes. */
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

/** Frames that start with their length as a little-endian uint32. */
export const prefixed: Cut = (bytes) => {
  if (bytes.length < 4) return undefined;
  const size = 4 + bytes.readUInt32LE(0);
  return bytes.length < size ? undefined : { start: 4, end: size, size };
};

/** Frames of net-ipc: they start with their length in base 128, with the high bit set on its last byte. */
export const base128: Cut = (bytes) => {
  let length = 0;
  for (let at = 0; at < Math.min(bytes.length, 8); at++) {
    const byte = bytes[at] ?? 0;
    length = length * 128 + (byte & 127);
    if (byte < 128) continue;
    const size = at + 1 + length;
    return bytes.length < size ? undefined : { start: at + 1, end: size, size };
  }
  // A length takes at most eight bytes, so this is not a frame.
  return bytes.length < 8 ? undefined : { start: 0, end: bytes.length, size: bytes.length };
};
