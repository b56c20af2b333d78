/** The size of the first block of memory, and of the largest, in bytes. */
const LEAST = 1024;
const MOST = 16 * 1024;

/** Joins small chunks of bytes, so that they take no more memory than their length. */
export class ByteTail {
  #bytes: Buffer | undefined;
  length = 0;

  /** Whether a chunk is small enough to be copied. */
  static suits(size: number): boolean {
    return size <= MOST / 4;
  }

  /**
   * Appends a copy of a chunk.
   * @returns the previous block, if the chunk does not fit into it
   */
  append(piece: Buffer): Buffer | undefined {
    const full = this.length + piece.length > MOST ? this.take() : undefined;
    const size = this.length + piece.length;
    if (this.#bytes === undefined || this.#bytes.length < size) this.#grow(size);
    piece.copy(this.#bytes as Buffer, this.length);
    this.length = size;
    return full;
  }

  /** Removes and returns everything joined. */
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
