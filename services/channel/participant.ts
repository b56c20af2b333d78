import { IPCError } from '../../entities/errors.js';
import type { Packet, PacketId } from '../../entities/packet.js';
import { escapeText } from '../../entities/text.js';
import { parseJSON } from '../../lib/codecs/json.js';
import { nodeCrypto } from '../../lib/lazy-modules.js';
import { settledWithin, suppressUnhandled } from '../../lib/promises.js';
import type { Carrier, CarrierEvents } from './carrier.js';
import { Incoming } from './deduplicator.js';
import { channelClosed } from './events.js';
import { Handles } from './handles.js';
import { BLANK_BODY, type PendingMessage } from './member-queue.js';
import { type Member, Members, type Subscriptions } from './members.js';
import type { Membership, MembershipEvents } from './membership.js';
import type { Settings } from './options.js';
import { Outgoing } from './outgoing.js';

/** What happens to a participant. */
export interface ParticipantEvents {
  /** It is on the channel, and has its number. */
  opened(): void;
  /** A hub has let it in: its first, or after a take-over the next. */
  hub(number: number): void;
  joined(member: Member): void;
  left(member: Member): void;
  /** What a member sent, or this one to itself: the run that it comes from, and its number. */
  packet(packet: Packet, from: string, number: number): void;
  /** A member has been handed a request. */
  handed(request: PacketId, member: Member): void;
  undelivered(message: PendingMessage, error: IPCError): void;
  /** Somebody who is not a member has published something. */
  published(topic: string, data: unknown): void;
  failed(error: IPCError): void;
}

/** Topics for programs that are not members. */
export interface ForeignTopics {
  publish(topic: string, data: unknown): void;
  /** Hears what they publish under these patterns, and no others. */
  subscribe(patterns: readonly string[]): void;
}

/** What happens to foreign topics. */
export type ForeignTopicEvents = Pick<ParticipantEvents, 'published' | 'failed'>;

/** How members find each other and how messages travel. */
export interface Halves {
  readonly membership: Membership;
  readonly carrier: Carrier;
  readonly topics?: ForeignTopics;
}

/** Makes both, and takes a number. */
export type Join = (
  settings: Settings,
  membership: MembershipEvents,
  carrier: CarrierEvents,
  topics: ForeignTopicEvents,
  run: string,
  handles: Handles,
) => Promise<Halves>;

interface Waiter {
  readonly version: number;
  resolve(): void;
  reject(error: IPCError): void;
}

/** How many of those that left are remembered, in case that something of theirs comes late. */
const MOST_GONE = 1000;

/** One run of a member, from the opening of its channel to the end. What its messages mean is not its business. */
export class Participant {
  readonly id = nodeCrypto().randomUUID();
  readonly members = new Members();
  readonly outgoing: Outgoing;
  readonly handles = new Handles();
  /** The number of the hub's member, while it is connected to it. */
  hub: number | undefined;
  /** Whether it is connected to the others' list of members. */
  connected = false;
  readonly #settings: Settings;
  readonly #join: Join;
  readonly #events: ParticipantEvents;
  readonly #incoming = new Incoming();
  readonly #waiters: Waiter[] = [];
  /** Members that are said to be gone and whose last messages may still come. */
  readonly #leaving = new Map<string, Member>();
  readonly #gone = new Set<string>();
  #topics: readonly string[] = [];
  #version = 0;
  #opening: Promise<void> | undefined;
  #membership: Membership | undefined;
  #carrier: Carrier | undefined;
  #foreign: ForeignTopics | undefined;
  #up = false;
  #closing: Promise<void> | undefined;
  /** Why it is over. */
  #over: IPCError | undefined;

  constructor(settings: Settings, join: Join, events: ParticipantEvents) {
    this.#settings = settings;
    this.#join = join;
    this.#events = events;
    const { heartbeat, absenceTimeout, maxMessageSize: message, maxPendingBytes: total } = settings;
    const limits = { message, total, absence: Math.ceil(absenceTimeout / heartbeat) };
    this.outgoing = new Outgoing(this.members, limits, {
      dial: (member) => this.#carrier?.dial(member),
      handed: (request, member) => events.handed(request, member),
      undelivered: (pending, error) => events.undelivered(pending, error),
    });
  }

  /** Its number, once it is on the channel. */
  get number(): number | undefined {
    return this.#up && this.#membership?.certain ? this.#membership.number : undefined;
  }

  /** Why nothing can be sent any more, where that is so. */
  get over(): IPCError | undefined {
    return this.#over ?? (this.#closing && channelClosed());
  }

