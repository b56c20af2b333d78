import { inspect } from 'node:util';
import colors from 'colors/safe.js';
import { clip, escapeColored, escapeText } from './escape.js';
import { toJson } from './json.js';

/** An output stream; `isTTY`, `columns` and `rows` are those of a terminal. */
export interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string | Uint8Array): unknown;
}

/** How much of one message is shown on a terminal, in characters of a string and in elements of an array. */
const MOST_CHARACTERS = 2000;
const MOST_ITEMS = 100;

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'blue' | 'cyan' | 'magenta';

/** How the output looks. By default it depends on whether the output is a terminal. */
export interface Looks {
  /** Whether to print compact JSON, one message per line, instead of readable text. */
  readonly json?: boolean;
  readonly color?: boolean;
}

/**
 * Writes results to standard output and notes to standard error: compact JSON, one value per line, if the output is piped;
 * readable, colored text on a terminal. External text is escaped.
 */
export class Printer {
  /** Whether results are JSON, one value per line. */
  readonly json: boolean;
  readonly #color: boolean;
  readonly #stdout: Output;
  readonly #stderr: Output;
  readonly #errorColor: boolean;

  constructor(stdout: Output, stderr: Output, looks: Looks = {}) {
    this.#stdout = stdout;
    this.#stderr = stderr;
    this.json = looks.json ?? stdout.isTTY !== true;
    this.#color = looks.color ?? (stdout.isTTY === true && colored());
    this.#errorColor = looks.color ?? (stderr.isTTY === true && colored());
    // Always enabled here: the printer decides about colors itself. The library's own detection also depends on CI
    // variables.
    colors.enable();
  }

  /** Whether standard output is a terminal. */
  get terminal(): boolean {
    return this.#stdout.isTTY === true;
  }

  get columns(): number {
    return this.#stdout.columns ?? 80;
  }

  get rows(): number {
    return this.#stdout.rows ?? 24;
  }

  /** Prints a value, as a line of JSON or as readable text. */
  value(value: unknown): void {
    this.line(this.json ? toJson(value) : this.readable(value));
  }

  /** Prints `record` as a line of JSON, or the result of `text` for people. */
  record(record: unknown, text: () => string): void {
    this.line(this.json ? toJson(record) : text());
  }

  /** Prints a line unchanged: external text in it must be escaped already. */
  line(text: string): void {
    this.#stdout.write(`${text}\n`);
  }

  /** Writes control sequences to a terminal: external text in it must be escaped already. */
  raw(text: string): void {
    this.#stdout.write(text);
  }

  /** Writes bytes unchanged, to an output that is not a terminal. */
  bytes(bytes: Uint8Array): void {
    this.#stdout.write(bytes);
  }

  /** Prints a note on standard error: external text in it must be escaped already. */
  note(text: string): void {
    this.#stderr.write(`${text}\n`);
  }

  /** Prints an error on standard error, in one line. */
  error(who: string, message: string): void {
    const text = `${who}: ${clip(message, 2 * MOST_CHARACTERS)}`;
    this.#stderr.write(`${this.#errorColor ? colors.red(text) : text}\n`);
  }

  /** Colors a text if colors are on. */
  paint(style: Style, text: string): string {
    return this.#color ? colors[style](text) : text;
  }

  /** Formats a value for people: truncated, colored, and escaped. */
  readable(value: unknown): string {
    if (value === undefined) return '';
    const text = inspect(value, {
      depth: 8,
      colors: this.#color,
      compact: 3,
      breakLength: Math.max(40, this.columns - 2),
      maxStringLength: MOST_CHARACTERS,
      maxArrayLength: MOST_ITEMS,
    });
    return escapeColored(text);
  }

  /** Prints rows in columns, the header first; cells are escaped. */
  table(header: readonly string[], rows: readonly (readonly string[])[]): void {
    const cells = rows.map((row) => row.map((cell) => escapeText(cell)));
    const widths = header.map((title, column) =>
      Math.max(title.length, ...cells.map((row) => (row[column] ?? '').length)),
    );
    const lay = (row: readonly string[]) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd();
    this.line(this.paint('bold', lay(header)));
    for (const row of cells) this.line(lay(row));
  }
}

/** Whether the environment allows colors; see no-color.org and force-color.org. */
function colored(): boolean {
  const { NO_COLOR, TERM } = process.env;
  return (NO_COLOR === undefined || NO_COLOR === '') && TERM !== 'dumb';
}
