import { type InspectOptions, type Listed, listed, type OpenRequest } from '../../lib/inspection.js';
import type { Member } from './members.js';
import type { Settings } from './options.js';
import type { Participant } from './participant.js';
import { Rendezvous } from './rendezvous.js';

export type { InspectOptions, Listed, OpenRequest };

/** A member as another member sees it. Its name, group and topics are its own choice: escape them. */
export interface MemberInspection {
  /** Its number. */
  readonly number: number;
  /** Its own name. */
  readonly name?: string;
  /** Its group. */
  readonly group?: string;
  /** The topics and patterns that it has subscribed to. */
  readonly subscriptions: Listed<string>;
  /** How many messages to the member are kept here until it acknowledges them. */
  readonly pending: number;
}

/** A snapshot of a channel as one of its members sees it: plain data, which JSON can represent. */
export interface ChannelInspection {
  /** Marks a channel. */
  readonly kind: 'channel';
  /** The name of the channel, if it was given one. */
  readonly name?: string;
  /** How messages are carried. */
  readonly carrier: 'local' | 'nats';
  /** The directory of the sockets, on one machine. */
  readonly directory?: string;
  /** The number of this member, once it has one. */
  readonly number?: number;
  /** Its own name. */
  readonly peer?: string;
  /** Its group. */
  readonly group?: string;
  /** Whether this member is connected to the hub or to NATS. */
  readonly connected: boolean;
  /** The number of the member that hosts the hub. */
  readonly hub?: number;
  /** All members, this one included. */
  readonly members: Listed<MemberInspection>;
  /** The topics and patterns that this member has subscribed to. */
  readonly subscriptions: Listed<string>;
  /** The open requests that this member has sent. */
  readonly requests: Listed<OpenRequest>;
  /** How many messages are kept until they are acknowledged, including those for members that are away, and their bytes. */
  readonly queue: { readonly packets: number; readonly bytes: number };
}

/** Describes the current state of a channel from its participant. */
export function inspectChannel(
  { name, directory, nats, peer, group }: Settings,
  { number, hub, connected, members, outgoing }: Participant,
  subscriptions: readonly string[],
  requests: readonly OpenRequest[],
  options: InspectOptions,
): ChannelInspection {
  const known = (member: Member): MemberInspection => ({
    number: member.number,
    ...(member.name === undefined ? {} : { name: member.name }),
    ...(member.group === undefined ? {} : { group: member.group }),
    subscriptions: listed(member.topics, options),
    pending: outgoing.pendingFor(member.id),
  });
  return {
    kind: 'channel',
    ...(name === undefined ? {} : { name }),
    ...(nats === undefined
      ? { carrier: 'local', directory: new Rendezvous(name, directory).directory }
      : { carrier: 'nats' }),
    ...(number === undefined ? {} : { number }),
    ...(peer === undefined ? {} : { peer }),
    ...(group === undefined ? {} : { group }),
    connected,
    ...(hub === undefined ? {} : { hub }),
    members: listed(members.all, options, known),
    subscriptions: listed(subscriptions, options),
    requests: listed(requests, options),
    queue: outgoing.queue,
  };
}
