import { IPCError } from '../../index.js';
import type { Command } from '../command.js';
import { EXIT } from '../exit.js';
import { DATA_HELP, DATA_OPTIONS, messages } from '../input.js';
import { connect } from '../remote.js';
import { addressOf, CLIENT_OPTIONS } from '../settings.js';

export const publish: Command = {
  name: 'publish',
  summary: 'publishes data under a topic to every subscriber of the server',
  arguments: 'ADDRESS TOPIC [DATA]',
  count: [2, 3],
  details: DATA_HELP,
  examples: [
    [`omni-ipc publish world weather.paris '"rain"'`, 'reaches the clients that subscribe to weather.*'],
  ],
  options: { ...DATA_OPTIONS, ...CLIENT_OPTIONS },
  async run({ positionals: [address, topic = '', argument], values, stdin, signal }) {
    const data = messages(argument, values, stdin, signal);
    const remote = await connect(addressOf(address, values), values, signal);
    const { client } = remote;
    try {
      if (client === undefined) throw needsConnection('publish');
      for await (const message of data) {
        if (signal.aborted) break;
        if (!client.publish(topic, message))
          throw new IPCError('ERR_IPC_CLOSED', 'The server has closed the connection.');
      }
    } finally {
      await remote.close();
    }
    return signal.aborted ? EXIT.interrupted : EXIT.ok;
  },
};

/** The error of a command that does not work over UDP. */
export function needsConnection(what: string): IPCError {
  return new IPCError(
    'ERR_IPC_UNSUPPORTED',
    `${what} needs a connection, which UDP does not have; use another address.`,
  );
}
