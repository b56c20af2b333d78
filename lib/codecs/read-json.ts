import { DEEPEST, nestsTooDeep } from './nesting.js';

/**
 * Whether JSON.parse has a bug that returns wrong keys, as in V8 13 and 14 (Node 24 and 26): if an earlier object of the
 * same shape had a single backslash as its next key, V8 reads the key "\n", which JSON also writes as a backslash and one
 * character, as that earlier key. This affects any key with a backslash, so the keys of one peer could change those of
 * others.
 */
const MISREADS = Object.hasOwn(
  JSON.parse('{"one":{"omni-ipc":0,"\\\\":0},"other":{"omni-ipc":0,"\\n":0}}').other,
  '\\',
);

/** The error of a text that nests too deep. */
export class DepthError extends RangeError {}

/**
 * JSON.parse for untrusted input. Errors are thrown unchanged.
 * @param levels how deep arrays and objects may nest
 */
export function readJSON(json: string, levels = DEEPEST): unknown {
  const value = readPlainJSON(json, levels);
  return MISREADS && json.includes('\\') && hasBackslash(value) ? rereadJSON(json) : value;
}

/** {@link readJSON} for a text without a backslash. */
export function readPlainJSON(json: string, levels: number): unknown {
  const value: unknown = JSON.parse(json);
  if (nestsTooDeep(value, json, levels)) throw new DepthError();
  return value;
}

/** Whether any key in a value contains a backslash; every misread key does. */
function hasBackslash(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(hasBackslash);
  for (const key in value) {
    if (key.includes('\\') || hasBackslash((value as Record<string, unknown>)[key])) return true;
  }
  return false;
}

/** Matches a bracket or brace, the start of a string, or a number or literal. */
const TOKEN = /[{}[\]"]|[^\s,:{}[\]"]+/g;

/** Parses valid JSON again, each string separately. It is slower than JSON.parse, but not affected by its bug. */
export function rereadJSON(json: string): unknown {
  const token = new RegExp(TOKEN);

  function next(): string {
    const [text] = token.exec(json) as RegExpExecArray;
    if (text !== '"') return text;
    const from = token.lastIndex - 1;
    let end = token.lastIndex;
    while (json[end] !== '"') end += json[end] === '\\' ? 2 : 1;
    token.lastIndex = end + 1;
    return json.slice(from, token.lastIndex);
  }

  function value(text: string): unknown {
    if (text === '[') return array();
    return text === '{' ? object() : JSON.parse(text);
  }

  function array(): unknown[] {
    const items: unknown[] = [];
    for (let text = next(); text !== ']'; text = next()) items.push(value(text));
    return items;
  }

  function object(): object {
    const members: [string, unknown][] = [];
    for (let text = next(); text !== '}'; text = next()) members.push([JSON.parse(text), value(next())]);
    return Object.fromEntries(members);
  }

  return value(next());
}
