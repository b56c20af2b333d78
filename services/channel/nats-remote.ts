import type { Path, Position } from './carrier.js';
import type { Deduplicator } from './deduplicator.js';
import type { Member } from './members.js';
import { PartAssembler } from './part-assembler.js';

/** How long to wait for an acknowledgement before sending again, in milliseconds. The time doubles with each attempt. */
export const RESEND_MS = 500;
const LONGEST_RESEND_MS = 8000;

/** The state of the communication with one run of another member. */
export class NatsRemote implements Path {
  readonly member: Member;
  /** The position of the stream to it. */
  position: Position | undefined;
  /** The deduplicator of the messages from it. */
  incoming: Deduplicator | undefined;
  /** The parts of an incomplete message from it. */
  readonly parts = new PartAssembler();
  /** The number of the last sent message, and of the last acknowledged one. */
  sent = 0;
  acknowledged = 0;
  /** Since when nothing was acknowledged, and how long that may last before messages are sent again. */
  since = 0;
  patience = RESEND_MS;
  /** Whether there is something to send, and whether an acknowledgement is due. */
  wanted = false;
  due = false;
  scheduled = false;
  /** Messages that are batched until the end of the turn, and the number of the first of them. */
  batch = '';
  batchSeq = 0;
  readonly flush: () => void;
  readonly #post: (remote: NatsRemote, seq: number, body: string) => void;

  constructor(
    member: Member,
    post: (remote: NatsRemote, seq: number, body: string) => void,
    flush: (remote: NatsRemote) => void,
  ) {
    this.member = member;
    this.#post = post;
    this.flush = () => flush(this);
  }

  send(seq: number, body: string): void {
    this.#post(this, seq, body);
  }

  /** Sending begins again after the last acknowledged message. */
  restart(position: Position): void {
    this.position = position;
    this.batch = '';
    this.acknowledged = position.first - 1;
    this.since = performance.now();
  }

  /** Whether an acknowledgement is late at a time, in milliseconds of performance.now(). If so, the next one may take longer. */
  isLate(now: number): boolean {
    if (this.position === undefined || this.sent <= this.acknowledged) return false;
    if (now - this.since < this.patience) return false;
    this.patience = Math.min(2 * this.patience, LONGEST_RESEND_MS);
    return true;
  }
}
