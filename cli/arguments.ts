import { parseArgs } from 'node:util';
import type { Command, Values } from './command.js';
import { UsageError } from './exit.js';
import { COMMON, usageOf } from './help.js';
import { similar } from './similar.js';

/** The parsed arguments of a command. */
export interface Typed {
  readonly values: Values;
  readonly positionals: readonly string[];
}

/**
 * Parses the arguments of a command.
 * @throws UsageError that states the mistake and where to find the help
 */
export function readArguments(command: Command, args: readonly string[]): Typed {
  const typed = parsed(command, args);
  const [least, most] = command.count ?? [0, 0];
  const { length } = typed.positionals;
  if (typed.values.help === true || (length >= least && length <= most)) return typed;
  const what =
    length < least
      ? 'is missing an argument'
      : `takes no argument ${JSON.stringify(typed.positionals[most])}`;
  throw new UsageError(`${command.name} ${what}. Usage: omni-ipc ${usageOf(command)}`);
}

function parsed(command: Command, args: readonly string[]): Typed {
  try {
    const options = { ...COMMON, ...command.options };
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    return { values, positionals };
  } catch (error) {
    const known = Object.keys({ ...COMMON, ...command.options });
    throw new UsageError(
      `${whyNot(error as Error, known)} omni-ipc ${command.name} --help lists the options.`,
    );
  }
}

/** Describes the mistake in the options in one sentence, and suggests the intended option. */
function whyNot({ message, code }: Error & { code?: string }, known: readonly string[]): string {
  const [, unknown = ''] = message.match(/^Unknown option '-*(.*?)'/) ?? [];
  const [, dashed] = message.match(/^Option '(-[\w-]+)' argument is ambiguous/) ?? [];
  if (dashed !== undefined)
    return `${dashed} needs a value. A value that begins with a dash follows a long name and =, as in --name=-1.`;
  if (code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION' || unknown === '')
    return `${message.split('\n')[0]?.replace(/\.$/, '')}.`;
  const [dashes, [guess]] = unknown.length === 1 ? ['-', []] : ['--', similar(unknown, known)];
  return `There is no option ${JSON.stringify(dashes + unknown)}${guess === undefined ? '.' : `; did you mean --${guess}?`}`;
}

/** The value of a string option, if it was given. */
export function textOf(values: Values, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

/** The values of an option that may be repeated. */
export function listOf(values: Values, name: string): string[] {
  const value = values[name];
  return Array.isArray(value) ? value.map(String) : typeof value === 'string' ? [value] : [];
}

const UNITS: Readonly<Record<string, number>> = { '': 1, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * A duration in milliseconds, given as `500`, `500ms`, `2s`, `1.5m` or `1h`.
 * @throws UsageError
 */
export function durationOf(values: Values, name: string): number | undefined {
  const text = textOf(values, name);
  if (text === undefined) return undefined;
  const [, digits = '', unit = ''] = text.match(/^(\d+(?:\.\d+)?)(ms|s|m|h|)$/) ?? [];
  const duration = Number(digits) * (UNITS[unit] ?? 1);
  if (digits !== '' && duration <= LONGEST_TIMER) return duration;
  throw new UsageError(
    `--${name} is ${JSON.stringify(text)}; it must be a duration such as 500ms, 2s or 1m.`,
  );
}

/**
 * An integer of at least `least`.
 * @throws UsageError
 */
export function numberOf(
  values: Values,
  name: string,
  least = 0,
  most = Number.MAX_SAFE_INTEGER,
): number | undefined {
  const text = textOf(values, name);
  if (text === undefined) return undefined;
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least} on` : `from ${least} to ${most}`;
  throw new UsageError(`--${name} is ${JSON.stringify(text)}; it must be a whole number ${range}.`);
}

/**
 * One of the listed values.
 * @throws UsageError
 */
export function choiceOf<Choice extends string>(
  values: Values,
  name: string,
  choices: readonly Choice[],
): Choice | undefined {
  const text = textOf(values, name);
  if (text === undefined || choices.includes(text as Choice)) return text as Choice | undefined;
  throw new UsageError(`--${name} is ${JSON.stringify(text)}; it must be one of ${choices.join(', ')}.`);
}
