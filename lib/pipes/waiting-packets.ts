import type { Packet } from '../../entities/packet.js';
import { Fifo } from '../fifo.js';

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
  readonly #all = new Fifo<Waiting>();

  get empty(): boolean {
    return this.#all.length === 0;
  }

  /** @param size the size of the packet in bytes; 0 for the end of the other side */
  push(packet: Packet | undefined, size: number): void {
    this.#all.push({ packet, size: size + OVERHEAD });
    this.bytes += size + OVERHEAD;
  }

  /** Removes and returns the oldest; there must be one. */
  shift(): Packet | undefined {
    const { packet, size } = this.#all.shift();
    this.bytes -= size;
    return packet;
  }

  /** Drops the packets, and keeps the end of the other side. */
  drop(): void {
    const { last } = this.#all;
    this.#all.clear();
    this.bytes = 0;
    if (last !== undefined && last.packet === undefined) this.push(undefined, 0);
  }
}
