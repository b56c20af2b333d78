import { randomUUID } from 'node:crypto';

/** Text from this many characters on is worth more care than JSON.stringify and JSON.parse take of it. */
export const LONG = 64 * 1024;

/** Stands for a long text while JSON is made or read around it. No peer can know it. */
const MARK = `long text ${randomUUID()}`;
const QUOTED = JSON.stringify(MARK);

/** What JSON escapes, but for halves of characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const ESCAPED = /["\\\u0000-\u001f]/;

/** How far back a quote is looked for at a time. */
const WINDOW = 16 * 1024;
/** How deep in a value its long text is looked for. */
const LEVELS = 4;

/**
 * JSON of a value that is a long text, or an array or object with one as its member, where the text needs no escapes, like
 * base64 or prose on one line: as parts, of which the text itself is one, so that it is never copied.
 * @returns nothing where the value is different
 */
export function stringifyAround(value: unknown): readonly [string, string, string] | undefined {
  if (typeof value === 'string') return isPlain(value) ? ['"', value, '"'] : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  try {
    const key = longMember(value);
    return key === undefined || !isBare(value) ? undefined : around(value as Record<string, string>, key);
  } catch {
    // JSON.stringify will say what is wrong.
    return undefined;
  }
}

/**
 * The value of a JSON text most of which is one long text without escapes: that is cut out, not copied.
 * @returns nothing where the JSON is different, or none
 */
export function parseAround(json: string): { value: unknown } | undefined {
  const middle = json.length >> 1;
  const close = json.indexOf('"', middle);
  const open = quoteBefore(json, middle);
  if (open === -1 || close - open <= middle) return undefined;
  const text = json.slice(open + 1, close);
  if (ESCAPED.test(text)) return undefined;
  try {
    const holder = { value: JSON.parse(json.slice(0, open + 1) + MARK + json.slice(close)) };
    return putBack(holder, text, LEVELS) ? holder : undefined;
  } catch {
    return undefined;
  }
}

/** The first member that is a long text. */
function longMember(value: object): string | number | undefined {
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) if (isLong(value[i])) return i;
    return undefined;
  }
  for (const key in value) if (isLong((value as Record<string, unknown>)[key])) return key;
  return undefined;
}

function isLong(member: unknown): boolean {
  return typeof member === 'string' && member.length >= LONG;
}

/** Whether JSON.stringify makes of it its own members and nothing else. */
function isBare(value: object): boolean {
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function') return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === Array.prototype || prototype === null;
}

function around(
  value: Record<string, string> | string[],
  key: string | number,
): readonly [string, string, string] | undefined {
  const text = (value as Record<string, string>)[key] as string;
  if (!Object.hasOwn(value, key) || !isPlain(text)) return undefined;
  const marked = Array.isArray(value) ? value.with(key as number, MARK) : { ...value, [key]: MARK };
  const json = JSON.stringify(marked);
  const at = json.indexOf(QUOTED);
  return [json.slice(0, at + 1), text, json.slice(at + QUOTED.length - 1)];
}

function isPlain(text: string): boolean {
  return isLong(text) && !ESCAPED.test(text) && text.isWellFormed();
}

function quoteBefore(json: string, end: number): number {
  for (let to = end; to > 0; to -= WINDOW) {
    const from = Math.max(0, to - WINDOW);
    const at = json.slice(from, to).lastIndexOf('"');
    if (at !== -1) return from + at;
  }
  return -1;
}

/** Puts a text where its mark is; whether there was one. */
function putBack(holder: object, text: string, levels: number): boolean {
  const members = holder as Record<string, unknown>;
  for (const key in members) {
    const member = members[key];
    if (member === MARK) {
      members[key] = text;
      return true;
    }
    if (levels > 0 && typeof member === 'object' && member !== null && putBack(member, text, levels - 1)) {
      return true;
    }
  }
  return false;
}
