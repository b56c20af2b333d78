import { IPCError, type IPCErrorCode } from './errors.js';
import { inspect } from './inspect.js';

/** Longer names get no suggestion: the time to compare grows with the square of the length. */
const LONGEST = 64;

/** The edit distance of two words: how many characters must be inserted, removed, replaced, or swapped with a neighbour. */
export function distance(one: string, other: string): number {
  let before: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let row = 1; row <= one.length; row++) {
    const next = [row];
    for (let column = 1; column <= other.length; column++) {
      const cost = one[row - 1] === other[column - 1] ? 0 : 1;
      let best = Math.min(
        (last[column] ?? 0) + 1,
        (next[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + cost,
      );
      const swapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      if (row > 1 && column > 1 && swapped) best = Math.min(best, (before[column - 2] ?? 0) + 1);
      next.push(best);
    }
    before = last;
    last = next;
  }
  return last[other.length] ?? 0;
}

/**
 * The known name that a misspelled one most likely means, ignoring case: the closest one, or one that ends with it;
 * undefined if none is close.
 */
export function closest(wrong: string, known: readonly string[]): string | undefined {
  if (wrong.length > LONGEST) return undefined;
  const word = wrong.toLowerCase();
  let nearest: string | undefined;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const name of known) {
    const far = distance(word, name.toLowerCase());
    if (far < least) {
      least = far;
      nearest = name;
    }
  }
  return nearest ?? (word.length < 4 ? undefined : known.find((name) => name.toLowerCase().endsWith(word)));
}

/** The known keys of an object, and how an error refers to them. */
export interface KnownKeys {
  readonly code: IPCErrorCode;
  readonly known: readonly string[];
  /** What the keys belong to, as the error names it: 'request(...)'. */
  readonly owner: string;
  /** A prefix for each key in the message. Default: ''. */
  readonly prefix?: string;
  /** Hints for keys that another library has. */
  readonly foreign?: Readonly<Record<string, string>>;
}

/**
 * Refuses unknown keys of an object, and suggests the intended one.
 * @throws IPCError with the code given
 */
export function checkKeys(options: object, keys: KnownKeys): void {
  for (const key of Object.keys(options)) if (!keys.known.includes(key)) throw unknownKey(key, keys);
}

/**
 * Refuses keys that look like a misspelling of a known one. Other unknown keys are accepted, since the object is passed on to a
 * library whose later versions may have them.
 * @throws IPCError with the given code
 */
export function checkSlips(options: object, keys: KnownKeys): void {
  for (const key of Object.keys(options)) {
    if (!keys.known.includes(key) && closest(key, keys.known) !== undefined) throw unknownKey(key, keys);
  }
}

/** The error of an unknown key. */
export function unknownKey(key: string, keys: KnownKeys): IPCError {
  const { code, owner, prefix = '' } = keys;
  return new IPCError(code, `${owner} does not know ${prefix}${shown(key)}; ${hintOf(key, keys)}`);
}

function hintOf(key: string, { known, prefix = '', foreign = {} }: KnownKeys): string {
  if (Object.hasOwn(foreign, key)) return `${foreign[key]}.`;
  const meant = closest(key, known);
  return meant === undefined
    ? `it knows ${known.map((name) => prefix + name).join(', ')}.`
    : `did you mean ${prefix}${meant}?`;
}

/**
 * Checks the options of a method call: they must be an object with known keys only. Inherited keys are checked, too.
 * @throws IPCError ERR_IPC_ARGUMENT
 */
export function checkOptions(options: unknown, known: readonly string[], owner: string): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    const message = `${owner} takes its options as an object, such as { ${known[0]} }, and was given ${brief(options)}.`;
    throw new IPCError('ERR_IPC_ARGUMENT', message);
  }
  for (const key in options) {
    if (!known.includes(key)) throw unknownKey(key, { code: 'ERR_IPC_ARGUMENT', known, owner });
  }
}

/**
 * Checks a timeout in milliseconds.
 * @throws IPCError ERR_IPC_ARGUMENT
 */
export function checkTimeout(timeout: unknown, owner: string, zero = 'which waits forever'): void {
  if (timeout === undefined || (typeof timeout === 'number' && timeout >= 0)) return;
  const message = `${owner} takes a timeout in milliseconds, from 0 (${zero}), and was given ${brief(timeout)}.`;
  throw new IPCError('ERR_IPC_ARGUMENT', message);
}

/**
 * Refuses an argument that a method would ignore. `undefined` and `null` count as no argument.
 * @param instead what the caller should do
 * @throws IPCError ERR_IPC_ARGUMENT
 */
export function refuseArgument(argument: unknown, owner: string, instead: string): void {
  if (argument === undefined || argument === null) return;
  throw new IPCError('ERR_IPC_ARGUMENT', `${owner} does not read ${brief(argument)}; ${instead}.`);
}

/** Tells whether a value is an object that an object literal could have made, so that it can be meant as options. */
export function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  // Not compared with this realm's Object.prototype: a test runner may have another one.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Formats a value on one line for an error message. An instance of a class, such as a socket, shows only its class. */
export function brief(value: unknown): string {
  const depth = typeof value !== 'object' || isPlain(value) || Array.isArray(value) ? 0 : -1;
  return inspect(value, { depth, maxStringLength: 80, breakLength: Number.POSITIVE_INFINITY });
}

function shown(key: string): string {
  return /^\w{1,64}$/.test(key) ? key : inspect(key, { maxStringLength: LONGEST });
}
