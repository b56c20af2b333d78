import type { LongText } from '../../entities/packet.js';
import { exactUTF8, utf8Of } from '../bytes.js';
import { CharacterSearch } from '../character-search.js';
import { nodeCrypto } from '../lazy-modules.js';
import { DEEPEST } from './nesting.js';
import { readJSON } from './read-json.js';

/** From this many characters on, a text is kept out of JSON.stringify and JSON.parse, which would copy it. */
export const LONG = 64 * 1024;

let mark: string | undefined;

/** A placeholder for a long text while the JSON around it is made or read. It is random, so peers cannot forge it. */
function markOf(): string {
  mark ??= `long text ${nodeCrypto().randomUUID()}`;
  return mark;
}

const QUOTE = new CharacterSearch('"');
const BACKSLASH = new CharacterSearch('\\');
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u001f]/;

/** The maximum number of quotes before a long text. */
const MOST_QUOTES = 1000;
/** How deep in a value a long text is searched for. */
const LEVELS = 4;

/**
 * A long text in JSON, without the quotes. It is escaped part by part while it is written, so that the other side can start
 * to read earlier.
 */
class Quoted implements LongText {
  readonly text: string;
  /** How many leading characters are known to need no escapes. */
  #plain = 0;

  constructor(text: string) {
    this.text = text;
  }

  get length(): number {
    return this.text.length;
  }

  bytes(start: number, end: number): Buffer {
    const text = this.text.slice(start, end);
    const plain = end <= this.#plain || !hasEscapes(text) ? exactUTF8(text) : undefined;
    if (plain === undefined) return utf8Of(unquoted(text));
    if (start === this.#plain) this.#plain = end;
    return plain;
  }

  toString(): string {
    return unquoted(this.text);
  }
}

/** A JSON text in three parts; the second one is the long text. */
export type Around = readonly [string, LongText, string];

/**
 * Stringifies a value that is a long text, or an array or object with a long text as a member. The long text stays a part
 * of its own, so that it is never copied.
 * @returns undefined if the value is different
 */
export function stringifyAround(value: unknown): Around | undefined {
  if (typeof value === 'string') return isLong(value) ? ['"', new Quoted(value), '"'] : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  try {
    const key = longMember(value);
    return key === undefined || !isBare(value) ? undefined : around(value as Record<string, string>, key);
  } catch {
    // JSON.stringify will throw the error.
    return undefined;
  }
}

/**
 * Parses a JSON text that mostly consists of one long string without escapes. The string is cut out and not copied.
 * @returns undefined if the text is different, or not JSON
 */
export function parseAround(json: string, levels = DEEPEST): { value: unknown } | undefined {
  const middle = json.length >> 1;
  const open = quoteBefore(json, middle);
  const close = QUOTE.indexOf(json, middle);
  if (open === -1 || close - open <= middle) return undefined;
  const text = json.slice(open + 1, close);
  if (hasEscapesBesideQuotes(text)) return undefined;
  const rest = json.slice(0, open + 1) + markOf() + json.slice(close);
  try {
    const holder: { value: unknown } = { value: readJSON(rest, levels) };
    return putBack(holder, text, LEVELS) ? holder : undefined;
  } catch {
    return undefined;
  }
}

/** The key of the first member that is a long text. */
function longMember(value: object): string | number | undefined {
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) if (isLong(value[i])) return i;
    return undefined;
  }
  for (const key in value) if (isLong((value as Record<string, unknown>)[key])) return key;
  return undefined;
}

function isLong(member: unknown): member is string {
  return typeof member === 'string' && member.length >= LONG;
}

/** Whether JSON.stringify would write exactly the value's own members. */
function isBare(value: object): boolean {
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function') return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === Array.prototype || prototype === null;
}

function around(value: Record<string, string> | string[], key: string | number): Around | undefined {
  if (!Object.hasOwn(value, key)) return undefined;
  const text = (value as Record<string, string>)[key];
  if (!isLong(text)) return undefined;
  const marked = Array.isArray(value) ? value.with(key as number, markOf()) : { ...value, [key]: markOf() };
  const json = JSON.stringify(marked);
  const at = json.indexOf(`"${markOf()}"`) + 1;
  return [json.slice(0, at), new Quoted(text), json.slice(at + markOf().length)];
}

/** Whether JSON would escape any character, lone surrogates aside. */
function hasEscapes(text: string): boolean {
  return QUOTE.isIn(text) || hasEscapesBesideQuotes(text);
}

function hasEscapesBesideQuotes(text: string): boolean {
  // One regular expression for both would take twice as long.
  return BACKSLASH.isIn(text) || CONTROL.test(text);
}

/** The JSON of a text without the quotes. */
function unquoted(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** The last quote before a position; gives up if there are many. It searches forwards, which is much faster in Node. */
function quoteBefore(json: string, end: number): number {
  let last = -1;
  for (let quotes = 0; quotes < MOST_QUOTES; quotes++) {
    const at = QUOTE.indexOf(json, last + 1);
    if (at === -1 || at >= end) return last;
    last = at;
  }
  return -1;
}

/** Replaces the placeholder with the text; returns whether it was found. */
function putBack(holder: object, text: string, levels: number): boolean {
  const members = holder as Record<string, unknown>;
  for (const key in members) {
    const member = members[key];
    if (member === mark) {
      members[key] = text;
      return true;
    }
    if (levels > 0 && typeof member === 'object' && member !== null && putBack(member, text, levels - 1)) {
      return true;
    }
  }
  return false;
}
