import type { Member, Members, Subscriptions } from './members.js';

/** The events of a presence. */
export interface PresenceEvents {
  joined(member: Member): void;
  /** A member is about to leave: delivers what it had sent before, and then calls `done`. */
  leaving(id: string, done: () => void): void;
  left(member: Member): void;
}

/** From how many members on a connection cannot add one. Those that the hub lists are always added. */
const MOST_MET = 10_000;

/** How many members that left are remembered, in case a late packet from one arrives. */
const MOST_GONE = 1000;

/**
 * Keeps the list of members that are present. Membership and carrier report members independently, so that a message may
 * arrive before its sender has joined, or after it has left.
 */
export class Presence {
  readonly #members: Members;
  readonly #own: string;
  readonly #events: PresenceEvents;
  /** Members that have left, but whose last messages may still arrive. */
  readonly #leaving = new Map<string, Member>();
  readonly #gone = new Set<string>();

  /** @param own the id of this member's own run, which never leaves */
  constructor(members: Members, own: string, events: PresenceEvents) {
    this.#members = members;
    this.#own = own;
    this.#events = events;
  }

  /** Replaces the members that are present. */
  replace(members: readonly Member[]): void {
    const ids = new Set(members.map(({ id }) => id));
    for (const { id } of this.#members.all) if (!ids.has(id)) this.left(id);
    for (const member of members) this.joined(member);
  }

  /**
   * A message from a member arrived, possibly before the list of members contains it. Returns false if it has left, or if
   * there are too many.
   */
  met(member: Member): boolean {
    if (this.#gone.has(member.id)) return false;
    if (this.#members.get(member.id) !== undefined) return true;
    if (this.#members.size >= MOST_MET) return false;
    this.joined(member);
    return true;
  }

  joined(member: Member): void {
    this.#gone.delete(member.id);
    for (const [id, { number }] of this.#leaving) {
      if (id === member.id || number === member.number) this.#left(id);
    }
    let known = this.#members.get(member.id);
    if (known !== undefined && known.number !== member.number) {
      // The member has a new number, since it lost its former one to another member.
      this.#members.drop(member.id);
      this.#members.put({ ...known, number: member.number });
      known = this.#members.get(member.id) as Member;
    }
    if (known !== undefined && known.version >= member.version) return;
    this.#members.put(member);
    if (known === undefined) this.#events.joined(member);
  }

  /** A member has left. The messages that it sent before are delivered first. */
  left(id: string): void {
    const member = this.#members.get(id);
    if (member === undefined || id === this.#own || this.#leaving.has(id)) return;
    this.#gone.add(id);
    if (this.#gone.size > MOST_GONE) this.#gone.delete(this.#gone.values().next().value as string);
    this.#leaving.set(id, member);
    this.#events.leaving(id, () => this.#left(id));
  }

  /** The topics of a member have changed. */
  subscribed({ id, topics, version }: Subscriptions): void {
    const member = this.#members.get(id);
    if (member !== undefined && member.version < version) this.#members.put({ ...member, topics, version });
  }

  #left(id: string): void {
    const member = this.#leaving.get(id);
    if (member === undefined) return;
    this.#leaving.delete(id);
    this.#members.drop(id);
    this.#events.left(member);
  }
}
