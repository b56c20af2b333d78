import type { Readable } from 'node:stream';
import type { Printer } from './printer.js';

/** One option of a command, as `parseArgs` of `node:util` takes it, with what the help says. */
export interface Option {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  readonly multiple?: boolean;
  /** What stands for the value in the help: `FILE`, `MS`. */
  readonly value?: string;
  /** The values to complete, where there are only a few. */
  readonly choices?: readonly string[];
  /** One line of help. */
  readonly description: string;
}

export type Options = Readonly<Record<string, Option>>;

/** What was given for the options: a text, `true`, or a list where an option may be repeated. */
export type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

/** What a command runs with. */
export interface Context {
  readonly positionals: readonly string[];
  readonly values: Values;
  readonly out: Printer;
  /** Every command there is. */
  readonly commands: readonly Command[];
  readonly stdin: Readable & { readonly isTTY?: boolean };
  /** Aborted by the first Ctrl-C, SIGTERM or SIGHUP, and when nobody reads the output any more: clean up and return. */
  readonly signal: AbortSignal;
}

/** One command: `omni-ipc NAME ARGUMENTS`. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** The positional arguments as the help shows them: `ADDRESS TYPE [DATA]`. */
  readonly arguments?: string;
  /** How many positional arguments there may be, at least and at most. Default: none. */
  readonly count?: readonly [least: number, most: number];
  /** Paragraphs for the command's own help. */
  readonly details?: string;
  /** Command lines to show, each with what it does. */
  readonly examples?: readonly (readonly [line: string, what: string])[];
  readonly options: Options;
  /** @returns the exit code; what it throws is reported, and decides the exit code by its kind */
  run(context: Context): Promise<number>;
}
