import { IPCError, messageOf } from '../../entities/errors.js';
import type { Packet, PacketId } from '../../entities/packet.js';
import { Deadline } from '../../lib/deadline.js';
import { nodeCrypto } from '../../lib/lazy-modules.js';
import { rejected } from '../../lib/promises.js';
import type { Carrier, CarrierEvents } from './carrier.js';
import { Incoming } from './deduplicator.js';
import { channelClosed } from './events.js';
import type { ForeignTopicEvents, ForeignTopics } from './foreign-topics.js';
import { Handles } from './handles.js';
import type { Join } from './join.js';
import type { PendingMessage } from './member-queue.js';
import { type Member, Members, type Subscriptions } from './members.js';
import type { Membership, MembershipEvents } from './membership.js';
import { BLANK_BODY, decodeBody } from './message-body.js';
import type { Settings } from './options.js';
import { Outgoing } from './outgoing.js';
import { OwnSubscriptions } from './own-subscriptions.js';
import { Presence } from './presence.js';

/** The events of a participant. */
export interface ParticipantEvents extends ForeignTopicEvents {
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
}

/** How long others that do not answer may delay a member that leaves, in milliseconds. */
const FAREWELL_MS = 1000;

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
  readonly #presence: Presence;
  readonly #subscriptions = new OwnSubscriptions(this.id);
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
    this.#presence = new Presence(this.members, this.id, {
      joined: (member) => this.#joined(member),
      leaving: (id, done) => this.#carrier?.drop(id, done),
      left: (member) => this.#left(member),
    });
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
    return this.#known(0);
  }

  /** Tells all members the topics that it subscribes to; resolves when they know. */
  subscribe(topics: readonly string[]): Promise<void> {
    this.open();
    this.#subscriptions.replace(topics);
    const told = this.#known(this.#subscriptions.version);
    this.#foreign?.subscribe(topics);
    this.#membership?.subscribe(this.#subscriptions.current);
    return told;
  }

  /** Publishes to programs that are not members, if the carrier supports that. Without a connection the message is lost. */
  publish(topic: string, data: unknown): void {
    if (this.connected) this.#foreign?.publish(topic, data);
  }

  /**
   * Delivers what it can, and leaves for good.
   * @param timeout how long joining and the others' acknowledgements may take together, in milliseconds; after that, leaving
   * takes one more second at most
   * @param idle resolves when the caller has nothing left to wait for
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
      // The participant was closed in the meantime, and `close` has stopped waiting.
      if (this.#over !== undefined) {
        await this.#leave();
        return;
      }
      this.#foreign?.subscribe(this.#subscriptions.topics);
      this.#membership.enter();
    } catch (error) {
      if (this.#over !== undefined) return;
      const fault = error instanceof IPCError ? error : notJoined(error);
      this.#end(fault);
      this.#events.failed(fault);
    }
  }

  #membershipEvents(): MembershipEvents {
    return {
      self: () => this.#self(),
      known: () => this.members.all,
      entered: (members, hub) => this.#entered(members, hub),
      joined: (member) => this.#presence.joined(member),
      left: (id) => this.#presence.left(id),
      subscribed: (subscriptions) => this.#subscribed(subscriptions),
      lost: () => {
        this.hub = undefined;
        this.connected = false;
      },
      tick: () => this.outgoing.tick(),
      contested: (number) => {
        const message =
          `The number ${number} also belongs to another member: files in the channel's directory were removed. ` +
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
      met: (member) => this.#presence.met(member),
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
      ...this.#subscriptions.current,
      number,
      ...(peer === undefined ? {} : { name: peer }),
      ...(group === undefined ? {} : { group }),
    };
  }

  /** Resolves when the other members know a version of its subscriptions; rejects if they will not be told any more. */
  #known(version: number): Promise<void> {
    const { over } = this;
    return over === undefined ? this.#subscriptions.known(version) : rejected(over);
  }

  #receive(from: string, number: number, body: string): void {
    if (body === BLANK_BODY) return;
    let packet: Packet;
    try {
      packet = decodeBody(body, number);
    } catch (error) {
      this.#events.failed(error as IPCError);
      return;
    }
    this.#events.packet(packet, from, number);
  }

  #entered(members: readonly Member[], hub: number | undefined): void {
    this.#presence.replace(members);
    this.hub = hub;
    this.connected = true;
    if (!this.#up) {
      this.#up = true;
      this.outgoing.open();
      if (this.#closing !== undefined) this.outgoing.close(channelClosed(), false);
      this.#subscriptions.told(0);
      this.#events.opened();
      // Code that awaits ready() runs before the first message is delivered.
      this.#carrier?.open();
    }
    if (hub !== undefined) this.#events.hub(hub);
    const version = this.members.get(this.id)?.version ?? 0;
    this.#subscriptions.told(version);
    if (version < this.#subscriptions.version) this.#membership?.subscribe(this.#subscriptions.current);
  }

  #joined(member: Member): void {
    this.outgoing.joined(member);
    if (this.#up) this.#events.joined(member);
  }

  #left(member: Member): void {
    this.outgoing.left(member.id);
    this.#events.left(member);
  }

  #subscribed(subscriptions: Subscriptions): void {
    this.#presence.subscribed(subscriptions);
    if (subscriptions.id === this.id) this.#subscriptions.told(subscriptions.version);
  }

  async #close(timeout: number, idle: Promise<void>): Promise<void> {
    this.handles.ref();
    const limit = new Deadline(timeout);
    await limit.settled(this.#opening);
    if (this.#membership !== undefined) {
      if (this.#up) this.outgoing.close(channelClosed(), false);
      await this.#drained(limit, idle);
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
    const limit = new Deadline(FAREWELL_MS);
    await this.#membership?.leave(limit);
    await this.#carrier?.close(limit);
    await this.#membership?.release(limit);
  }

  /** Waits until the present members have received everything. */
  async #drained(limit: Deadline, idle: Promise<void>): Promise<void> {
    const delivered = new Promise<void>((resolve) => {
      this.outgoing.onIdle = resolve;
      if (this.outgoing.idle) resolve();
    });
    await limit.settled(Promise.all([delivered, idle]));
  }

  #end(error: IPCError): void {
    if (this.#over !== undefined) return;
    this.#over = error;
    this.#up = false;
    this.hub = undefined;
    this.connected = false;
    this.outgoing.close(error, true);
    for (const { id } of this.members.all) this.members.drop(id);
    this.#subscriptions.end(error);
  }
}

/** The error of joining that failed for a reason of the system, such as a full disk. */
function notJoined(cause: unknown): IPCError {
  const message = `This member cannot join the channel: ${messageOf(cause)}; check the channel's directory, and the space on its disk.`;
  return new IPCError('ERR_IPC_LISTEN', message, { cause });
}
