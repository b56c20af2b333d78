/** How many characters of a text show whether it is crowded. */
const SAMPLES = 64;

/**
 * Searches long texts of any script for a character. V8 looks for one byte of the character in the UTF-16 of a text and
 * then compares, which takes 25 times longer where most characters have that byte: 漢 (U+6F22) has that of a quote, and
 * every Telugu letter that of a form feed. Such texts are searched with a regular expression.
 */
export class CharacterSearch {
  readonly #character: string;
  readonly #pattern: RegExp;
  /** The byte that V8 looks for. */
  readonly #byte: number;

  /** @param character one UTF-16 code unit */
  constructor(character: string) {
    const code = character.charCodeAt(0);
    this.#character = character;
    // A class, since V8 searches for a lone character in its usual way.
    this.#pattern = new RegExp(`[\\u${code.toString(16).padStart(4, '0')}]`, 'g');
    this.#byte = Math.max(code & 0xff, code >> 8);
  }

  /** Like `String.prototype.indexOf`. */
  indexOf(text: string, from = 0): number {
    if (!this.#crowds(text, from)) return text.indexOf(this.#character, from);
    this.#pattern.lastIndex = from;
    const at = this.#pattern.exec(text)?.index ?? -1;
    this.#pattern.lastIndex = 0;
    return at;
  }

  isIn(text: string): boolean {
    return this.indexOf(text) !== -1;
  }

  /** Whether other characters with the byte are frequent. */
  #crowds(text: string, from: number): boolean {
    const step = Math.max(1, Math.floor((text.length - from) / SAMPLES));
    for (let at = from; at < text.length; at += step) {
      const code = text.charCodeAt(at);
      if (code > 0xff && ((code & 0xff) === this.#byte || code >> 8 === this.#byte)) return true;
    }
    return false;
  }
}
