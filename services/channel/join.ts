import type { Carrier, CarrierEvents } from './carrier.js';
import type { ForeignTopicEvents, ForeignTopics } from './foreign-topics.js';
import type { Handles } from './handles.js';
import type { Membership, MembershipEvents } from './membership.js';
import type { Settings } from './options.js';

/** The parts of a channel: how members find each other, how messages are carried, and the topics of other programs. */
export interface Halves {
  readonly membership: Membership;
  readonly carrier: Carrier;
  readonly topics?: ForeignTopics;
}

/** Creates the parts of a channel, and acquires a number. */
export type Join = (
  settings: Settings,
  membership: MembershipEvents,
  carrier: CarrierEvents,
  topics: ForeignTopicEvents,
  run: string,
  handles: Handles,
) => Promise<Halves>;
