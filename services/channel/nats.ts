import { IPCError, messageOf } from '../../entities/errors.js';
import type { Join } from './join.js';
import { NatsCarrier } from './nats-carrier.js';
import { NatsClient } from './nats-client.js';
import { NatsMembership } from './nats-membership.js';
import { type NatsOptions, withoutCredentials } from './nats-options.js';
import { NatsSubjects } from './nats-subjects.js';
import { NatsTopics } from './nats-topics.js';

/** Joins a channel over NATS. */
export const joinOverNats: Join = async (settings, membershipEvents, carrierEvents, topicEvents, run) => {
  const { name, nats, peer, group, heartbeat, maxMessageSize } = settings;
  const subjects = new NatsSubjects(name as string);
  const client = await NatsClient.connect(nats as NatsOptions);
  const { connection } = client;
  try {
    const membership = await NatsMembership.begin(
      { client, subjects, run, name: peer, group, heartbeat },
      membershipEvents,
    );
    const carrier = new NatsCarrier(connection, subjects, run, maxMessageSize, carrierEvents);
    const topics = new NatsTopics(client, subjects, run, topicEvents);
    void watch();
    void connection.closed().then((error) => {
      if (error instanceof Error) topicEvents.failed(ended(error));
    });
    return { membership, carrier, topics };

    async function watch(): Promise<void> {
      const denied = new Set<string>();
      for await (const { type, error } of connection.status()) {
        const denial = type === 'error' ? denialOf(error) : undefined;
        if (denial !== undefined && !denied.has(denial.message) && denied.size < MOST_DENIALS) {
          denied.add(denial.message);
          topicEvents.failed(denial);
        }
        if (type !== 'disconnect' && type !== 'reconnect') continue;
        carrier.connected(type === 'reconnect');
        membership.connected(type === 'reconnect');
      }
    }
  } catch (error) {
    await connection.close();
    throw error instanceof IPCError ? error : notJoined(error);
  }
};

/** What the permissions of the NATS server must allow to the user of a channel. */
const NEEDED = '"omni-ipc.>", "$KV.>", "$JS.API.>" and "_INBOX.>"';

/** How many different violations of its permissions a member reports. */
const MOST_DENIALS = 100;

/** The error of a member that may not publish or subscribe to a subject, without which NATS drops its messages. */
function denialOf(cause: unknown): IPCError | undefined {
  if ((cause as Partial<Error> | undefined)?.name !== 'PermissionViolationError') return undefined;
  const message = `The NATS server denies this member what its channel needs: ${messageOf(cause)}. Permit its user to publish and subscribe to ${NEEDED}.`;
  return new IPCError('ERR_IPC_REFUSED', message, { cause });
}

/** The error of joining, other than those of connecting and of a name that is taken. */
function notJoined(cause: unknown): IPCError {
  const message = `This member cannot join the channel over NATS: ${messageOf(cause)}. Check that nats-server answers, and that it permits the user to publish and subscribe to ${NEEDED}.`;
  return new IPCError('ERR_IPC_CONNECT', withoutCredentials(message), { cause });
}

/** The error of a NATS connection that was closed for good. */
function ended(cause: Error): IPCError {
  const message = `The connection to NATS was closed: ${cause.message}. Fix that, then make a new Channel, or stop and start the server with config.backplane.`;
  return new IPCError('ERR_IPC_CONNECT', withoutCredentials(message), { cause });
}
