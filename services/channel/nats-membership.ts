import { IPCError } from '../../entities/errors.js';
import type { Deadline } from '../../lib/deadline.js';
import { ReportLimit } from '../../lib/report-limit.js';
import { isMember, type Member, type Subscriptions } from './members.js';
import type { Membership, MembershipEvents } from './membership.js';
import type { Bucket, NatsClient, NatsSubscription } from './nats-client.js';
import { NatsLease, parsed } from './nats-lease.js';
import { takeNumber } from './nats-number.js';
import type { NatsSubjects } from './nats-subjects.js';

/**
 * The duration of a lease, and the interval of its renewal, in heartbeats. The bucket has the duration that its first member
 * gave it, and a twelfth of that is the heartbeat of all.
 */
const LEASE = 12;
const RENEWAL = 4;

/** How many heartbeats a member may be silent: the duration of its lease, plus how late an announcement may be. */
const SILENCE = LEASE + RENEWAL;

/** What a NATS membership needs. */
export interface NatsMembershipOptions {
  readonly client: NatsClient;
  readonly subjects: NatsSubjects;
  readonly run: string;
  readonly name: string | undefined;
  readonly group: string | undefined;
  /** Milliseconds between two heartbeats; those of the leases are as the first member of the channel had them. */
  readonly heartbeat: number;
}

/** The announcements between members. */
interface Announcement {
  readonly member?: unknown;
  readonly left?: unknown;
}

/**
 * Membership on several machines: numbers and names are leases in a key-value bucket, and each member announces when it
 * joins, renews or leaves. NATS does not report expired leases, so members count the heartbeats since the last
 * announcement.
 */
export class NatsMembership implements Membership {
  readonly #options: NatsMembershipOptions;
  readonly #events: MembershipEvents;
  readonly #named: NatsLease | undefined;
  #bucket: Bucket;
  #number: number;
  #lease: NatsLease;
  /** The version of the subscriptions that the lease tells members that join. */
  #told = 0;
  readonly #duration: number;
  /** The other members, and for how many heartbeats each has been silent. */
  readonly #others = new Map<string, { member: Member; silent: number }>();
  readonly #invalid = new ReportLimit('NATS');
  #subscription: NatsSubscription | undefined;
  #timers: NodeJS.Timeout[] = [];
  #beats = 0;
  #connected = true;
  #renewing = false;
  #lost = false;
  #over = false;

  private constructor(
    options: NatsMembershipOptions,
    events: MembershipEvents,
    bucket: Bucket,
    duration: number,
    named: NatsLease | undefined,
    numbered: { number: number; lease: NatsLease },
  ) {
    this.#options = options;
    this.#events = events;
    this.#bucket = bucket;
    this.#duration = duration;
    this.#named = named;
    this.#number = numbered.number;
    this.#lease = numbered.lease;
  }

  /**
   * Acquires a number and the name.
   * @throws IPCError (rejects) ERR_IPC_IN_USE if the name is taken, ERR_IPC_CONNECT
   */
  static async begin(options: NatsMembershipOptions, events: MembershipEvents): Promise<NatsMembership> {
    const { client, subjects, run, name, heartbeat } = options;
    const bucket = await client.bucket(subjects.leases, LEASE * heartbeat);
    const duration = (await bucket.status()).ttl || LEASE * heartbeat;
    let named: NatsLease | undefined;
    if (name !== undefined) {
      named = new NatsLease(bucket, subjects.name(name), run, duration);
      if (!(await named.inherit({}))) {
        const message = `A member named ${JSON.stringify(name)} is on the channel already; stop it, or choose another name.`;
        throw new IPCError('ERR_IPC_IN_USE', message);
      }
    }
    try {
      const numbered = await takeNumber(options, bucket, duration);
      return new NatsMembership(options, events, bucket, duration, named, numbered);
    } catch (error) {
      await named?.release();
      throw error;
    }
  }

  get number(): number {
    return this.#number;
  }

  get certain(): boolean {
    return this.#lease.held;
  }

