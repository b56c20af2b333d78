import { type InspectOptions, type Listed, listed, type OpenRequest } from '../../lib/inspection.js';
import type { Member } from './members.js';
import type { Settings } from './options.js';
import type { Participant } from './participant.js';
import { Rendezvous } from './rendezvous.js';

export type { InspectOptions, Listed, OpenRequest };

/** A member as another one sees it. Its name, group and topics are its own choice: escape them. */
export interface MemberInspection {
  readonly number: number;
  readonly name?: string;
  readonly group?: string;
  readonly subscriptions: Listed<string>;
  /** How many messages to it are kept here until it acknowledges them. */
  readonly pending: number;
}

/** A channel as one of its members sees it at one moment: plain data, which JSON can hold. */
export interface ChannelInspection {
  readonly kind: 'channel';
  /** The name that its members share, where it was given one. */
  readonly name?: string;
  /** How its messages travel. */
  readonly carrier: 'local' | 'nats';
  /** Where its sockets are, on one machine. */
  readonly directory?: string;
  /** This member's number, once it has one, its own name, and its group. */
  readonly number?: number;
  readonly peer?: string;
  readonly group?: string;
  readonly connected: boolean;
  /** The number of the member that is the hub. */
  readonly hub?: number;
  readonly members: Listed<MemberInspection>;
  readonly subscriptions: Listed<string>;
  /** What this member has asked others. */
  readonly requests: Listed<OpenRequest>;
  /** What is kept until its receivers have it: messages for all members, those that are away included, and their bytes. */
  readonly queue: { readonly packets: number; readonly bytes: number };
}

/** What a channel is at this moment, as a participant knows it. */
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
