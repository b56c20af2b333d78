import type { Packet } from '../../entities/packet.js';

/** How many values are examined to estimate the size of a packet. */
const MOST_LOOKED_AT = 1000;

/** Estimates the size of a packet in bytes. Only a part of large data is examined. */
export function packetSize({ type, data, id, meta, error }: Packet): number {
  budget = MOST_LOOKED_AT;
  let size = type.length + sizeOf(data);
  if (typeof id === 'string') size += id.length;
  if (meta !== undefined) size += sizeOf(meta);
  if (error !== undefined) size += sizeOf(error);
  return size;
}

/** How many further values may be examined. */
let budget = 0;

function sizeOf(value: unknown): number {
  if (typeof value === 'string') return 8 + value.length;
  if (typeof value !== 'object' || value === null || --budget < 0) return 8;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return 8 + value.byteLength;
  let size = 8;
  if (Array.isArray(value)) for (let i = 0; i < value.length && budget > 0; i++) size += sizeOf(value[i]);
  else if (value instanceof Map) size += sizeOfAll(value.keys()) + sizeOfAll(value.values());
  else if (value instanceof Set) size += sizeOfAll(value);
  else for (const key in value) size += sizeOf((value as Record<string, unknown>)[key]);
  return size;
}

function sizeOfAll(values: Iterable<unknown>): number {
  let size = 0;
  for (const value of values) {
    if (budget <= 0) break;
    size += sizeOf(value);
  }
  return size;
}
