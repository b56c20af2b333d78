import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Options, Values } from './command.js';
import { UsageError } from './exit.js';

/** The options of all commands that send data. */
export const DATA_OPTIONS: Options = {
  text: { type: 'boolean', description: 'reads the data as text instead of JSON' },
};

/** The explanation of DATA in the help of those commands. */
export const DATA_HELP = `DATA is JSON; with --text it is text. @FILE reads it from a file: one value, or one JSON value a line. A single -
reads standard input: each line is one message.`;

/**
 * The messages to send: one from the argument, all of a file, or one for each line of standard input. Without an argument
 * it is one message without data. The argument or file is parsed before anything is sent, so that a mistake has no partial
 * effect.
 * @param signal ends the lines of standard input
 * @throws UsageError if something is not JSON; for standard input, when the line is read
 */
export function messages(
  argument: string | undefined,
  values: Values,
  stdin: Readable,
  signal: AbortSignal,
): Iterable<unknown> | AsyncIterable<unknown> {
  const text = values.text === true;
  if (argument === undefined) return [undefined];
  if (argument === '-') return lines(stdin, text, signal);
  if (argument.startsWith('@')) return [...inFile(argument.slice(1), text)];
  return [text ? argument : parsed(argument, 'The data')];
}

async function* lines(
  stdin: Readable,
  text: boolean,
  signal: AbortSignal,
): AsyncGenerator<unknown, void, undefined> {
  let number = 0;
  const options = { input: stdin, crlfDelay: Number.POSITIVE_INFINITY, signal };
  for await (const line of createInterface(options)) {
    number++;
    if (text) yield line;
    else if (line.trim() !== '') yield parsed(line, `Line ${number} of standard input`);
  }
}

function* inFile(path: string, text: boolean): Generator<unknown, void, undefined> {
  const content = readFileSync(path, 'utf8');
  if (text) {
    yield content;
    return;
  }
  const whole = attempt(content);
  if (whole !== undefined) {
    yield whole.value;
    return;
  }
  for (const [index, line] of content.split('\n').entries())
    if (line.trim() !== '') yield parsed(line, `Line ${index + 1} of ${path}`);
}

function attempt(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function parsed(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const start = text.length > 60 ? `${text.slice(0, 60)}…` : text;
    const why = (error as Error).message;
    throw new UsageError(`${what} is not JSON: ${start} (${why}). Quote strings, or use --text.`);
  }
}
