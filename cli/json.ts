import { escapeText } from './escape.js';

/**
 * Compact JSON of any data that a codec can bring, in one line: bytes as base64, BigInts as decimal digits, Maps as lists
 * of pairs, Sets as lists; nothing as `null`. Characters that a terminal acts on are escaped, which JSON reads back.
 */
export function toJson(value: unknown): string {
  return escapeText(JSON.stringify(value, plain) ?? 'null');
}

function plain(this: unknown, key: string, value: unknown): unknown {
  // toJSON of a Buffer or a Date has been asked already: look at what it was.
  const original = (this as Record<string, unknown>)[key];
  if (original instanceof Uint8Array) return Buffer.from(original).toString('base64');
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Map || value instanceof Set) return [...value];
  return value;
}
