/** From how many removed entries on they are cut off. */
const MANY = 32;

/** A queue whose oldest entry leaves first. It takes constant time on average: `Array.prototype.shift` moves all other entries. */
export class Fifo<Entry> {
  #entries: Entry[] = [];
  /** The index of the oldest entry. Those before it have left. */
  #first = 0;

  get length(): number {
    return this.#entries.length - this.#first;
  }

  /** The entry that was added last. */
  get last(): Entry | undefined {
    return this.length === 0 ? undefined : this.#entries.at(-1);
  }

  push(entry: Entry): void {
    this.#entries.push(entry);
  }

  /** Removes and returns the oldest entry; there must be one. */
  shift(): Entry {
    const entry = this.#entries[this.#first] as Entry;
    // The array must not keep what has left in memory.
    this.#entries[this.#first++] = undefined as Entry;
    if (this.#first === this.#entries.length) this.clear();
    else if (this.#first >= MANY && 2 * this.#first >= this.#entries.length) {
      this.#entries = this.toArray();
      this.#first = 0;
    }
    return entry;
  }

  clear(): void {
    this.#entries = [];
    this.#first = 0;
  }

  toArray(): Entry[] {
    return this.#entries.slice(this.#first);
  }
}
