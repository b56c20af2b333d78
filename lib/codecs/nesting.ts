import { DEFAULT_LIMITS } from '../../entities/limits.js';

/** The default limit of nesting; JSON.stringify and msgpackr overflow the stack at a few thousand levels. */
export const DEEPEST = DEFAULT_LIMITS.maxDepth;

/** From this many characters on, it is faster to count the brackets of the text before walking the value. */
const LONG = 64 * 1024;

/**
 * Whether a value that was parsed from JSON nests deeper than `levels`. JSON.parse accepts any depth, but writing, copying
 * or walking such a value overflows the stack. Checking the value takes a tenth of the time of parsing it, checking the
 * text half of the time.
 */
export function nestsTooDeep(value: unknown, json: string, levels = DEEPEST): boolean {
  if (json.length < 2 * levels || !isObject(value)) return false;
  return (json.length < LONG || hasManyBrackets(json, levels)) && isDeeper(value, levels);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Whether a JSON text has enough brackets that it could nest too deep. */
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
