import { Topics } from '../../lib/conversations/topics.js';

/** One run of a member, as the others know it. */
export interface Member {
  /** The unique id of this run. */
  readonly id: string;
  readonly number: number;
  readonly name?: string;
  /** The group of the member: `to('group:NAME')` reaches one of its members. */
  readonly group?: string;
  /** The patterns that it subscribes to. */
  readonly topics: readonly string[];
  /** How many times `topics` has changed. */
  readonly version: number;
}

/** The subscriptions of a member. */
export type Subscriptions = Pick<Member, 'id' | 'topics' | 'version'>;

/** The prefix of a group's address. */
const GROUP = 'group:';

/** The address of a group. */
export function groupAddress(group: string): string {
  return GROUP + group;
}

/** Whether an address is that of a group. */
export function isGroup(address: number | string): boolean {
  return typeof address === 'string' && address.startsWith(GROUP);
}

/** Whether a message to an address may go to this member. */
export function isFor(address: number | string, { number, name, group }: Member): boolean {
  if (address === number || address === name) return true;
  return group !== undefined && address === groupAddress(group);
}

/** The members of the channel, as one member knows them. */
export class Members {
  readonly #members = new Map<string, Member>();
  /** The same members by number and name. */
  readonly #addresses = new Map<number | string, Member>();
  /** The ids of each group's members, by the group's address. */
  readonly #groups = new Map<string, Set<string>>();
  readonly #topics = new Topics<string>();
  /** A cached list, invalidated by each change. */
  #all: readonly Member[] | undefined;

  /** All members, ordered by number. */
  get all(): readonly Member[] {
    this.#all ??= [...this.#members.values()].sort((one, other) => one.number - other.number);
    return this.#all;
  }

  get size(): number {
    return this.#members.size;
  }

  get(id: string): Member | undefined {
    return this.#members.get(id);
  }

  /** The member with a number or name. */
  find(address: number | string): Member | undefined {
    return this.#addresses.get(address);
  }

  /** The ids of a group's members, by its address. */
  inGroup(address: string): Iterable<string> {
    return this.#groups.get(address) ?? [];
  }

  /** The members that subscribe to a topic. */
  subscribers(topic: string): Member[] {
    return this.#topics.subscribersOf(topic).map((id) => this.#members.get(id) as Member);
  }

  /** Adds or updates a member. */
  put(member: Member): void {
    const { id, number, name, group, topics } = member;
    this.#all = undefined;
    this.#topics.leave(id);
    for (const pattern of topics) this.#topics.add(pattern, id);
    this.#members.set(id, member);
    this.#addresses.set(number, member);
    if (name !== undefined) this.#addresses.set(name, member);
    if (group === undefined) return;
    const address = groupAddress(group);
    const ids = this.#groups.get(address);
    if (ids === undefined) this.#groups.set(address, new Set([id]));
    else ids.add(id);
  }

  drop(id: string): void {
    const member = this.#members.get(id);
    if (member === undefined) return;
    this.#all = undefined;
    this.#topics.leave(id);
    this.#members.delete(id);
    for (const address of [member.number, member.name]) {
      if (address !== undefined && this.#addresses.get(address)?.id === id) this.#addresses.delete(address);
    }
    if (member.group === undefined) return;
    const address = groupAddress(member.group);
    const ids = this.#groups.get(address);
    ids?.delete(id);
    if (ids?.size === 0) this.#groups.delete(address);
  }
}

/** Whether a received value describes a member. */
export function isMember(member: unknown): member is Member {
  if (!isSubscriptions(member)) return false;
  const { number, name, group } = member as Partial<Member>;
  return isNumber(number) && isOptionalText(name) && isOptionalText(group);
}

/** Whether a received value is a member's number. */
export function isNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

/** Whether a received value describes subscriptions. */
export function isSubscriptions(value: unknown): value is Subscriptions {
  const { id, topics, version } = (value ?? {}) as Partial<Subscriptions>;
  return (
    typeof id === 'string' &&
    Array.isArray(topics) &&
    topics.every((topic) => typeof topic === 'string') &&
    typeof version === 'number'
  );
}

function isOptionalText(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}
