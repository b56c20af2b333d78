/** The size of a value without contents, and the overhead of a container, in bytes. */
const LEAST = 8;
/** How many values of an item are examined, and how deep. Values beyond that count as values without contents. */
const MOST_VALUES = 10_000;
const DEEPEST = 100;

let left = 0;

/**
 * Estimates the memory that an item takes, in bytes; exact for binary items, by the length for text. Each side only
 * measures what it holds itself, so the two sides need not agree.
 */
export function itemSize(value: unknown): number {
  if (typeof value === 'string') return value.length + LEAST;
  if (typeof value !== 'object' || value === null) return LEAST;
  left = MOST_VALUES;
  return sizeOf(value, 0);
}

function sizeOf(value: unknown, depth: number): number {
  if (typeof value === 'string') return value.length + LEAST;
  if (typeof value !== 'object' || value === null || depth > DEEPEST || left-- <= 0) return LEAST;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return value.byteLength;
  if (Array.isArray(value)) return sizeOfEntries(value, value.length, depth);
  if (value instanceof Set) return sizeOfEntries(value, value.size, depth);
  if (value instanceof Map) {
    return sizeOfEntries(value.keys(), value.size, depth) + sizeOfEntries(value.values(), value.size, depth);
  }
  let size = LEAST;
  for (const key of Object.keys(value)) {
    size += key.length + sizeOf((value as Record<string, unknown>)[key], depth + 1);
  }
  return size;
}

function sizeOfEntries(entries: Iterable<unknown>, count: number, depth: number): number {
  let size = LEAST;
  let seen = 0;
  for (const entry of entries) {
    if (left <= 0) break;
    size += sizeOf(entry, depth + 1);
    seen++;
  }
  return size + (count - seen) * LEAST;
}
