import type { PacketId } from '../../entities/packet.js';
import type { Path, Position } from './carrier.js';

/** Told when a message has been delivered to all its receivers, or could not be to one. */
export interface Delivery {
  /** How many receivers have not acknowledged it yet. */
  left: number;
  resolve(): void;
  reject(error: unknown): void;
}

/** A message to one member, kept until that has acknowledged it. */
export interface PendingMessage {
  /** Which of all that this member has sent it is. */
  readonly order: number;
  /** The number, name or group that it was sent to. */
  readonly to: number | string;
  readonly body: string;
  /** The request that it is. */
  readonly request: PacketId | undefined;
  /** It is for one run of a member, and not for the next that has its number or name. */
  readonly bound: boolean;
  /** A response to a request of that run: nobody misses it when the run is gone. */
  readonly response: boolean;
  readonly delivery: Delivery | undefined;
}

/** The body of a message that says nothing. */
export const BLANK_BODY = '{}';

/** How much may be under way at once, in characters and messages: a receiver that stops holds no more of it. */
const WINDOW_SIZE = 1024 * 1024;
const WINDOW_COUNT = 4096;

/** From so many characters under way on, senders that can wait do, so that other messages are not delayed. */
const BUSY_SIZE = 256 * 1024;

/** From so many on, those that are done with are cut off the front. */
const COMPACT_FROM = 1024;

/**
 * The messages to one run of a member, numbered from 1 and kept until acknowledged. At most a window of them is under way;
 * when there is a path again, they are sent again from the first that is not acknowledged.
 */
export class MemberQueue {
  /** A later queue of the same sender has a higher one. */
  readonly epoch: number;
  #path: Path | undefined;
  #messages: PendingMessage[] = [];
  /** Where the first that is kept is in the array; those before it are done with. */
  #head = 0;
  /** The number of the first that is kept, and of the last that was ever sent. */
  #first = 1;
  #last = 0;
  /** How many of those kept are under way, and how long they are together. */
  #sent = 0;
  #flying = 0;
  #drains: (() => void)[] = [];

  constructor(epoch: number) {
    this.epoch = epoch;
  }

  get length(): number {
    return this.#messages.length - this.#head;
  }

  get path(): Path | undefined {
    return this.#path;
  }

  /** Whether so much is under way, or waits for a path, that senders that can wait should. */
  get congested(): boolean {
    return this.#flying >= BUSY_SIZE || this.#sent < this.length;
  }

  /** Calls back when that is over. */
  drained(callback: () => void): void {
    if (this.congested) this.#drains.push(callback);
    else callback();
  }

  /** Where the stream goes on when there is a path. */
  get position(): Position {
    return { epoch: this.epoch, first: this.#first };
  }

  /** Takes out what is so, and leaves `blank` in its place, so that all others keep their numbers. */
  replace(isSo: (message: PendingMessage) => boolean, blank: PendingMessage): PendingMessage[] {
    const taken: PendingMessage[] = [];
    for (let i = this.#head; i < this.#messages.length; i++) {
      const message = this.#messages[i] as PendingMessage;
      if (!isSo(message)) continue;
      taken.push(message);
      this.#messages[i] = blank;
    }
    return taken;
  }

  push(message: PendingMessage): void {
    this.#messages.push(message);
    if (this.#path !== undefined) this.#pump(this.#path);
  }

  /** There is a path to the member: sends all that it has not acknowledged. */
  open(path: Path): void {
    this.#path = path;
    this.#sent = 0;
    this.#flying = 0;
    this.#pump(path);
    this.#checkDrained();
  }

  /** There is no path to the member just now. */
  pause(): void {
    this.#path = undefined;
  }

  /** Forgets those that the member has, up to a number, and returns them. */
  acknowledge(seq: number): PendingMessage[] {
    const count = Math.min(seq, this.#last) - this.#first + 1;
    if (!(count > 0)) return [];
    const done = this.#messages.slice(this.#head, this.#head + count);
    this.#first += count;
    this.#release(count);
    const known = Math.min(count, this.#sent);
    for (let i = 0; i < known; i++) this.#flying -= (done[i] as PendingMessage).body.length;
    this.#sent -= known;
    if (this.#path !== undefined) this.#pump(this.#path);
    this.#checkDrained();
    return done;
  }

  /** Gives up all that is kept. */
  empty(): PendingMessage[] {
    const messages = this.#messages.slice(this.#head);
    this.#messages = [];
    this.#head = 0;
    this.#path = undefined;
    this.#sent = 0;
    this.#flying = 0;
    this.#checkDrained();
    return messages;
  }

  #checkDrained(): void {
    if (this.#drains.length === 0 || this.congested) return;
    for (const callback of this.#drains.splice(0)) callback();
  }

  #release(count: number): void {
    this.#head += count;
    if (this.#head === this.#messages.length) {
      this.#messages = [];
      this.#head = 0;
    } else if (this.#head >= COMPACT_FROM && 2 * this.#head >= this.#messages.length) {
      this.#messages = this.#messages.slice(this.#head);
      this.#head = 0;
    }
  }

  #pump(path: Path): void {
    while (this.#sent < this.length) {
      if (this.#sent >= WINDOW_COUNT || this.#flying >= WINDOW_SIZE) return;
      const message = this.#messages[this.#head + this.#sent] as PendingMessage;
      const seq = this.#first + this.#sent;
      if (seq > this.#last) this.#last = seq;
      this.#sent++;
      this.#flying += message.body.length;
      path.send(seq, message.body);
    }
  }
}
