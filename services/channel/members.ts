import { Topics } from '../../lib/conversations/topics.js';

/** One run of a member, as the others know it. */
export interface Member {
  /** Of this run alone. */
  readonly id: string;
  readonly number: number;
  readonly name?: string;
  /** The group that it works in: `to('group:NAME')` reaches one of its members. */
  readonly group?: string;
  /** The patterns it subscribes to. */
  readonly topics: readonly string[];
  /** Counts the changes of `topics`. */
  readonly version: number;
}

/** What a member subscribes to. */
export type Subscriptions = Pick<Member, 'id' | 'topics' | 'version'>;

/** Begins the address of a group. */
const GROUP = 'group:';

/** The address of a group. */
export function groupAddress(group: string): string {
  return GROUP + group;
}

/** Whether a message for an address is for any one of a group. */
export function isGroup(address: number | string): boolean {
  return typeof address === 'string' && address.startsWith(GROUP);
}

/** Whether a message for an address is for this member. */
export function isFor(address: number | string, { number, name, group }: Member): boolean {
  if (address === number || address === name) return true;
  return group !== undefined && address === groupAddress(group);
}

/** Who is on the channel, as one member knows it. */
export class Members {
  readonly #members = new Map<string, Member>();
  /** The same by their numbers and names. */
  readonly #addresses = new Map<number | string, Member>();
  /** The members of each group, by its address. */
  readonly #groups = new Map<string, Set<string>>();
  readonly #topics = new Topics<string>();
  /** Made when it is asked for, and again after a change. */
  #all: readonly Member[] | undefined;

  /** All of them, in the order of their numbers. */
  get all(): readonly Member[] {
    this.#all ??= [...this.#members.values()].sort((one, other) => one.number - other.number);
    return this.#all;
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

  /** Those who subscribe to a topic. */
  subscribers(topic: string): Member[] {
    return this.#topics.subscribersOf(topic).map((id) => this.#members.get(id) as Member);
  }

  /** Notes a member as it is now. */
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

/** Whether what came from another process describes a member. */
export function isMember(member: unknown): member is Member {
  if (!isSubscriptions(member)) return false;
  const { number, name, group } = member as Partial<Member>;
  return Number.isSafeInteger(number) && (number as number) > 0 && isText(name) && isText(group);
}

/** Whether what came from another process says what a member subscribes to. */
export function isSubscriptions(value: unknown): value is Subscriptions {
  const { id, topics } = (value ?? {}) as Partial<Subscriptions>;
  return (
    typeof id === 'string' && Array.isArray(topics) && topics.every((topic) => typeof topic === 'string')
  );
}

function isText(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}
