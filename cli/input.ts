import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Options, Values } from './command.js';
import { UsageError } from './exit.js';

/** Options of every command that sends data. */
export const DATA_OPTIONS: Options = {
  text: { type: 'boolean', description: 'takes the data as text instead of as JSON' },
};

/** What the help of such a command says of its data. */
export const DATA_HELP = `DATA is JSON; with --text it is text. @FILE reads it from a file: one value, or one JSON value a line. A single -
reads standard input: each line is one message.`;

/**
 * The messages to send: one from an argument, those of a file, or one for each line of standard input. With no argument it
 * is one message without data. An argument and a file are read at once, so that a mistake shows before anything is sent.
 * @throws UsageError if something is not JSON; what is read from standard input throws when its line comes
 */
export function messages(
  argument: string | undefined,
  values: Values,
  stdin: Readable,
): Iterable<unknown> | AsyncIterable<unknown> {
  const text = values.text === true;
  if (argument === undefined) return [undefined];
  if (argument === '-') return lines(stdin, text);
  if (argument.startsWith('@')) return [...inFile(argument.slice(1), text)];
  return [text ? argument : parsed(argument, 'The data')];
}

async function* lines(stdin: Readable, text: boolean): AsyncGenerator<unknown, void, undefined> {
  let number = 0;
  for await (const line of createInterface({ input: stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
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
