import { inspect } from 'node:util';
import colors from 'colors/safe.js';
import { clip, escapeColored, escapeText } from './escape.js';
import { toJson } from './json.js';

/** A stream to write to; `isTTY`, `columns` and `rows` are a terminal's. */
export interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string | Uint8Array): unknown;
}

/** How much of one message a terminal shows, in characters of a string and items of a list. */
const MOST_CHARACTERS = 2000;
const MOST_ITEMS = 100;

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'blue' | 'cyan' | 'magenta';

/** How the output looks; both are decided by the terminal where nothing is said. */
export interface Looks {
  /** Compact JSON, one message a line, instead of text for people. */
  readonly json?: boolean;
  readonly color?: boolean;
}

/**
 * Writes results to standard output and remarks to standard error: compact JSON, one value a line, when the output is
 * piped, and readable text in colours on a terminal. What comes from outside is escaped.
 */
export class Printer {
  /** Whether results are JSON, one value a line. */
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
    // The printer decides, and not what colors makes of the environment, which differs where CI is set.
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

  /** Prints a value: as a line of JSON, or as people like to read it. */
  value(value: unknown): void {
    this.line(this.json ? toJson(value) : this.readable(value));
  }

  /** Prints `record` as a line of JSON, or what `text` makes for people. */
  record(record: unknown, text: () => string): void {
    this.line(this.json ? toJson(record) : text());
  }

  /** Prints a line as it is: nothing in it may come from outside unless it is escaped. */
  line(text: string): void {
    this.#stdout.write(`${text}\n`);
  }

  /** Writes what controls a terminal: nothing in it may come from outside unless it is escaped. */
  raw(text: string): void {
    this.#stdout.write(text);
  }

  /** Writes bytes as they are, to whatever is not a terminal. */
  bytes(bytes: Uint8Array): void {
    this.#stdout.write(bytes);
  }

  /** A remark for whoever watches, on standard error: nothing in it may come from outside unless it is escaped. */
  note(text: string): void {
    this.#stderr.write(`${text}\n`);
  }

  /** Tells of an error on standard error, in one line. */
  error(who: string, message: string): void {
    const text = `${who}: ${clip(message, 2 * MOST_CHARACTERS)}`;
    this.#stderr.write(`${this.#errorColor ? colors.red(text) : text}\n`);
  }

  /** A text in a colour, where there are colours. */
  paint(style: Style, text: string): string {
    return this.#color ? colors[style](text) : text;
  }

  /** A value as people like to read it: with limits, in colours, and escaped. */
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

  /** Lays rows out in columns, the header first; cells are escaped. */
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

/** Whether the environment permits colours: see no-color.org and force-color.org. */
function colored(): boolean {
  const { NO_COLOR, TERM } = process.env;
  return (NO_COLOR === undefined || NO_COLOR === '') && TERM !== 'dumb';
}