  enter(): void {
    const { client, subjects, heartbeat } = this.#options;
    this.#subscription = client.connection.subscribe(subjects.members, {
      callback: (error, message) => {
        if (error === null) this.#received(message.string());
      },
    });
    this.#timers = [
      setInterval(() => this.#beat(), this.#duration / LEASE),
      setInterval(() => this.#tick(), heartbeat),
    ];
    void this.#refresh();
  }

  subscribe(subscriptions: Subscriptions): void {
    const renewed = this.#renew();
    this.#announce();
    // A flush returns after the announcement has been sent to all other members.
    void Promise.all([renewed, this.#flushed()]).then(() => this.#events.subscribed(subscriptions));
  }

  /** The connection to NATS was made or lost. */
  connected(is: boolean): void {
    this.#connected = is;
    if (!is) this.#lose();
    else void this.#renew().then(() => this.#refresh());
  }

  async leave(limit: Deadline): Promise<void> {
    this.#over = true;
    for (const timer of this.#timers) clearInterval(timer);
    this.#subscription?.unsubscribe();
    if (!this.#connected) return;
    this.#publish({ left: this.#options.run });
    const told = Promise.allSettled([this.#lease.release(), this.#named?.release(), this.#flushed()]);
    await limit.settled(told);
  }

  async release(limit: Deadline): Promise<void> {
    await limit.settled(this.#options.client.connection.close());
  }

  #flushed(): Promise<void> {
    return this.#options.client.connection.flush().catch(() => {});
  }

  #publish(announcement: Announcement): void {
    const { client, subjects } = this.#options;
    if (!client.connection.isClosed())
      client.connection.publish(subjects.members, JSON.stringify(announcement));
  }

  #announce(): void {
    if (!this.#lost) this.#publish({ member: this.#events.self() });
  }

  #received(text: string): void {
    const { member, left } = (parsed(text) ?? {}) as Announcement;
    if (typeof left === 'string') this.#gone(left);
    else if (!isMember(member)) this.#misused();
    else if (member.id !== this.#options.run) this.#here(member);
  }

  #misused(): void {
    const fault = this.#invalid.pass(() => {
      const message = `A NATS message on ${this.#options.subjects.members} is not an announcement of a member; it was ignored.`;
      return new IPCError('ERR_IPC_DECODE', message);
    });
    if (fault !== undefined) this.#events.failed(fault);
  }

  #here(member: Member): void {
    const { id, number } = member;
    const known = this.#others.get(id);
    if (known !== undefined && known.member.number !== number) this.#gone(id);
    for (const other of this.#others.values()) {
      if (other.member.number === number && other.member.id !== id) this.#gone(other.member.id);
    }
    const before = this.#others.get(id)?.member;
    this.#others.set(id, { member, silent: 0 });
    if (before === undefined) this.#events.joined(member);
    else if (before.version < member.version) this.#events.subscribed(member);
  }

  #gone(id: string): void {
    if (this.#others.delete(id)) this.#events.left(id);
  }

  /** Counts heartbeats instead of measuring time, so that a member which was suspended itself does not blame the others. */
  #beat(): void {
    if (!this.#lease.held) this.#lose();
    if (++this.#beats % RENEWAL === 0 || this.#lost) void this.#renew();
    if (!this.#connected) return;
    for (const [id, other] of this.#others) if (++other.silent > SILENCE) this.#gone(id);
  }

  #tick(): void {
    if (this.#connected && !this.#lost) this.#events.tick();
  }

  /** Others may have the number by now, so it is not used until it is certain again. */
  #lose(): void {
    if (this.#lost) return;
    this.#lost = true;
    this.#events.lost();
  }

  async #renew(): Promise<void> {
    if (this.#renewing || this.#over || !this.#connected) return;
    this.#renewing = true;
    try {
      // It may have subscribed to more in the meantime.
      do await this.#renewOnce();
      while (this.#told < this.#events.self().version && this.#lease.held && !this.#over);
    } catch {
      await this.#rebuild();
    } finally {
      this.#renewing = false;
    }
  }

  async #renewOnce(): Promise<void> {
    const value = this.#events.self();
    const renewals = [await this.#lease.renew(value), (await this.#named?.renew({})) ?? 'held'];
    if (this.#over) return;
    if (renewals[0] === 'held') this.#told = value.version;
    if (renewals[0] === 'taken') await this.#renumber();
    if (renewals[1] === 'taken') this.#events.failed(nameLost(this.#options.name as string));
    if (this.#lease.held) {
      if (this.#lost) await this.#refresh();
      this.#announce();
    }
  }

  /** NATS did not respond, or it lost the bucket, as a server does that restarts with an empty store. */
  async #rebuild(): Promise<void> {
    const { client, subjects } = this.#options;
    try {
      this.#bucket = await client.bucket(subjects.leases, this.#duration);
      this.#lease.moveTo(this.#bucket);
      this.#named?.moveTo(this.#bucket);
    } catch {
      // The next heartbeat tries again.
    }
  }

  /** Another member acquired the number while this one could not renew it. */
  async #renumber(): Promise<void> {
    const before = this.#number;
    const { number, lease } = await takeNumber(this.#options, this.#bucket, this.#duration);
    this.#number = number;
    this.#lease = lease;
    this.#told = 0;
    this.#events.renumbered(before, number);
  }

  /** Reads the list of members. Those who are not in it count as gone when they stay silent. */
  async #refresh(): Promise<void> {
    const { client, subjects, run } = this.#options;
    try {
      for (const text of (await client.values(subjects.leases, subjects.number('*'))).values()) {
        const member = parsed(text);
        if (isMember(member) && member.id !== run) this.#here(member);
      }
    } catch {
      // Members that are not read now announce themselves with their next renewals.
    }
    if (this.#told < this.#events.self().version) {
      // What it subscribed to before it entered: the others know that when `entered` is called.
      await this.#renew();
      await this.#flushed();
    }
    if (this.#over || !this.#connected || !this.#lease.held) return;
    this.#lost = false;
    const others = [...this.#others.values()].map(({ member }) => member);
    this.#events.entered([this.#events.self(), ...others], undefined);
    this.#announce();
  }
}

function nameLost(name: string): IPCError {
  const message = `The name ${JSON.stringify(name)} went to another member while this one could not renew it; restart one of the two.`;
  return new IPCError('ERR_IPC_IN_USE', message);
}
