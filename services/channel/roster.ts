import { Topics } from '../../lib/conversations/topics.js';

/** One run of a peer, as the others know it. */
export interface Member {
  /** Of this run alone. */
  readonly id: string;
  readonly number: number;
  readonly name?: string;
  /** The patterns it subscribes to. */
  readonly topics: readonly string[];
  /** Counts the changes of `topics`. */
  readonly version: number;
}

/** Who is on the channel, as one peer knows it. */
export class Roster {
  readonly #members = new Map<string, Member>();
  /** The same by their numbers and names. */
  readonly #addresses = new Map<number | string, Member>();
  readonly #topics = new Topics<string>();

  /** All of them, in the order of their numbers. */
  get members(): Member[] {
    return [...this.#members.values()].sort((one, other) => one.number - other.number);
  }

  get(id: string): Member | undefined {
    return this.#members.get(id);
  }

  /** The peer with a number or name. */
  find(address: number | string): Member | undefined {
    return this.#addresses.get(address);
  }

  /** Those who listen to a topic. */
  listeners(topic: string): Member[] {
    const found = new Set<Member>();
    this.#topics.match(topic, (id) => found.add(this.#members.get(id) as Member));
    return [...found];
  }

  /** Notes a member as it is now. */
  put(member: Member): void {
    const { id, number, name, topics } = member;
    this.#topics.leave(id);
    for (const pattern of topics) this.#topics.add(pattern, id);
    this.#members.set(id, member);
    this.#addresses.set(number, member);
    if (name !== undefined) this.#addresses.set(name, member);
  }

  drop(id: string): void {
    this.#topics.leave(id);
    this.#members.delete(id);
    for (const [address, member] of this.#addresses) if (member.id === id) this.#addresses.delete(address);
  }
}
