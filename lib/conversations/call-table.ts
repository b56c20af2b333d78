import type { PacketId } from '../../entities/packet.js';

/** The number of slots at first, and whenever the table is empty. */
const FEWEST = 16;

/**
 * A table of open calls with generated ids, which are increasing integers. The last bits of an id select its slot; an id
 * whose slot is taken is skipped. So a lookup takes one comparison, whatever ids a peer sends.
 */
export class CallTable<Entry extends { readonly id: number }> {
  #slots: (Entry | undefined)[] = new Array(FEWEST).fill(undefined);
  #last = 0;
  size = 0;

  /** Whether an id was ever generated. */
  get used(): boolean {
    return this.#last > 0;
  }

  /** Generates the id of the next entry. */
  next(): number {
    if (this.size * 2 >= this.#slots.length) this.#resize(this.#slots.length * 2);
    const mask = this.#slots.length - 1;
    do this.#last++;
    while (this.#slots[this.#last & mask] !== undefined);
    return this.#last;
  }

  /** Adds an entry with the id that {@link next} returned last. */
  add(entry: Entry): void {
    this.#slots[entry.id & (this.#slots.length - 1)] = entry;
    this.size++;
  }

  /** Finds the entry with an id. The id may be any value from a peer. */
  get(id: PacketId | undefined): Entry | undefined {
    // The conversion of an object to a number would call a method that the peer supplied.
    if (typeof id !== 'number') return undefined;
    const slot = this.#slots[id & (this.#slots.length - 1)];
    return slot !== undefined && slot.id === id ? slot : undefined;
  }

  delete(entry: Entry): void {
    this.#slots[entry.id & (this.#slots.length - 1)] = undefined;
    this.size--;
    if (this.size === 0 && this.#slots.length > 1024) this.#resize(FEWEST);
  }

  /** The open entries, the oldest first. */
  entries(): Entry[] {
    const entries = this.#slots.filter((entry) => entry !== undefined);
    return entries.sort((one, other) => one.id - other.id);
  }

  #resize(length: number): void {
    const old = this.#slots;
    this.#slots = new Array(length).fill(undefined);
    for (const entry of old) if (entry !== undefined) this.#slots[entry.id & (length - 1)] = entry;
  }
}
