/** Upper bound of the memory of an unpacked map, array or small object, in bytes. */
const CONTAINER = 64;
/** The overhead of a buffer or typed array, in bytes. */
const VIEW = 256;
/** The overhead of a string, in bytes. */
const TEXT = 24;
/** The size of a reference: each value has one in its array or object. */
const REFERENCE = 8;

/** Extension types whose value follows the extension: Error, Map, Set, RegExp, -0. */
const ABOUT_NEXT = new Set([0x65, 0x4d, 0x73, 0x78, 0x5a]);
/** Extension types that contain their value: undefined, BigInt, typed arrays, Date. */
const ALONE = new Set([0x00, 0x42, 0x74, 0xff]);

/** The size of what follows each token from 0xc0 to 0xdf; negative if the length itself follows, in that many bytes. */
const AFTER = [
  0, 0, 0, 0, -1, -2, -4, -1, -2, -4, 4, 8, 1, 2, 4, 8, 1, 2, 4, 8, 1, 2, 4, 8, 16, -1, -2, -4, 0, 0, 0, 0,
];

const NEVER_USED = 0xc1;

/**
 * Computes an upper bound of the memory that a msgpack body takes when it is unpacked. One byte can become an object of
 * sixty bytes, so a frame within the size limit could exceed the memory of the process. The scan is not recursive.
 * @returns bytes; -1 if the body is not exactly one value of a supported kind, -2 if it nests deeper than `levels`
 */
export function estimatedSize(bytes: Buffer, start: number, end: number, levels: number): number {
  let at = start;
  let weight = 0;
  let open = 1;
  /** How many values are left in the current container, and in those around it. */
  let here = 1;
  const around: number[] = [];
  while (open > 0) {
    if (at >= end || open > end - at) return -1;
    while (here === 0) here = around.pop() as number;
    open--;
    here--;
    weight += REFERENCE;
    const token = bytes[at++] as number;
    if (token < 0x80 || token >= 0xe0) continue;
    let inside = 0;
    if (token < 0xa0) {
      inside = token < 0x90 ? 2 * (token & 0x0f) : token & 0x0f;
      weight += CONTAINER;
    } else if (token < 0xc0) {
      at += token & 0x1f;
      weight += TEXT + (token & 0x1f);
    } else if (token === NEVER_USED) return -1;
    else if (token >= 0xdc) {
      const width = token & 1 ? 4 : 2;
      if (at + width > end) return -1;
      const count = bytes.readUIntBE(at, width);
      at += width;
      inside = token >= 0xde ? 2 * count : count;
      weight += CONTAINER;
    } else {
      let size = AFTER[token - 0xc0] as number;
      if (size < 0) {
        const width = -size;
        if (at + width > end) return -1;
        size = bytes.readUIntBE(at, width);
        at += width;
      }
      if (token >= 0xd9) weight += TEXT + size;
      else if (token >= 0xd4 || (token >= 0xc7 && token <= 0xc9)) {
        const type = bytes[at++] as number;
        // The extension counts as the value that follows it, on the same level.
        if (ABOUT_NEXT.has(type)) {
          open++;
          here++;
        } else if (!ALONE.has(type)) return -1;
        weight += (token >= 0xd4 ? CONTAINER : VIEW) + size;
      } else if (token >= 0xc4 && token <= 0xc6) weight += VIEW;
      at += size;
    }
    if (inside === 0) continue;
    open += inside;
    around.push(here);
    here = inside;
    if (around.length > levels) return -2;
  }
  return at === end ? weight : -1;
}
