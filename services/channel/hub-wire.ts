import { isMember, isNumber, isSubscriptions, type Member, type Subscriptions } from './members.js';

/** The packets between members and the hub. */
export interface Wire {
  /** From a member: its description, and the members that it knows. */
  enter: { member: Member; known: readonly Member[] };
  /** From the hub: the member is admitted. Contains the hub's number and all members of the channel. */
  welcome: { hub: number; members: readonly Member[] };
  /** From the hub: the number belongs to another member. */
  taken: number;
  /** From the hub: a member has joined, or has come back. */
  joined: Member;
  /** From a member: it leaves; its id. */
  leave: string;
  /** From the hub, to all including that member: a member has left; its id. */
  left: string;
  /** From a member, and from the hub to all. */
  subscribed: Subscriptions;
}

/** The packets, and the request that a process may send which has not entered. */
export interface HubContract extends Wire {
  /** The numbers of the connected members. */
  numbers: { request: undefined; response: readonly number[] };
}

/** The maximum length of a list of members or of their numbers. A longer one is not read, as it may take long to process. */
const MOST_MEMBERS = 10_000;

const CHECKS: { readonly [Type in keyof Wire]: (data: Partial<Wire[Type]> | undefined) => boolean } = {
  enter: (entry) => isMember(entry?.member) && areMembers(entry?.known),
  welcome: (welcome) => isNumber(welcome?.hub) && areMembers(welcome?.members),
  taken: isNumber,
  joined: isMember,
  leave: isText,
  left: isText,
  subscribed: isSubscriptions,
};

/** Validates a packet. Any process of this user may connect to a hub, or be one, and each may have another version. */
export function isWire<Type extends keyof Wire>(type: Type, data: unknown): data is Wire[Type] {
  return CHECKS[type]((data ?? undefined) as Partial<Wire[Type]> | undefined);
}

/** Whether a received value is a list of members' numbers. */
export function areNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.length <= MOST_MEMBERS && value.every(isNumber);
}

function areMembers(members: unknown): boolean {
  return Array.isArray(members) && members.length <= MOST_MEMBERS && members.every(isMember);
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}
