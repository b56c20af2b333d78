import type { CarrierEvents, Path } from './carrier.js';
import type { Deduplicator } from './deduplicator.js';

/** The path of a member to itself. Messages are delivered in a later turn of the event loop, like those of other members. */
export class Loopback implements Path {
  readonly #events: CarrierEvents;
  readonly #incoming: Deduplicator;
  readonly #epoch: number;
  #bodies: string[] = [];
  #next: number;
  #open = false;
  #over = false;
  readonly #hand = () => this.#handOver();

  constructor(events: CarrierEvents) {
    const self = events.self();
    const position = events.position(self);
    this.#events = events;
    this.#incoming = events.incoming(self, position);
    this.#epoch = position.epoch;
    this.#next = position.first;
  }

  send(_seq: number, body: string): void {
    if (this.#bodies.push(body) === 1 && this.#open) setImmediate(this.#hand);
  }

  /** Allows messages to be delivered. */
  open(): void {
    this.#open = true;
    if (this.#bodies.length > 0) setImmediate(this.#hand);
  }

  close(): void {
    this.#over = true;
  }

  #handOver(): void {
    if (this.#over) return;
    const bodies = this.#bodies;
    this.#bodies = [];
    const { id, number } = this.#events.self();
    for (const body of bodies) {
      if (this.#incoming.take(this.#epoch, this.#next++)) this.#events.message(id, number, body);
    }
    this.#events.acknowledged(id, this.#epoch, this.#incoming.last);
  }
}
