import type { Command } from '../command.js';
import { EXIT } from '../exit.js';
import { DATA_HELP, DATA_OPTIONS, messages } from '../input.js';
import { connect } from '../remote.js';
import { addressOf, CLIENT_OPTIONS } from '../settings.js';

export const emit: Command = {
  name: 'emit',
  summary: 'sends an event, or one for each line of standard input',
  arguments: 'ADDRESS TYPE [DATA]',
  count: [2, 3],
  details: `${DATA_HELP}\nThe command ends when the kernel has accepted all events. An event is not acknowledged.`,
  examples: [
    [`omni-ipc emit world message '{"hello":"world"}'`, 'one event for the server world'],
    ['tail -f log.ndjson | omni-ipc emit tcp://localhost:8000 log -', 'an event for each line'],
  ],
  options: { ...DATA_OPTIONS, ...CLIENT_OPTIONS },
  async run({ positionals: [address, type = '', argument], values, stdin, signal }) {
    const data = messages(argument, values, stdin, signal);
    const remote = await connect(addressOf(address, values), values, signal);
    try {
      for await (const message of data) {
        if (signal.aborted) break;
        await remote.emit(type, message);
      }
    } finally {
      await remote.close();
    }
    return signal.aborted ? EXIT.interrupted : EXIT.ok;
  },
};
