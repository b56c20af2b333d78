/** How many numbers share all digits but the last. */
const SHARED = 1000;

/** The last digits of numbers, by value, with each end of a frame; a program has one or two delimiters. */
const endings = new Map<string, readonly string[]>();

function textsOf(end: string): readonly string[] {
  let texts = endings.get(end);
  if (texts === undefined) {
    texts = Array.from({ length: SHARED }, (_, last) => `${String(last).padStart(3, '0')}${end}`);
    endings.set(end, texts);
  }
  return texts;
}

/**
 * Writes the ends of frames that contain a number, such as `,"id":1234}` and a delimiter. Ids count up, so most have all
 * digits but the last three in common with the id before, and those digits are kept as text. A template string would take
 * longer, and V8 keeps the text of each number in a cache that the garbage collector then has to look at.
 */
export class NumberedEnd {
  readonly #start: string;
  readonly #end: string;
  /** Created for the first number that needs them, because many programs never send one. */
  #texts: readonly string[] = [];
  /** The last number without its last three digits, and `#start` with its text. */
  #thousands = -1;
  #known = '';

  /** @param start the text before the number, and `end` that after it */
  constructor(start: string, end: string) {
    this.#start = start;
    this.#end = end;
  }

  /** The end of a frame with a number. */
  of(number: number): string {
    // A smaller number would get zeros in front.
    if (!(number >= SHARED && Number.isSafeInteger(number))) return `${this.#start}${number}${this.#end}`;
    const thousands = Math.floor(number / SHARED);
    if (thousands !== this.#thousands) {
      if (this.#thousands === -1) this.#texts = textsOf(this.#end);
      this.#thousands = thousands;
      this.#known = `${this.#start}${thousands}`;
    }
    return this.#known + this.#texts[number - thousands * SHARED];
  }
}
