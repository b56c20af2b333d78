import { IPCError } from '../../entities/errors.js';
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
      for await (const { type } of connection.status()) {
        if (type !== 'disconnect' && type !== 'reconnect') continue;
        carrier.connected(type === 'reconnect');
        membership.connected(type === 'reconnect');
      }
    }
  } catch (error) {
    await connection.close();
    throw error;
  }
};

/** The error of a NATS connection that was closed for good. */
function ended(cause: Error): IPCError {
  const message = `The connection to NATS was closed: ${cause.message}. Fix that, then make a new Channel, or stop and start the server with config.backplane.`;
  return new IPCError('ERR_IPC_CONNECT', withoutCredentials(message), { cause });
}
