import type { IPCError } from '../../entities/errors.js';
import type { Deadline } from '../../lib/deadline.js';
import type { Member, Subscriptions } from './members.js';

/** How a membership reports to its participant, and asks it. */
export interface MembershipEvents {
  /** The current description of this member, and the members that it knows. */
  self(): Member;
  known(): readonly Member[];
  /**
   * This member has entered the channel, for the first time or again. `members` are all members, including this one.
   * @param hub the number of the member that hosts the hub, if there is a hub
   */
  entered(members: readonly Member[], hub: number | undefined): void;
  joined(member: Member): void;
  left(id: string): void;
  /** The subscriptions of a member have changed. For this member it is called when all others know. */
  subscribed(subscriptions: Subscriptions): void;
  /** The connection to the list of members was lost. Members remain members in the meantime. */
  lost(): void;
  /** Called once per heartbeat while connected. */
  tick(): void;
  /** Another living member has the same number. */
  contested(number: number): void;
  /** Another member has this member's number; this member has a new one. */
  renumbered(before: number, now: number): void;
  failed(error: IPCError): void;
}

/** How the members of a channel find each other and acquire numbers and names. */
export interface Membership {
  /** The number of this member, unique among living members. */
  readonly number: number;
  /** Whether the number is certainly held by no other member at the moment. */
  readonly certain: boolean;
  /** Enters the channel; `entered` is called when that has succeeded. */
  enter(): void;
  /** Tells all others what this member subscribes to. */
  subscribe(subscriptions: Subscriptions): void;
  /** Leaves for good; resolves when the others have been told, as far as that is possible until `limit`. */
  leave(limit: Deadline): Promise<void>;
  /** Releases the number and the name, at the latest at `limit`. */
  release(limit: Deadline): Promise<void>;
}
