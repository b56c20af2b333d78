/** The first piece of memory, and the largest, in bytes. */
const LEAST = 1024;
const MOST = 16 * 1024;

/** Joins small pieces of bytes, so that each occupies its own length and nothing else. */
export class ByteTail {
  #bytes: Buffer | undefined;
  length = 0;

  /** Whether a piece of so many bytes is small enough to be copied. */
  static suits(size: number): boolean {
    return size <= MOST / 4;
  }

  /**
   * Copies a piece to the end.
   * @returns what was joined before, if the piece does not fit behind it
   */
  append(piece: Buffer): Buffer | undefined {
    const full = this.length + piece.length > MOST ? this.take() : undefined;
    const size = this.length + piece.length;
    if (this.#bytes === undefined || this.#bytes.length < size) this.#grow(size);
    piece.copy(this.#bytes as Buffer, this.length);
    this.length = size;
    return full;
  }

  /** Everything joined; the next piece begins anew. */
  take(): Buffer | undefined {
    const joined = this.#bytes?.subarray(0, this.length);
    this.#bytes = undefined;
    this.length = 0;
    return joined;
  }

  #grow(size: number): void {
    let capacity = LEAST;
    while (capacity < size) capacity *= 2;
    const grown = Buffer.allocUnsafeSlow(capacity);
    this.#bytes?.copy(grown, 0, 0, this.length);
    this.#bytes = grown;
  }
}
