import { IPCError, type StreamOptions } from '../../index.js';
import { numberOf, textOf } from '../arguments.js';
import type { Command } from '../command.js';
import { EXIT, UsageError } from '../exit.js';
import { DATA_OPTIONS, messages } from '../input.js';
import { connect } from '../remote.js';
import { addressOf, CLIENT_OPTIONS } from '../settings.js';
import { needsConnection } from './publish.js';

export const stream: Command = {
  name: 'stream',
  summary: 'calls the server for a stream, and prints its items',
  arguments: 'ADDRESS TYPE [DATA]',
  count: [2, 3],
  details: `DATA is JSON, or text with --text. @FILE reads it from a file. Each item is printed as soon as it arrives; in a pipe it is a line of
JSON. Back-pressure applies: the server sends no more items than the reader of the output accepts. With --body the call has a body:
each line of the file, or of standard input, is one item. Ctrl-C ends the stream on both sides.`,
  examples: [
    [`omni-ipc stream world tail '{"file":"app.log"}'`, 'prints items until the server ends the stream'],
    ['omni-ipc stream world sum --body - < numbers.ndjson', 'sends each line of a file'],
    ['omni-ipc stream world ticks --count 10 --resume', 'survives a lost connection'],
  ],
  options: {
    body: {
      type: 'string',
      value: 'SOURCE',
      description: 'sends items with the call: @FILE, or - for standard input',
    },
    count: { type: 'string', short: 'c', value: 'NUMBER', description: 'ends after this number of items' },
    resume: { type: 'boolean', description: 'continues the stream after a lost connection' },
    ...DATA_OPTIONS,
    ...CLIENT_OPTIONS,
  },
  async run({ positionals: [address, type = '', argument], values, stdin, signal, out }) {
    if (argument === '-') throw new UsageError('stream takes its DATA as an argument or as @FILE.');
    const [data, more] = [...(messages(argument, values, stdin, signal) as Iterable<unknown>)].slice(0, 2);
    if (more !== undefined) throw new UsageError('stream takes one value as its DATA; more go with --body.');
    const source = textOf(values, 'body');
    if (source !== undefined && source !== '-' && !source.startsWith('@'))
      throw new UsageError('--body takes @FILE, or - for standard input.');
    const most = numberOf(values, 'count', 1) ?? Number.POSITIVE_INFINITY;
    const resume = values.resume === true;
    const options: StreamOptions = {
      signal,
      ...(source === undefined ? {} : { body: messages(source, values, stdin, signal) }),
      ...(resume ? { resume } : {}),
    };
    const remote = await connect(addressOf(address, values), values, signal, { reconnect: resume });
    try {
      if (remote.client === undefined) throw needsConnection('stream');
      let count = 0;
      for await (const item of remote.client.stream(type, data, options)) {
        out.value(item ?? null);
        if (++count === most) break;
      }
    } catch (error) {
      if (!signal.aborted || !(error instanceof IPCError)) throw error;
    } finally {
      await remote.close();
    }
    return signal.aborted ? EXIT.interrupted : EXIT.ok;
  },
};
