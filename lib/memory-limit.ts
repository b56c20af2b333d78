/** An object that uses memory: a connection, or the kept state of a client that is not connected. */
export interface MemoryHolder {
  /** The used memory in bytes, including overhead. */
  readonly bytes: number;
  /** Frees the memory. */
  drop(): void;
}

/** The part of the limit by which memory must grow before it is measured again. */
const SLACK = 1 / 64;

/**
 * Limits the memory of many holders together. Each holder reports its growth approximately. When the sum exceeds the limit,
 * all holders are measured; while the limit is still exceeded, the largest holder is dropped.
 */
export class MemoryLimit {
  readonly #most: number;
  readonly #holders: () => MemoryHolder[];
  /** The last measurement plus the reported growth since. Reductions are not reported. */
  #estimate = 0;

  /**
   * @param most the limit in bytes; Infinity sets no limit
   * @param holders returns all current holders, each measured now
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
    // Close to the limit, measuring at each byte would be too slow, so memory must grow by a part of the limit first.
    this.#estimate = Math.min(total, this.#most * (1 - SLACK));
  }
}
