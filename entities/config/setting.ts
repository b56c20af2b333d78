import { LONGEST_TIMER } from '../limits.js';

/** Whether a value is valid. */
export type Check = (value: unknown) => boolean;

/** The definition of one key of the config. */
export interface Setting {
  /** The default value. Each config gets its own copy of an object. */
  readonly default: unknown;
  readonly check: Check;
  /** What `check` accepts, as it appears in an error: 'config.key is 5; it must be ...'. */
  readonly expected: string;
  /** Says which part of an invalid object is wrong, in a sentence; undefined if the value as a whole is. */
  readonly wrong?: ((value: unknown) => string | undefined) | undefined;
  /** Converts a value that node-ipc accepts to the documented type. It returns unknown values unchanged. */
  readonly normalize?: ((value: unknown) => unknown) | undefined;
  /** What `undefined` and `null` mean. Without this member, they are checked like any other value. */
  readonly unset?: unknown;
  /** Whether changes take effect at once. All other settings are fixed when a server or client is set up. */
  readonly live?: boolean;
  /** The servers that it protects, by transport: they do not start if it was set only after they were set up. */
  readonly protects?: 'all' | 'unix' | 'tcp';
}

/** The definitions of all keys in a part of the config. */
export type Settings<Part> = { readonly [Key in keyof Part]-?: Setting };

export const text: Check = (value) => typeof value === 'string';
export const filled: Check = (value) => typeof value === 'string' && value.length > 0;
export const flag: Check = (value) => typeof value === 'boolean';
export const number = (min: number, max = Number.POSITIVE_INFINITY): Check => {
  return (value) => typeof value === 'number' && value >= min && value <= max;
};
export const whole = (min: number, max = Number.POSITIVE_INFINITY): Check => {
  return (value) => Number.isInteger(value) && number(min, max)(value);
};
export const oneOf = (...values: readonly unknown[]): Check => {
  return (value) => values.includes(value);
};
export const listOf = (check: Check): Check => {
  return (value) => Array.isArray(value) && value.every(check);
};
export const optional = (check: Check): Check => {
  return (value) => value === undefined || check(value);
};
export const object: Check = (value) => typeof value === 'object' && value !== null;
export const callable: Check = (value) => typeof value === 'function';
export const duration = number(0, LONGEST_TIMER);

export const TRUE_OR_FALSE = 'true or false';
export const MILLISECONDS = `milliseconds, from 0 to ${LONGEST_TIMER}`;

/**
 * node-ipc only tests whether its flags are truthy, so numbers and the usual values of environment variables are flags. '0' and
 * 'false' are left as they are, and are refused: they are truthy, and whoever writes them means the opposite.
 */
export function looseFlag(value: unknown): unknown {
  if (typeof value === 'number' && !Number.isNaN(value)) return value !== 0;
  if (value === '' || value === '1' || value === 'true') return value !== '';
  return value;
}

/** node-ipc uses its numbers in arithmetic, so a numeric string means that number. */
export function looseNumber(value: unknown): unknown {
  return typeof value === 'string' && /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) : value;
}

/** A boolean key. */
export function flagSetting(value: boolean): Setting {
  return { default: value, check: flag, expected: TRUE_OR_FALSE };
}

/** A boolean key that node-ipc has, too; see {@link looseFlag}. */
export function looseFlagSetting(value: boolean): Setting {
  return { ...flagSetting(value), normalize: looseFlag, unset: false };
}
