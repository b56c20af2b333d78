import { escapeText } from './escape.js';

/**
 * Formats any value that a codec can decode as JSON on one line: bytes as base64, BigInts as decimal digits, Maps as arrays
 * of pairs, Sets as arrays, undefined as `null`. Characters that control a terminal are written as JSON escapes.
 */
export function toJson(value: unknown): string {
  return escapeText(JSON.stringify(value, plain) ?? 'null');
}

function plain(this: unknown, key: string, value: unknown): unknown {
  // JSON.stringify has already called toJSON of a Buffer or a Date, so look at the original.
  const original = (this as Record<string, unknown>)[key];
  if (original instanceof Uint8Array) return Buffer.from(original).toString('base64');
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Map || value instanceof Set) return [...value];
  return value;
}
