import { IPCError, type IPCErrorCode } from './errors.js';
import { inspect } from './inspect.js';

/** Longer names are compared with nothing: the work grows with the square of the length. */
const LONGEST = 64;

/** How many characters must be inserted, removed or replaced, or be swapped with the next one, to get from one word to the other. */
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

/** The known name that a wrong one was meant to be, in whatever case: the closest, or one that ends in it; undefined if none is near. */
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

/** What keys are checked against, and how the error speaks of them. */
export interface KnownKeys {
  readonly code: IPCErrorCode;
  readonly known: readonly string[];
  /** What has the keys: 'request(...)'. */
  readonly owner: string;
  /** What is put before a key where it is named. Default: ''. */
  readonly prefix?: string;
}

/**
 * Refuses the keys of an object that nothing reads, and suggests the one that was meant.
 * @throws IPCError with the code given
 */
export function checkKeys(options: object, keys: KnownKeys): void {
  for (const key of Object.keys(options)) if (!keys.known.includes(key)) throw unknownKey(key, keys);
}

/** The error of a key that nothing reads. */
export function unknownKey(key: string, { code, known, owner, prefix = '' }: KnownKeys): IPCError {
  const meant = closest(key, known);
  const hint =
    meant === undefined
      ? `it knows ${known.map((name) => prefix + name).join(', ')}.`
      : `did you mean ${prefix}${meant}?`;
  return new IPCError(code, `${owner} does not know ${prefix}${shown(key)}; ${hint}`);
}

/**
 * Checks the options that a method was called with: an object with keys that the method reads, inherited ones included.
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
 * Checks a number of milliseconds that a method was called with.
 * @throws IPCError ERR_IPC_ARGUMENT
 */
export function checkTimeout(timeout: unknown, owner: string, zero = 'which waits forever'): void {
  if (timeout === undefined || (typeof timeout === 'number' && timeout >= 0)) return;
  const message = `${owner} takes a timeout in milliseconds, from 0 (${zero}), and was given ${brief(timeout)}.`;
  throw new IPCError('ERR_IPC_ARGUMENT', message);
}

/**
 * Refuses an argument that a method does not read.
 * @param instead what to do
 * @throws IPCError ERR_IPC_ARGUMENT
 */
export function refuseArgument(argument: unknown, owner: string, instead: string): void {
  if (argument === undefined) return;
  throw new IPCError('ERR_IPC_ARGUMENT', `${owner} does not read ${brief(argument)}; ${instead}.`);
}

/** A value on one line of an error's message. */
export function brief(value: unknown): string {
  return inspect(value, { depth: 0, maxStringLength: 80, breakLength: Number.POSITIVE_INFINITY });
}

function shown(key: string): string {
  return /^\w{1,64}$/.test(key) ? key : inspect(key, { maxStringLength: LONGEST });
}
