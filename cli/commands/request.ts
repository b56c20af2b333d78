import { IPCError, type RequestOptions } from '../../index.js';
import { numberOf } from '../arguments.js';
import type { Command } from '../command.js';
import { EXIT, exitCodeOf } from '../exit.js';
import { DATA_HELP, DATA_OPTIONS, messages } from '../input.js';
import { connect } from '../remote.js';
import { addressOf, CLIENT_OPTIONS } from '../settings.js';

export const request: Command = {
  name: 'request',
  summary: 'sends a request to the server, and prints the answer',
  arguments: 'ADDRESS TYPE [DATA]',
  count: [2, 3],
  details: `${DATA_HELP}\nRequests are sent one after another, and each prints one answer. After an error the command continues with the next line;
the exit code is that of the first error.`,
  examples: [
    [`omni-ipc request world add '[2, 40]'`, 'prints 42'],
    ['seq 1 100 | omni-ipc request world square - > squares.ndjson', 'one answer per line'],
  ],
  options: {
    retries: {
      type: 'string',
      value: 'NUMBER',
      description: 'the number of retries after a lost connection',
    },
    ...DATA_OPTIONS,
    ...CLIENT_OPTIONS,
  },
  async run({ positionals: [address, type = '', argument], values, stdin, signal, out }) {
    const retries = numberOf(values, 'retries') ?? 0;
    const options: RequestOptions = retries > 0 ? { signal, retries } : { signal };
    const data = messages(argument, values, stdin, signal);
    const remote = await connect(addressOf(address, values), values, signal, { reconnect: retries > 0 });
    let code: number = EXIT.ok;
    try {
      for await (const message of data) {
        try {
          out.value((await remote.request(type, message, options)) ?? null);
        } catch (error) {
          const failed = exitCodeOf(error);
          if (failed === undefined || !(error instanceof IPCError)) throw error;
          out.error('omni-ipc', `${error.code}: ${error.message}`);
          if (code === EXIT.ok) code = failed;
        }
        if (signal.aborted || remote.client?.connected === false) break;
      }
    } finally {
      await remote.close();
    }
    return signal.aborted ? EXIT.interrupted : code;
  },
};
