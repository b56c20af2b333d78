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

/** The events of a participant. */
export interface ParticipantEvents {
  /** The participant has joined the channel and has its number. */
  opened(): void;
  /** A hub admitted it: the first one, and later each one that replaced it. */
  hub(number: number): void;
  joined(member: Member): void;
  left(member: Member): void;
  /** A packet from a member, or from this member to itself, with the sender's run and number. */
  packet(packet: Packet, from: string, number: number): void;
  /** A request was delivered to a member. */
  handed(request: PacketId, member: Member): void;
  undelivered(message: PendingMessage, error: IPCError): void;
  /** A program that is not a member has published a message. */
  published(topic: string, data: unknown): void;
  failed(error: IPCError): void;
}

/** Topics shared with programs that are not members. */
export interface ForeignTopics {
  publish(topic: string, data: unknown): void;
  /** Subscribes to exactly these patterns. */
  subscribe(patterns: readonly string[]): void;
}

/** The events of {@link ForeignTopics}. */
export type ForeignTopicEvents = Pick<ParticipantEvents, 'published' | 'failed'>;

/** The two parts of a channel: how members find each other, and how messages are carried. */
export interface Halves {
  readonly membership: Membership;
  readonly carrier: Carrier;
  readonly topics?: ForeignTopics;
}

/** Creates both parts and acquires a number. */
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

/** How many members that left are remembered, in case a late packet from one arrives. */
const MOST_GONE = 1000;

/** One run of a member, from joining the channel to leaving it. It does not interpret the messages. */
export class Participant {
  readonly id = nodeCrypto().randomUUID();
  readonly members = new Members();
  readonly outgoing: Outgoing;
  readonly handles = new Handles();
  /** The number of the member that hosts the hub, while connected to it. */
  hub: number | undefined;
  /** Whether it is connected to the list of members. */
  connected = false;
  readonly #settings: Settings;
  readonly #join: Join;
  readonly #events: ParticipantEvents;
  readonly #incoming = new Incoming();
  readonly #waiters: Waiter[] = [];
  /** Members that have left, but whose last messages may still arrive. */
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
  /** Why the participant has ended. */
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

  /** Its number, once it has joined. */
  get number(): number | undefined {
    return this.#up && this.#membership?.certain ? this.#membership.number : undefined;
  }

  /** Why nothing can be sent any more; undefined if that is not the case. */
  get over(): IPCError | undefined {
    return this.#over ?? (this.#closing && channelClosed());
  }

  /** Starts to join the channel, unless it has already. */
  open(): void {
    if (this.#opening === undefined && this.over === undefined) this.#opening = this.#open();
  }

  /** Resolves when it has joined; rejects if it cannot join or was closed. */
  ready(): Promise<void> {
    this.open();
    if (this.#up && this.over === undefined) return Promise.resolve();
    return this.#wait(0);
  }

  /** Tells all members the topics that it subscribes to; resolves when they know. */
  subscribe(topics: readonly string[]): Promise<void> {
    this.open();
    this.#topics = topics;
    const told = this.#wait(++this.#version);
    this.#foreign?.subscribe(topics);
    this.#membership?.subscribe(this.#subscriptions());
    return told;
  }

  /** Publishes to programs that are not members, if the carrier supports that. Without a connection the message is lost. */
  publish(topic: string, data: unknown): void {
    if (this.connected) this.#foreign?.publish(topic, data);
  }

  /**
   * Delivers what it can, and leaves for good.
   * @param timeout how long the others may take to acknowledge, in milliseconds
   * @param idle resolves when the caller does not wait for anything
   */
  close(timeout: number, idle: Promise<void>): Promise<void> {
    this.#closing ??= this.#close(timeout, idle);
    return this.#closing;
  }

  async #open(): Promise<void> {
    // Defers errors, so that handlers added right after the call receive them.
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
      // Code that awaits ready() runs before the first message is delivered.
      this.#carrier?.open();
    }
    if (hub !== undefined) this.#events.hub(hub);
    const version = this.members.get(this.id)?.version ?? 0;
    this.#told(version);
    if (version < this.#version) this.#membership?.subscribe(this.#subscriptions());
  }

  /** A message from a member arrived, possibly before the list of members contains it. */
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
      // That member has lost its number to this one.
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

  /** A member has left. Delivers what it had sent before. */
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
      // The last acknowledgements are sent at the end of the turn.
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

  /** Waits until the present members have received everything. */
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

  /** Resolves when the others know a version of the subscriptions. Version 0 is part of entering. */
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

/** A short excerpt of received data for an error message. */
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
