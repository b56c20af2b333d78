const NEWLINE = 0x0a;

/**
 * Splits chunks of bytes into lines of UTF-8. Complete lines are decoded at once; an incomplete one is kept as bytes and
 * not searched twice.
 */
export class LineReader {
  readonly #longest: number;
  #pending: Buffer[] = [];
  #size = 0;

  /** @param longest the maximum size of a line, in bytes */
  constructor(longest: number) {
    this.#longest = longest;
  }

  /** Returns the complete lines so far, each with its newline, as one string; undefined if a line is too long. */
  push(chunk: Buffer): string | undefined {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end === 0) {
      this.#pending.push(chunk);
      this.#size += chunk.length;
      return this.#size > this.#longest ? undefined : '';
    }
    const rest = chunk.length - end;
    let text: string;
    if (this.#size === 0) text = chunk.toString('utf8', 0, end);
    else {
      this.#pending.push(chunk.subarray(0, end));
      text = Buffer.concat(this.#pending, this.#size + end).toString();
    }
    this.#pending = rest === 0 ? [] : [chunk.subarray(end)];
    this.#size = rest;
    return text;
  }
}
