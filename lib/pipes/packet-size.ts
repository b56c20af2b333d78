/** How many values are examined to estimate the size of a packet. */
const MOST_LOOKED_AT = 1000;

/** Estimates the size of a value in bytes. Only a part of a large value is examined. */
export function packetSize(value: unknown): number {
  budget = MOST_LOOKED_AT;
  return sizeOf(value);
}

/** How many further values may be examined. */
let budget = 0;

function sizeOf(value: unknown): number {
  if (typeof value === 'string') return 8 + value.length;
  if (typeof value !== 'object' || value === null || --budget < 0) return 8;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return 8 + value.byteLength;
  let size = 8;
  if (Array.isArray(value)) for (let i = 0; i < value.length && budget > 0; i++) size += sizeOf(value[i]);
  else for (const key in value) size += sizeOf((value as Record<string, unknown>)[key]);
  return size;
}
