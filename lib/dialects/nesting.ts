/** How many arrays and objects may be within each other: JSON.stringify and msgpackr end at some thousand. */
export const DEEPEST = 500;

/**
 * Whether a JSON text nests deeper than {@link DEEPEST}. JSON.parse reads any depth, but whoever then writes, copies or
 * walks such a value runs out of stack. Short texts, and long ones with few brackets, cost next to nothing.
 */
export function nestsTooDeep(json: string): boolean {
  return json.length > 2 * DEEPEST && hasManyBrackets(json) && isDeep(json);
}

function hasManyBrackets(json: string): boolean {
  let count = 0;
  for (const bracket of '[{') {
    for (let at = json.indexOf(bracket); at !== -1; at = json.indexOf(bracket, at + 1)) {
      if (++count > DEEPEST) return true;
    }
  }
  return false;
}

/** Follows the brackets outside of strings; `[` and `{`, `]` and `}` differ in one bit each. */
function isDeep(json: string): boolean {
  const { length } = json;
  let depth = 0;
  for (let i = 0; i < length; i++) {
    const character = json.charCodeAt(i);
    if (character === 0x22) i = endOfString(json, i + 1);
    else if ((character | 0x20) === 0x7b) {
      if (++depth > DEEPEST) return true;
    } else if ((character | 0x20) === 0x7d) depth--;
  }
  return false;
}

/** Most strings are short: only in a longer one is it worth to ask for the next quote. */
const SHORT = 64;

function endOfString(json: string, start: number): number {
  const near = Math.min(start + SHORT, json.length);
  let i = start;
  for (; i < near; i++) {
    const character = json.charCodeAt(i);
    if (character === 0x22) return i;
    if (character === 0x5c) i++;
  }
  for (;;) {
    const quote = json.indexOf('"', i);
    if (quote === -1) return json.length;
    let before = quote;
    while (before > i && json.charCodeAt(before - 1) === 0x5c) before--;
    if ((quote - before) % 2 === 0) return quote;
    i = quote + 1;
  }
}
