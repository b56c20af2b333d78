import type { Packet } from '../../entities/packet.js';

/** The memory that a packet takes besides what its size counts, in bytes. */
const OVERHEAD = 64;

/** A packet that waits; `undefined` stands for the end of the other side. */
interface Waiting {
  readonly packet: Packet | undefined;
  readonly size: number;
}

/** The packets that have arrived on a pipe that may not deliver yet. The other side decides how many there are. */
export class WaitingPackets {
  /** About how much memory they take, in bytes. */
  bytes = 0;
  /** Read from {@link #next} on: to remove the first element of a long array copies all others. */
  #all: Waiting[] = [];
  #next = 0;

  get empty(): boolean {
    return this.#next === this.#all.length;
  }

  /** @param size the size of the packet in bytes; 0 for the end of the other side */
  push(packet: Packet | undefined, size: number): void {
    this.#all.push({ packet, size: size + OVERHEAD });
    this.bytes += size + OVERHEAD;
  }

  /** Removes and returns the oldest; there must be one. */
  shift(): Packet | undefined {
    const { packet, size } = this.#all[this.#next++] as Waiting;
    this.bytes -= size;
    // Only then, so that each packet is copied once on average.
    if (2 * this.#next >= this.#all.length) {
      this.#all = this.#all.slice(this.#next);
      this.#next = 0;
    }
    return packet;
  }

  /** Drops the packets, and keeps the end of the other side. */
  drop(): void {
    const ended = !this.empty && this.#all.at(-1)?.packet === undefined;
    this.#all = [];
    this.#next = 0;
    this.bytes = 0;
    if (ended) this.push(undefined, 0);
  }
}