  /** Begins to join the channel; nothing if it has. */
  open(): void {
    if (this.#opening === undefined && this.over === undefined) this.#opening = this.#open();
  }

  /** Resolves when it is on the channel; rejects when it cannot be, or was closed. */
  ready(): Promise<void> {
    this.open();
    if (this.#up && this.over === undefined) return Promise.resolve();
    return this.#wait(0);
  }

  /** Tells everybody which topics it subscribes to; resolves when they have been told. */
  subscribe(topics: readonly string[]): Promise<void> {
    this.open();
    this.#topics = topics;
    const told = this.#wait(++this.#version);
    this.#foreign?.subscribe(topics);
    this.#membership?.subscribe(this.#subscriptions());
    return told;
  }

  /** Publishes to those who are not members, where there can be some; they miss it where there is no connection. */
  publish(topic: string, data: unknown): void {
    if (this.connected) this.#foreign?.publish(topic, data);
  }

  /**
   * Delivers what it can, and leaves for good.
   * @param timeout milliseconds that the others have to acknowledge
   * @param idle resolves when the caller has nothing to wait for
   */
  close(timeout: number, idle: Promise<void>): Promise<void> {
    this.#closing ??= this.#close(timeout, idle);
    return this.#closing;
  }

  async #open(): Promise<void> {
    // So that what fails at once is heard by handlers that are added right after.
    await undefined;
    try {
      const halves = await this.#join(
        this.#settings,
        this.#membershipEvents(),
        this.#carrierEvents(),
        this.#events,
        this.id,
        this.handles,
      );
      this.#membership = halves.membership;
      this.#carrier = halves.carrier;
      this.#foreign = halves.topics;
      // It was closed, and did not wait for this.
      if (this.#over !== undefined) {
        await this.#leave();
        return;
      }
      this.#foreign?.subscribe(this.#topics);
      this.#membership.enter();
    } catch (error) {
      if (this.#over !== undefined) return;
      const { message } = error as Error;
      const fault =
        error instanceof IPCError ? error : new IPCError('ERR_IPC_LISTEN', message, { cause: error });
      this.#end(fault);
      this.#events.failed(fault);
    }
  }

  #membershipEvents(): MembershipEvents {
    return {
      self: () => this.#self(),
      known: () => this.members.all,
      entered: (members, hub) => this.#entered(members, hub),
      joined: (member) => this.#joined(member),
      left: (id) => this.#left(id),
      subscribed: (subscriptions) => this.#subscribed(subscriptions),
      lost: () => {
        this.hub = undefined;
        this.connected = false;
      },
      tick: () => this.outgoing.tick(),
      contested: (number) => {
        const message =
          `The number ${number} is another member's too: files in the channel's directory were removed. ` +
          'Restart one of the two.';
        this.#events.failed(new IPCError('ERR_IPC_IN_USE', message));
      },
      renumbered: (before, now) => {
        const message = `The number ${before} went to another member while this one could not renew it; this member is ${now} now.`;
        this.#events.failed(new IPCError('ERR_IPC_IN_USE', message));
      },
      failed: (error) => this.#events.failed(error),
    };
  }

