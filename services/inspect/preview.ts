import { cutText, escapeText } from '../../entities/text.js';

/** The limits of a preview, so that large payloads cost no more than small ones. */
const MOST_ENTRIES = 40;
const MOST_DEPTH = 4;
const MOST_CHARACTERS = 2000;
const MOST_IN_STRING = 400;
const MOST_IN_KEY = 100;

/** The remaining part of the limits. */
interface Budget {
  entries: number;
}

/**
 * The start of a payload as JSON, truncated if it is large. The only code of the payload that it runs is getters and
 * toJSON.
 */
export function preview(payload: unknown): string {
  if (payload === undefined) return '';
  const text = JSON.stringify(part(payload, MOST_DEPTH, { entries: MOST_ENTRIES })) ?? '';
  return escapeText(text, MOST_CHARACTERS);
}

function part(value: unknown, depth: number, budget: Budget): unknown {
  if (typeof value === 'string') return cutText(value, MOST_IN_STRING);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function' || typeof value === 'symbol') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return value;
  if (ArrayBuffer.isView(value)) {
    const bytes = Buffer.from(value.buffer, value.byteOffset, Math.min(value.byteLength, 32));
    return `${value.byteLength} bytes: ${bytes.toString('hex')}${value.byteLength > 32 ? '…' : ''}`;
  }
  if (depth === 0) return '…';
  if (value instanceof Map || value instanceof Set) {
    return { [`${value.constructor.name}(${value.size})`]: entriesOf(value, depth, budget) };
  }
  return Array.isArray(value) ? entriesOf(value, depth, budget) : members(value, depth, budget);
}

function entriesOf(values: Iterable<unknown>, depth: number, budget: Budget): unknown[] {
  const shown: unknown[] = [];
  for (const value of values) {
    if (budget.entries-- <= 0) {
      shown.push('…');
      break;
    }
    shown.push(part(value, depth - 1, budget));
  }
  return shown;
}

function members(value: object, depth: number, budget: Budget): object {
  const shown: [string, unknown][] = [];
  for (const key in value) {
    if (!Object.hasOwn(value, key)) continue;
    if (budget.entries-- <= 0) {
      shown.push(['…', '…']);
      break;
    }
    shown.push([cutText(key, MOST_IN_KEY), part((value as Record<string, unknown>)[key], depth - 1, budget)]);
  }
  return Object.fromEntries(shown);
}
