import type { PacketId } from '../../entities/packet.js';

/** How many slots there are at first, and when nothing is open. */
const FEWEST = 16;

/**
 * What is open, by ids of our own making: whole numbers that grow. Each has the slot that its last bits name, and an id whose slot is
 * taken is skipped; so a lookup costs one comparison, and nothing that a peer answers can make it cost more.
 */
export class CallTable<Entry extends { readonly id: number }> {
  #slots: (Entry | undefined)[] = new Array(FEWEST).fill(undefined);
  #last = 0;
  size = 0;

  /** Whether an id has ever been given. */
  get used(): boolean {
    return this.#last > 0;
  }

  /** The id that the next entry must have. */
  next(): number {
    if (this.size * 2 >= this.#slots.length) this.#resize(this.#slots.length * 2);
    const mask = this.#slots.length - 1;
    do this.#last++;
    while (this.#slots[this.#last & mask] !== undefined);
    return this.#last;
  }

  /** Takes in an entry with the id that {@link next} gave last. */
  add(entry: Entry): void {
    this.#slots[entry.id & (this.#slots.length - 1)] = entry;
    this.size++;
  }

  /** The entry of an id, which may be anything that a peer has said. */
  get(id: PacketId | undefined): Entry | undefined {
    // An object would be asked to become a number, by a method of the peer's.
    if (typeof id !== 'number') return undefined;
    const slot = this.#slots[id & (this.#slots.length - 1)];
    return slot !== undefined && slot.id === id ? slot : undefined;
  }

  delete(entry: Entry): void {
    this.#slots[entry.id & (this.#slots.length - 1)] = undefined;
    this.size--;
    if (this.size === 0 && this.#slots.length > 1024) this.#resize(FEWEST);
  }

  /** What is open, the oldest first. */
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
