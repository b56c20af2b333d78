import { DEFAULT_LIMITS } from '../../entities/limits.js';

/** How many arrays and objects may be within each other: JSON.stringify and msgpackr end at some thousand. */
export const DEEPEST = DEFAULT_LIMITS.maxDepth;

/** From this many characters on it is worth asking first whether there are many brackets. */
const LONG = 64 * 1024;

/**
 * Whether a value that was read from a JSON text nests deeper than `levels`. JSON.parse reads any depth, but whoever then
 * writes, copies or walks such a value runs out of stack. To look at the value costs a tenth of what reading it did, to
 * look at the text a half.
 */
export function nestsTooDeep(value: unknown, json: string, levels = DEEPEST): boolean {
  if (json.length < 2 * levels || !isObject(value)) return false;
  return (json.length < LONG || hasManyBrackets(json, levels)) && isDeeper(value, levels);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Whether what a JSON text has within it could be too deep at all. */
export function hasManyBrackets(json: string, most = DEEPEST): boolean {
  let count = 0;
  for (const bracket of '[{') {
    for (let at = json.indexOf(bracket); at !== -1; at = json.indexOf(bracket, at + 1)) {
      if (++count > most) return true;
    }
  }
  return false;
}

/** Whether a value nests deeper than `levels`. */
export function isDeeper(value: object, levels: number): boolean {
  if (levels === 0) return true;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      if (isObject(value[i]) && isDeeper(value[i], levels - 1)) return true;
    }
    return false;
  }
  for (const key in value) {
    const member = (value as Record<string, unknown>)[key];
    if (isObject(member) && isDeeper(member, levels - 1)) return true;
  }
  return false;
}
