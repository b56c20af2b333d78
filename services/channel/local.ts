import { createLog } from '../../lib/log.js';
import type { Join } from './join.js';
import { LocalCarrier } from './local-carrier.js';
import { LocalMembership } from './local-membership.js';
import { engineConfig } from './options.js';
import { Rendezvous } from './rendezvous.js';

/**
 * How many bytes may be queued for a member that does not read the hub's packets. Beyond that it is disconnected, and must
 * enter again.
 */
const MOST_UNTOLD = 16 * 1024 * 1024;

/** Joins a channel on one machine. */
export const joinLocally: Join = async (
  settings,
  membershipEvents,
  carrierEvents,
  _topicEvents,
  _run,
  handles,
) => {
  const { name, directory, peer, heartbeat } = settings;
  const config = engineConfig(settings);
  const hubConfig = { ...config, maxPendingBytes: MOST_UNTOLD };
  const memberConfig = { ...config, rawBuffer: true };
  const log = createLog(() => config);
  const rendezvous = new Rendezvous(name, directory);
  const carrier = new LocalCarrier({ rendezvous, config: memberConfig, log, handles }, carrierEvents);
  const membership = await LocalMembership.begin(
    {
      rendezvous,
      name: peer,
      heartbeat,
      hubConfig,
      memberConfig,
      log,
      handles,
      listening: (server) => carrier.serve(server),
    },
    membershipEvents,
  );
  return { membership, carrier };
};
