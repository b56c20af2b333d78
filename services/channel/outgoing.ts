import { IPCError } from '../../entities/errors.js';
import type { Packet, PacketId } from '../../entities/packet.js';
import { type Audience, isRuns } from './audience.js';
import type { Path, Position } from './carrier.js';
import { GroupWork, isFreer, type Workload } from './group-work.js';
import { type Delivery, MemberQueue, type PendingMessage } from './member-queue.js';
import { isFor, isGroup, type Member, type Members } from './members.js';
import { BLANK_BODY, encodeBody } from './message-body.js';
import { absent, gone } from './undelivered.js';
import { WaitingMessages } from './waiting-messages.js';

/** What becomes of a message. */
export interface OutgoingEvents {
  /** There is a message for a member, but no path to it. */
  dial(member: Member): void;
  /** A request was delivered to a member. */
  handed(request: PacketId, member: Member): void;
  undelivered(message: PendingMessage, error: IPCError): void;
}

/** Limits of the queues. */
export interface OutgoingLimits {
  /** The maximum length of a message, in characters of JSON. */
  readonly message: number;
  /** The maximum total length of queued messages, in characters of JSON. */
  readonly total: number;
  /** After how many heartbeats an absent member counts as gone for good. */
  readonly absence: number;
}

/** The queue for one run of a member. */
interface Line extends Workload {
  readonly member: Member;
  readonly queue: MemberQueue;
  /** The heartbeat at which the member left; undefined while it is present. */
  leftAt: number | undefined;
}

interface Held {
  readonly audience: Audience;
  readonly body: string;
  readonly request: PacketId | undefined;
  readonly delivery: Delivery | undefined;
}

/** The properties that decide what happens to a message whose receiver has left. */
type Kind = Pick<PendingMessage, 'bound' | 'response'>;

const LASTING: Kind = { bound: false, response: false };
const BOUND: Kind = { bound: true, response: false };
const BOUND_RESPONSE: Kind = { bound: true, response: true };

/** The memory that a message takes besides its text, in bytes. */
const OVERHEAD = 160;

function costOf(body: string): number {
  return body.length + OVERHEAD;
}

/** Replaces a message that was moved to another queue, or given up. */
const BLANK: PendingMessage = {
  order: 0,
  to: 0,
  body: BLANK_BODY,
  request: undefined,
  bound: true,
  response: true,
  delivery: undefined,
};

/**
 * All messages of this member that are not acknowledged. A message to an absent member waits for the next one with the same
 * number or name; after the absence timeout it is reported as undelivered. A message to a group goes to the member with the
 * least work; if that leaves before it acknowledges the message, to another one.
 */
export class Outgoing {
  /** Called when nothing is left for members that are present. */
  onIdle: (() => void) | undefined;
  readonly #members: Members;
  readonly #limits: OutgoingLimits;
  readonly #events: OutgoingEvents;
  /** The queues by the ids of the runs. */
  readonly #lines = new Map<string, Line>();
  readonly #groups = new GroupWork();
  readonly #waiting = new WaitingMessages();
  /** Messages that were sent before the channel opened. */
  #held: Held[] | undefined = [];
  #size = 0;
  #ticks = 0;
  #epochs = 0;
  #orders = 0;

  constructor(members: Members, limits: OutgoingLimits, events: OutgoingEvents) {
    this.#members = members;
    this.#limits = limits;
    this.#events = events;
  }

