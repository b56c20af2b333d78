import type { PacketId } from '../../entities/packet.js';

/** Told when a message has been delivered to all its receivers, or could not be to one. */
export interface Delivery {
  /** How many receivers have not acknowledged it yet. */
  left: number;
  resolve(): void;
  reject(error: unknown): void;
}

/** A message on its way to one peer, kept until that has acknowledged it. */
export interface Parcel {
  /** Which of all this peer has sent it is. */
  readonly order: number;
  /** The number or name that it was sent to. */
  readonly to: number | string;
  readonly body: string;
  /** The request that it is. */
  readonly request: PacketId | undefined;
  /** An answer is for the very process that asked, not for one that comes after it. */
  readonly answer: boolean;
  readonly delivery: Delivery | undefined;
}

/** How much may be under way at once; so the hub never holds more of it. */
const WINDOW_SIZE = 1024 * 1024;
const WINDOW_COUNT = 1024;

/**
 * The messages to one run of a peer, numbered from 1 and kept until acknowledged. At most a window of them is under way;
 * when a way is found again, they are sent again from the first that is not acknowledged.
 */
export class Stream {
  /** A later stream of the same sender has a higher one. */
  readonly epoch: number;
  readonly #send: (seq: number, parcel: Parcel) => void;
  #parcels: Parcel[] = [];
  /** The number of the first that is kept, and of the last that was ever sent. */
  #first = 1;
  #last = 0;
  /** How many of those kept are under way, and how long they are together. */
  #sent = 0;
  #flying = 0;
  #open = false;

  constructor(epoch: number, send: (seq: number, parcel: Parcel) => void) {
    this.epoch = epoch;
    this.#send = send;
  }

  get length(): number {
    return this.#parcels.length;
  }

  push(parcel: Parcel): void {
    this.#parcels.push(parcel);
    this.#pump();
  }

  /** There is a way to the peer: sends all that it has not acknowledged. */
  open(): void {
    this.#open = true;
    this.#sent = 0;
    this.#flying = 0;
    this.#pump();
  }

  /** There is no way to the peer just now. */
  pause(): void {
    this.#open = false;
  }

  /** Forgets those that the peer has, up to a number, and returns them. */
  acknowledge(seq: number): Parcel[] {
    const count = Math.min(seq, this.#last) - this.#first + 1;
    if (!(count > 0)) return [];
    const done = this.#parcels.splice(0, count);
    this.#first += count;
    for (let i = 0; i < Math.min(count, this.#sent); i++) this.#flying -= (done[i] as Parcel).body.length;
    this.#sent = Math.max(0, this.#sent - count);
    this.#pump();
    return done;
  }

  /** Gives up all that is kept. */
  empty(): Parcel[] {
    const parcels = this.#parcels;
    this.#parcels = [];
    this.#open = false;
    return parcels;
  }

  #pump(): void {
    if (!this.#open) return;
    while (this.#sent < this.#parcels.length) {
      if (this.#sent >= WINDOW_COUNT || this.#flying >= WINDOW_SIZE) return;
      const parcel = this.#parcels[this.#sent] as Parcel;
      const seq = this.#first + this.#sent;
      this.#last = Math.max(this.#last, seq);
      this.#sent++;
      this.#flying += parcel.body.length;
      this.#send(seq, parcel);
    }
  }
}
