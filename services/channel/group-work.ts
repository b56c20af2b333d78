import type { PacketId } from '../../entities/packet.js';

/** The work of one member of a group, as far as this member knows it. */
export interface Workload {
  /** The messages that it has not acknowledged. */
  readonly queue: { readonly length: number };
  /** How many requests to its group it has not answered. */
  requests: number;
  /** A counter value that orders members by when they last received a message to their group. */
  chosen: number;
}

/** Whether one member has less work than another, or the same and has waited longer. */
export function isFreer(one: Workload, other: Workload): boolean {
  const difference = one.queue.length + one.requests - other.queue.length - other.requests;
  return difference < 0 || (difference === 0 && one.chosen < other.chosen);
}

/** Which members of groups were chosen for messages, and work on requests. */
export class GroupWork {
  /** The member that works on each unanswered request to a group. */
  readonly #assigned = new Map<PacketId, Workload>();
  #choices = 0;

  /** A member was chosen for a message to its group. A request that another one had worked on is now its own. */
  assign(member: Workload, request: PacketId | undefined): void {
    member.chosen = ++this.#choices;
    if (request === undefined) return;
    this.settled(request);
    member.requests++;
    this.#assigned.set(request, member);
  }

  /** A request has ended, successfully or not. */
  settled(request: PacketId): void {
    const member = this.#assigned.get(request);
    if (member === undefined) return;
    this.#assigned.delete(request);
    member.requests--;
  }
}