  /** Whether nothing is queued for members that are present, or until the channel opens. */
  get idle(): boolean {
    if (this.#held !== undefined && this.#held.length > 0) return false;
    for (const { queue, leftAt } of this.#lines.values()) {
      if (leftAt === undefined && queue.length > 0) return false;
    }
    return true;
  }

  /** The number and size of unacknowledged messages. */
  get queue(): { packets: number; bytes: number } {
    let packets = this.#waiting.length + (this.#held?.length ?? 0);
    for (const { queue } of this.#lines.values()) packets += queue.length;
    return { packets, bytes: this.#size };
  }

  /** How many messages to a member are unacknowledged. */
  pendingFor(id: string): number {
    return this.#lines.get(id)?.queue.length ?? 0;
  }

  /** Whether the queue for a run is so long that senders that can wait should do so. */
  congested(id: string): boolean {
    return this.#lines.get(id)?.queue.congested === true;
  }

  /** Calls back when {@link congested} has become false. */
  drained(id: string, callback: () => void): void {
    const line = this.#lines.get(id);
    if (line === undefined) callback();
    else line.queue.drained(callback);
  }

  /**
   * Queues a message.
   * @throws IPCError ERR_IPC_ENCODE, ERR_IPC_TOO_LARGE, ERR_IPC_BACKPRESSURE
   */
  send(audience: Audience, packet: Packet, delivery?: Delivery): void {
    const body = encodeBody(packet, this.#limits.message);
    const held: Held = { audience, body, request: packet.id, delivery };
    const present = this.#held === undefined && typeof audience === 'function' ? audience() : undefined;
    const runs = isRuns(audience) ? audience.runs : undefined;
    this.#checkRoom(costOf(body) * (present?.length ?? runs?.length ?? 1));
    if (this.#held === undefined) this.#dispatch(held, present);
    else {
      this.#size += costOf(body);
      this.#held.push(held);
    }
  }

  /**
   * Queues a packet that is only meaningful for one run of a member: a response, or a part of a stream. If that run has
   * ended, the packet is dropped.
   */
  respond(id: string, packet: Packet): void {
    const member = this.#lines.get(id)?.member ?? this.#members.get(id);
    if (member === undefined) return;
    const body = encodeBody(packet, this.#limits.message);
    this.#push(this.#message(member.number, { body }, BOUND_RESPONSE), member);
  }

  /** A request has ended, successfully or not. */
  settled(request: PacketId): void {
    this.#groups.settled(request);
  }

  /** The channel is open: sends the messages that were held back. */
  open(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const message of held) {
      this.#size -= costOf(message.body);
      this.#dispatch(message);
    }
  }

  /** A member is present, for the first time or again: sends it the messages that wait for it. */
  joined(member: Member): void {
    const due = this.#takeFor(member);
    const line = this.#lines.get(member.id);
    if (line !== undefined) line.leftAt = undefined;
    if (due.length === 0) return;
    due.sort((one, other) => one.order - other.order);
    for (const message of due) this.#enqueue(message, member);
  }

  /** A member has left. Its unacknowledged messages are kept for a while, or go to other members of their group. */
  left(id: string): void {
    const line = this.#lines.get(id);
    if (line === undefined) return;
    const { queue } = line;
    queue.pause();
    line.leftAt = this.#ticks;
    this.#reassign(line);
    this.#refuseBound(line);
    if (queue.length === 0) this.#lines.delete(id);
    this.#checkIdle();
  }

  /** The position at which the stream to a member continues. */
  position(member: Member): Position {
    return this.#lineTo(member).queue.position;
  }

  /** There is a path to a member. */
  opened(id: string, path: Path): void {
    this.#lines.get(id)?.queue.open(path);
  }

  /** A path to a member was lost. */
  closed(id: string, path: Path): void {
    const line = this.#lines.get(id);
    if (line?.queue.path !== path) return;
    line.queue.pause();
    if (line.queue.length > 0 && line.leftAt === undefined) this.#events.dial(line.member);
  }

  /** A run has accepted the messages of a stream up to this number. */
  acknowledged(id: string, epoch: number, seq: number): void {
    const line = this.#lines.get(id);
    if (line?.queue.epoch !== epoch) return;
    for (const { body, request, delivery } of line.queue.acknowledge(seq)) {
      this.#size -= costOf(body);
      if (request !== undefined) this.#events.handed(request, line.member);
      if (delivery !== undefined && --delivery.left === 0) delivery.resolve();
    }
    if (this.onIdle !== undefined) this.#checkIdle();
  }

  /** Gives up messages that have waited too long. */
  tick(): void {
    const deadline = ++this.#ticks - this.#limits.absence;
    for (const [id, { queue, leftAt }] of this.#lines) {
      if (leftAt === undefined || leftAt > deadline) continue;
      this.#lines.delete(id);
      for (const message of queue.empty()) this.#giveUp(message, absent(message));
    }
    for (const message of this.#waiting.takeSince(deadline)) this.#giveUp(message, absent(message));
  }

  /** Gives up messages for absent members or, with `all`, all messages. */
  close(error: IPCError, all: boolean): void {
    for (const message of this.#waiting.takeAll()) this.#giveUp(message, error);
    for (const [id, { queue, leftAt }] of this.#lines) {
      if (!all && leftAt === undefined) continue;
      this.#lines.delete(id);
      for (const message of queue.empty()) this.#giveUp(message, error);
    }
    if (!all) return;
    for (const held of this.#held?.splice(0) ?? []) {
      const { audience } = held;
      this.#size -= costOf(held.body);
      const to = isRuns(audience) ? audience.runs.join() : audience;
      this.#giveUp(this.#message(typeof to === 'function' ? 'all' : to, held), error);
    }
  }

  #dispatch(held: Held, present?: readonly Member[]): void {
    const { audience, delivery } = held;
    if (isRuns(audience)) {
      if (delivery !== undefined) delivery.left = audience.runs.length;
      for (const run of audience.runs) this.#sendToRun(run, held);
    } else if (typeof audience === 'function') {
      const members = present ?? audience();
      if (delivery !== undefined) delivery.left = members.length;
      for (const member of members) this.#push(this.#message(member.number, held), member);
    } else {
      this.#enqueue(this.#message(audience, held));
      return;
    }
    if (delivery?.left === 0) delivery.resolve();
  }

  /** Queues a message for one run of a member if that is present. */
  #sendToRun(run: string, held: Held): void {
    const member = this.#members.get(run);
    if (member !== undefined) this.#push(this.#message(member.number, held, BOUND), member);
    else this.#giveUp(this.#message(run, held, BOUND), gone(run));
  }

  /** Queues a message for its receiver. `member` is that receiver if the message is for one member only. */
  #enqueue(message: PendingMessage, member?: Member): void {
    const { to } = message;
    const receiver = isGroup(to) ? this.#choose(message) : (member ?? this.#members.find(to));
    if (receiver === undefined) this.#waiting.add(message, this.#ticks);
    else this.#push(message, receiver);
  }

  #push(message: PendingMessage, member: Member): void {
    const { queue } = this.#lineTo(member);
    queue.push(message);
    if (queue.path === undefined) this.#events.dial(member);
  }

  /** The member of a group with the least work, as far as this member knows; of several, the one that has waited longest. */
  #choose({ to, request }: PendingMessage): Member | undefined {
    let best: Line | undefined;
    for (const id of this.#members.inGroup(to as string)) {
      const line = this.#lineTo(this.#members.get(id) as Member);
      if (line.leftAt === undefined && (best === undefined || isFreer(line, best))) best = line;
    }
    if (best !== undefined) this.#groups.assign(best, request);
    return best?.member;
  }

  /** Moves messages to a group from a member that has left to other members. */
  #reassign({ queue }: Line): void {
    const messages = queue.replace(({ to }) => isGroup(to), BLANK);
    this.#size += messages.length * costOf(BLANK.body);
    for (const message of messages) this.#enqueue(message);
  }

  /**
   * Gives up the requests that are bound to a run that has left, so that they fail at once. Other messages to that run wait
   * for the absence timeout, in case the run returns.
   */
  #refuseBound({ queue, member }: Line): void {
    const refused = queue.replace(({ bound, request }) => bound && request !== undefined, BLANK);
    this.#size += refused.length * costOf(BLANK.body);
    for (const message of refused) this.#giveUp(message, gone(member.number));
  }

