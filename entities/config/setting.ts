import { LONGEST_TIMER } from '../limits.js';

/** Whether a value may be used. */
export type Check = (value: unknown) => boolean;

/** What is known of one key of the config, beside its docstring. */
export interface Setting {
  /** The value where nobody sets the key. Each config gets its own copy of an object. */
  readonly default: unknown;
  readonly check: Check;
  /** What `check` accepts, as an error says it: 'config.key is 5; it must be ...'. */
  readonly expected: string;
  /** Brings a value that node-ipc takes into the documented type. A value that it does not know is left as it is. */
  readonly normalize?: ((value: unknown) => unknown) | undefined;
  /** What `undefined` and `null` stand for. Without this, they are checked as any other value. */
  readonly unset?: unknown;
  /** Whether a change counts at once. All other settings are fixed when a server or client is set up. */
  readonly live?: boolean;
}

/** The settings for each key of a part of the config. */
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

/** node-ipc tests its flags for being truthy: 0 and 1 are false and true. */
export function looseFlag(value: unknown): unknown {
  return value === 0 || value === 1 ? value === 1 : value;
}

/** node-ipc computes with its numbers: a numeric string is the number. */
export function looseNumber(value: unknown): unknown {
  return typeof value === 'string' && /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) : value;
}

/** A key that turns something on or off. */
export function flagSetting(value: boolean): Setting {
  return { default: value, check: flag, expected: TRUE_OR_FALSE };
}

/** A key of node-ipc's that turns something on or off. */
export function looseFlagSetting(value: boolean): Setting {
  return { ...flagSetting(value), normalize: looseFlag, unset: false };
}
