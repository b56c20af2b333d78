import type { IPCError } from '../../entities/errors.js';
import type { Deduplicator } from './deduplicator.js';
import type { Member } from './members.js';

/** A way to one run of a member, as long as there is one. */
export interface Path {
  /** Sends the message with a number in the stream of this member to that run. */
  send(seq: number, body: string): void;
}

/** Where a stream of messages to a run goes on. */
export interface Position {
  readonly epoch: number;
  /** The number of the first message that has not been acknowledged. */
  readonly first: number;
}

/** What a carrier tells, and asks, its participant. */
export interface CarrierEvents {
  self(): Member;
  /** The member with an id, where there is one. */
  known(id: string): Member | undefined;
  /** A member has been heard from; false if it is known to be gone. */
  met(member: Member): boolean;
  /** Where the stream to a member goes on: what {@link opened} will send first. */
  position(member: Member): Position;
  /** There is a way to a member. */
  opened(id: string, path: Path): void;
  /** The way that there was is gone. */
  closed(id: string, path: Path): void;
  /** What becomes of the messages of a member, from a position on. */
  incoming(member: Pick<Member, 'id' | 'number'>, position: Position): Deduplicator;
  /** A message that a deduplicator has taken. */
  message(from: string, number: number, body: string): void;
  /** A run has been handed the messages of a stream, up to one. */
  acknowledged(id: string, epoch: number, seq: number): void;
  failed(error: IPCError): void;
}

/** How messages travel from one member to another. */
export interface Carrier {
  /** From now on messages are handed over. */
  open(): void;
  /** Finds a way to a member, if there is none, and goes on looking for it. */
  dial(member: Member): void;
  /** A member has left: what it sent is handed over first, then `done` is called, soon in any case. */
  drop(id: string, done: () => void): void;
  /** Ends; resolves when everything written is on its way. */
  close(): Promise<void>;
}