  #message(to: number | string, held: Partial<Held> & Pick<Held, 'body'>, kind = LASTING): PendingMessage {
    const { body, request, delivery } = held;
    this.#size += costOf(body);
    return {
      order: ++this.#orders,
      to,
      body,
      request,
      bound: kind.bound,
      response: kind.response,
      delivery,
    };
  }

  #lineTo(member: Member): Line {
    const known = this.#lines.get(member.id);
    if (known !== undefined) return known;
    const queue = new MemberQueue(++this.#epochs);
    const line: Line = { member, queue, leftAt: undefined, requests: 0, chosen: 0 };
    this.#lines.set(member.id, line);
    return line;
  }

  /**
   * Removes and returns the messages that wait for a member that has just joined, or that a run before it with its number
   * or name has not acknowledged. Gives up those that are bound to that run.
   */
  #takeFor(member: Member): PendingMessage[] {
    const { id, number, name } = member;
    const due: PendingMessage[] = [];
    for (const [former, line] of this.#lines) {
      if (former === id || line.leftAt === undefined) continue;
      if (line.member.number !== number && (name === undefined || line.member.name !== name)) continue;
      this.#lines.delete(former);
      for (const message of line.queue.empty()) {
        if (message.bound) this.#giveUp(message, gone(line.member.number));
        else if (isFor(message.to, member)) due.push(message);
        else this.#waiting.add(message, line.leftAt);
      }
    }
    for (const message of this.#waiting.takeFor(member)) due.push(message);
    return due;
  }

  #giveUp(message: PendingMessage, error: IPCError): void {
    this.#size -= costOf(message.body);
    if (message.response) return;
    message.delivery?.reject(error);
    this.#events.undelivered(message, error);
  }

  #checkIdle(): void {
    if (this.onIdle !== undefined && this.idle) this.onIdle();
  }

  #checkRoom(cost: number): void {
    const { total } = this.#limits;
    if (this.#size + cost <= total) return;
    if (cost > total) {
      const message = `The message takes ${cost} bytes for all of its receivers, which is more than maxPendingBytes (${total}); send less, or raise it.`;
      throw new IPCError('ERR_IPC_BACKPRESSURE', message);
    }
    let most: Line | undefined;
    for (const line of this.#lines.values()) {
      if (line.queue.length > (most?.queue.length ?? 0)) most = line;
    }
    const whose = most && `, ${most.queue.length} messages of them for member ${most.member.number}`;
    const message =
      `${total} bytes wait for members that are away, stopped or slow${whose ?? ''}; this message is not ` +
      'taken. Send less, wait, or raise maxPendingBytes.';
    throw new IPCError('ERR_IPC_BACKPRESSURE', message);
  }
}
