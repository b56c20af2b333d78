import type { IPCError } from '../../entities/errors.js';
import type { Member, Subscriptions } from './members.js';

/** What a membership tells, and asks, its participant. */
export interface MembershipEvents {
  /** This member as it is now, and the members it knows of. */
  self(): Member;
  known(): readonly Member[];
  /**
   * It is on the channel, for the first time or again; these are all who belong to it, this member included.
   * @param hub the number of the member that keeps the list, where one does
   */
  entered(members: readonly Member[], hub: number | undefined): void;
  joined(member: Member): void;
  left(id: string): void;
  /** The topics of a member have changed; of this one too, once all others have been told. */
  subscribed(subscriptions: Subscriptions): void;
  /** It is not connected to the others' list any more; members stay members meanwhile. */
  lost(): void;
  /** Time goes by; not while it is not connected. */
  tick(): void;
  /** The number is another living member's too. */
  contested(number: number): void;
  /** This member lost its number to another one, and has another instead. */
  renumbered(before: number, now: number): void;
  failed(error: IPCError): void;
}

/** How the members of a channel find each other, and who has which number and name. */
export interface Membership {
  /** This member's number, which no other that lives has. */
  readonly number: number;
  /** Whether nobody else can have the number just now. */
  readonly certain: boolean;
  /** Enters the channel; `entered` tells when it has. */
  enter(): void;
  /** Tells all others what this member subscribes to. */
  subscribe(subscriptions: Subscriptions): void;
  /** Leaves for good; resolves when the others have been told, as far as they can be. */
  leave(): Promise<void>;
  /** Lets go of the number and the name. */
  release(): Promise<void>;
}
