/** What a peer occupies memory with: its connection, or what is kept while it is away. */
export interface MemoryHolder {
  /** How many bytes of memory, overhead included. */
  readonly bytes: number;
  /** Gives the memory back. */
  drop(): void;
}

/** By what part of the limit the holders grow at least until they are measured again. */
const SLACK = 1 / 64;

/**
 * Bounds what many holders occupy together. Whoever grows says so, roughly; when the sum of that is too much, everything is
 * measured, and while that is still too much the largest holder is dropped.
 */
export class MemoryLimit {
  readonly #most: number;
  readonly #holders: () => MemoryHolder[];
  /** What was measured last, and what has grown since; what has shrunk since is not known. */
  #estimate = 0;

  /**
   * @param most bytes; Infinity sets no limit
   * @param holders all that there are, each measured now
   */
  constructor(most: number, holders: () => MemoryHolder[]) {
    this.#most = most;
    this.#holders = holders;
  }

  grew(bytes: number): void {
    this.#estimate += bytes;
    if (this.#estimate > this.#most) this.#settle();
  }

  #settle(): void {
    const holders = this.#holders();
    let total = 0;
    for (const { bytes } of holders) total += bytes;
    if (total > this.#most) {
      holders.sort((one, other) => other.bytes - one.bytes);
      for (const holder of holders) {
        holder.drop();
        total -= holder.bytes;
        if (total <= this.#most) break;
      }
    }
    // Nearly full is not measured at each byte: it grows by a part of the limit first.
    this.#estimate = Math.min(total, this.#most * (1 - SLACK));
  }
}
