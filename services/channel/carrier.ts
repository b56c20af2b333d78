import type { IPCError } from '../../entities/errors.js';
import type { Deadline } from '../../lib/deadline.js';
import type { Deduplicator } from './deduplicator.js';
import type { Member } from './members.js';

/** A connection to one run of a member, as long as it exists. */
export interface Path {
  /** Sends a message of this member's stream to that run, with its sequence number. */
  send(seq: number, body: string): void;
}

/** The position at which a stream of messages to a run continues. */
export interface Position {
  readonly epoch: number;
  /** The number of the first message that has not been acknowledged. */
  readonly first: number;
}

/** How a carrier reports to its participant, and asks it. */
export interface CarrierEvents {
  self(): Member;
  /** The member with an id, or undefined. */
  known(id: string): Member | undefined;
  /** A message from a member arrived. Returns false if the member is known to have left. */
  met(member: Member): boolean;
  /** The position at which the stream to a member continues; {@link opened} will send from there. */
  position(member: Member): Position;
  /** There is a path to a member. */
  opened(id: string, path: Path): void;
  /** A path was lost. */
  closed(id: string, path: Path): void;
  /** The deduplicator for the messages of a member, which continue at a position. */
  incoming(member: Pick<Member, 'id' | 'number'>, position: Position): Deduplicator;
  /** A message that was accepted by its deduplicator. */
  message(from: string, number: number, body: string): void;
  /** A run has accepted the messages of a stream up to this number. */
  acknowledged(id: string, epoch: number, seq: number): void;
  failed(error: IPCError): void;
}

/** Carries messages between members. */
export interface Carrier {
  /** Allows messages to be delivered. Until then, they are held back. */
  open(): void;
  /** Finds a path to a member unless there is one, and keeps trying. */
  dial(member: Member): void;
  /** A member has left. Delivers what it had sent, then calls `done`, within bounded time. */
  drop(id: string, done: () => void): void;
  /** Closes the carrier; resolves when everything written has been sent, at the latest at `limit`. */
  close(limit: Deadline): Promise<void>;
}