  #carrierEvents(): CarrierEvents {
    const { outgoing } = this;
    return {
      self: () => this.#self(),
      known: (id) => this.members.get(id),
      met: (member) => this.#met(member),
      position: (member) => outgoing.position(member),
      opened: (id, path) => outgoing.opened(id, path),
      closed: (id, path) => outgoing.closed(id, path),
      incoming: ({ id, number }, { epoch, first }) => this.#incoming.from(id, number, epoch, first),
      message: (from, number, body) => this.#receive(from, number, body),
      acknowledged: (id, epoch, seq) => outgoing.acknowledged(id, epoch, seq),
      failed: (error) => this.#events.failed(error),
    };
  }

  #self(): Member {
    const { peer, group } = this.#settings;
    const number = this.#membership?.number as number;
    return {
      ...this.#subscriptions(),
      number,
      ...(peer === undefined ? {} : { name: peer }),
      ...(group === undefined ? {} : { group }),
    };
  }

  #subscriptions(): Subscriptions {
    return { id: this.id, topics: this.#topics, version: this.#version };
  }

  #receive(from: string, number: number, body: string): void {
    if (body === BLANK_BODY) return;
    const packet = parsed(body);
    if (packet !== undefined) this.#events.packet(packet, from, number);
    else {
      const message = `Member ${number} sent what is not a message, of ${body.length} characters: ${shown(body)}`;
      this.#events.failed(new IPCError('ERR_IPC_DECODE', message));
    }
  }

  #entered(members: readonly Member[], hub: number | undefined): void {
    const ids = new Set(members.map(({ id }) => id));
    for (const { id } of this.members.all) if (!ids.has(id)) this.#left(id);
    for (const member of members) this.#joined(member);
    this.hub = hub;
    this.connected = true;
    if (!this.#up) {
      this.#up = true;
      this.outgoing.open();
      if (this.#closing !== undefined) this.outgoing.close(channelClosed(), false);
      this.#told(0);
      this.#events.opened();
      // Whoever awaits ready() is there for the first message.
      this.#carrier?.open();
    }
    if (hub !== undefined) this.#events.hub(hub);
    const version = this.members.get(this.id)?.version ?? 0;
    this.#told(version);
    if (version < this.#version) this.#membership?.subscribe(this.#subscriptions());
  }

  /** A member has been heard from, maybe before the list of members says so. */
  #met(member: Member): boolean {
    if (this.#gone.has(member.id)) return false;
    if (this.members.get(member.id) === undefined) this.#joined(member);
    return true;
  }

  #joined(member: Member): void {
    this.#gone.delete(member.id);
    for (const [id, { number }] of this.#leaving) {
      if (id === member.id || number === member.number) this.#gonePast(id);
    }
    this.#gone.delete(member.id);
    let known = this.members.get(member.id);
    if (known !== undefined && known.number !== member.number) {
      // It has lost its number to another.
      this.members.drop(member.id);
      this.members.put({ ...known, number: member.number });
      known = this.members.get(member.id) as Member;
    }
    if (known !== undefined && known.version >= member.version) return;
    this.members.put(member);
    if (known !== undefined) return;
    this.outgoing.joined(member);
    if (this.#up) this.#events.joined(member);
  }

  /** A member has left; what it sent before is handed over first. */
  #left(id: string): void {
    const member = this.members.get(id);
    if (member === undefined || id === this.id || this.#leaving.has(id)) return;
    this.#gone.add(id);
    if (this.#gone.size > MOST_GONE) this.#gone.delete(this.#gone.values().next().value as string);
    this.#leaving.set(id, member);
    this.#carrier?.drop(id, () => this.#gonePast(id));
  }

  #gonePast(id: string): void {
    const member = this.#leaving.get(id);
    if (member === undefined) return;
    this.#leaving.delete(id);
    this.members.drop(id);
    this.outgoing.left(id);
    this.#events.left(member);
  }

  #subscribed(subscriptions: Subscriptions): void {
    const { id, topics, version } = subscriptions;
    const member = this.members.get(id);
    if (member !== undefined && member.version < version) this.members.put({ ...member, topics, version });
    if (id === this.id) this.#told(version);
  }

  async #close(timeout: number, idle: Promise<void>): Promise<void> {
    this.handles.ref();
    await settledWithin(this.#opening, timeout);
    if (this.#membership !== undefined) {
      if (this.#up) this.outgoing.close(channelClosed(), false);
      await this.#drained(timeout, idle);
      this.#incoming.close();
      // The last acknowledgements go out at the end of the turn.
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      await this.#leave();
    }
    this.#end(channelClosed());
  }

  async #leave(): Promise<void> {
    await this.#membership?.leave();
    await this.#carrier?.close();
    await this.#membership?.release();
  }

  /** Waits until the members that are there have everything. */
  async #drained(timeout: number, idle: Promise<void>): Promise<void> {
    const delivered = new Promise<void>((resolve) => {
      this.outgoing.onIdle = resolve;
      if (this.outgoing.idle) resolve();
    });
    await settledWithin(Promise.all([delivered, idle]), timeout);
  }

  #end(error: IPCError): void {
    if (this.#over !== undefined) return;
    this.#over = error;
    this.#up = false;
    this.hub = undefined;
    this.connected = false;
    this.outgoing.close(error, true);
    for (const { id } of this.members.all) this.members.drop(id);
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
  }

  /** Resolves when the others have been told a version of the topics; that of 0 they know at the opening. */
  #wait(version: number): Promise<void> {
    const { over } = this;
    if (over !== undefined) return suppressUnhandled(Promise.reject(over));
    return suppressUnhandled(
      new Promise((resolve, reject) => {
        this.#waiters.push({ version, resolve, reject });
      }),
    );
  }

  #told(version: number): void {
    const told = this.#waiters.filter((waiter) => waiter.version <= version);
    if (told.length === 0) return;
    this.#waiters.splice(0, this.#waiters.length, ...this.#waiters.filter((one) => one.version > version));
    for (const waiter of told) waiter.resolve();
  }
}

/** The beginning of what came from another process, for an error's message. */
function shown(body: string): string {
  return `"${escapeText(body)}"`;
}

function parsed(body: string): Packet | undefined {
  try {
    const packet = parseJSON(body) as Packet | null;
    return typeof packet?.type === 'string' ? packet : undefined;
  } catch {
    return undefined;
  }
}
