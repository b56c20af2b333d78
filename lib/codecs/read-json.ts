import { DEEPEST, nestsTooDeep } from './nesting.js';

/**
 * Whether JSON.parse gives wrong keys here, as V8 13 and 14 do (Node 24 and 26): where an object so far has the shape of
 * one seen before whose next key was a single backslash, it takes a line's end, which is written as a backslash and an n,
 * for that key. So for any key with a backslash in it; one peer's keys would change those of all others.
 */
const MISREADS = Object.hasOwn(
  JSON.parse('{"one":{"omni-ipc":0,"\\\\":0},"other":{"omni-ipc":0,"\\n":0}}').other,
  '\\',
);

/** What is read nests deeper than it may. */
export class DepthError extends RangeError {}

/**
 * JSON.parse for what comes from outside; whatever is wrong with it is thrown as it comes.
 * @param levels how many arrays and objects may be within each other
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

/** Whether any key in it has a backslash, as every key that is misread has. */
function hasBackslash(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(hasBackslash);
  for (const key in value) {
    if (key.includes('\\') || hasBackslash((value as Record<string, unknown>)[key])) return true;
  }
  return false;
}

/** What an array or object begins or ends with, a string begins with, or a number or word. */
const TOKEN = /[{}[\]"]|[^\s,:{}[\]"]+/g;

/** Reads what JSON.parse has read before, and thus is JSON, with every string by itself: slower, and right. */
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
