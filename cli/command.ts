import type { Readable } from 'node:stream';
import type { Printer } from './printer.js';

/** One option of a command: a definition for `parseArgs` of `node:util`, with its help text. */
export interface Option {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  readonly multiple?: boolean;
  /** The placeholder of the value in the help: `FILE`, `MS`. */
  readonly value?: string;
  /** The values that shell completion offers, if there are only a few. */
  readonly choices?: readonly string[];
  /** One line of help text. */
  readonly description: string;
}

export type Options = Readonly<Record<string, Option>>;

/** The values of the options: a string, `true`, or an array if an option may be repeated. */
export type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

/** What a command receives when it runs. */
export interface Context {
  readonly positionals: readonly string[];
  readonly values: Values;
  readonly out: Printer;
  /** All commands. */
  readonly commands: readonly Command[];
  readonly stdin: Readable & { readonly isTTY?: boolean };
  /**
   * Aborted on the first Ctrl-C, SIGTERM or SIGHUP, and when the reader of the output has gone. The command must then clean
   * up and return.
   */
  readonly signal: AbortSignal;
}

/** One command: `omni-ipc NAME ARGUMENTS`. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** The positional arguments in the notation of the help: `ADDRESS TYPE [DATA]`. */
  readonly arguments?: string;
  /** The minimum and maximum number of positional arguments. Default: none. */
  readonly count?: readonly [least: number, most: number];
  /** Further paragraphs for the command's help. */
  readonly details?: string;
  /** Example command lines, each with an explanation. */
  readonly examples?: readonly (readonly [line: string, what: string])[];
  readonly options: Options;
  /** @returns the exit code. An error that it throws is reported; the error's class decides the exit code */
  run(context: Context): Promise<number>;
}
