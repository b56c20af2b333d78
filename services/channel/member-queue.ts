import type { PacketId } from '../../entities/packet.js';
import type { Path, Position } from './carrier.js';

/** Called when a message has been delivered to all receivers, or could not be delivered to one. */
export interface Delivery {
  /** How many receivers have not acknowledged it yet. */
  left: number;
  resolve(): void;
  reject(error: unknown): void;
}

/** A message to one member, kept until the member acknowledges it. */
export interface PendingMessage {
  /** Its position among all messages that this member has sent. */
  readonly order: number;
  /** The number, name or group that it was sent to. */
  readonly to: number | string;
  readonly body: string;
  /** The id of the request, if the message is one. */
  readonly request: PacketId | undefined;
  /** Whether it is for one run of a member only, and not for the next one with the same number or name. */
  readonly bound: boolean;
  /** Whether it is a response to a request of that run. If the run has ended, nobody waits for it. */
  readonly response: boolean;
  readonly delivery: Delivery | undefined;
}

/**
 * The window: how many characters and messages may be unacknowledged. It limits what a receiver that stops reading causes
 * to be buffered on the way.
 */
const WINDOW_SIZE = 1024 * 1024;
const WINDOW_COUNT = 4096;

/** From this many unacknowledged characters, senders that can wait should do so, in order not to delay other messages. */
const BUSY_SIZE = 256 * 1024;

/** From this many, acknowledged entries are removed from the front of the array. */
const COMPACT_FROM = 1024;

/**
 * The messages to one run of a member, numbered from 1 and kept until they are acknowledged. At most one window of them is
 * sent without acknowledgement. When there is a new path, they are sent again from the first unacknowledged one.
 */
export class MemberQueue {
  /** A later queue of the same sender has a higher epoch. */
  readonly epoch: number;
  #path: Path | undefined;
  #messages: PendingMessage[] = [];
  /** The array index of the first kept message; earlier entries are acknowledged. */
  #head = 0;
  /** The number of the first kept message, and of the last that was ever sent. */
  #first = 1;
  #last = 0;
  /** How many of the kept messages were sent, and their total length. */
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

  /** Whether so much is sent or queued without acknowledgement that senders that can wait should do so. */
  get congested(): boolean {
    return this.#flying >= BUSY_SIZE || this.#sent < this.length;
  }

  /** Calls back when {@link congested} has become false. */
  drained(callback: () => void): void {
    if (this.congested) this.#drains.push(callback);
    else callback();
  }

  /** The position at which the stream continues on a new path. */
  get position(): Position {
    return { epoch: this.epoch, first: this.#first };
  }

  /** Replaces the matching messages with `blank` and returns them. All others keep their numbers. */
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

  /** There is a path to the member: sends all unacknowledged messages. */
  open(path: Path): void {
    this.#path = path;
    this.#sent = 0;
    this.#flying = 0;
    this.#pump(path);
    this.#checkDrained();
  }

  /** The path to the member was lost. */
  pause(): void {
    this.#path = undefined;
  }

  /** Removes and returns the messages up to an acknowledged number. */
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

  /** Removes and returns all messages. */
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
