import { IPCError } from '../../index.js';
import { durationOf, numberOf } from '../arguments.js';
import type { Command } from '../command.js';
import { escapeText } from '../escape.js';
import { EXIT } from '../exit.js';
import { clock } from '../figures.js';
import { connect } from '../remote.js';
import { addressOf, CLIENT_OPTIONS } from '../settings.js';
import { needsConnection } from './publish.js';

export const subscribe: Command = {
  name: 'subscribe',
  summary: 'prints the messages that are published under topics',
  arguments: 'ADDRESS TOPIC...',
  count: [2, Number.POSITIVE_INFINITY],
  details: `In a topic, * stands for one word, and > at the end for all remaining words. In a pipe each message is a line:
{"topic":"weather.paris","data":"rain"}. Ctrl-C ends the command, with the exit code 0.`,
  examples: [[`omni-ipc subscribe world 'weather.>' --count 1`, 'waits for one message']],
  options: {
    count: { type: 'string', short: 'c', value: 'NUMBER', description: 'ends after this number of messages' },
    for: { type: 'string', value: 'TIME', description: 'ends after this time' },
    reconnect: { type: 'boolean', description: 'connects again when the connection is lost' },
    ...CLIENT_OPTIONS,
  },
  async run({ positionals: [address, ...topics], values, signal, out }) {
    const most = numberOf(values, 'count', 1) ?? Number.POSITIVE_INFINITY;
    const time = durationOf(values, 'for');
    const remote = await connect(addressOf(address, values), values, signal, {
      reconnect: values.reconnect === true,
    });
    const { client } = remote;
    let timer: NodeJS.Timeout | undefined;
    let code: number = EXIT.ok;
    try {
      if (client === undefined) throw needsConnection('subscribe');
      await new Promise<void>((resolve, reject) => {
        let count = 0;
        const hear = (data: unknown, topic: string) => {
          if (count === most) return;
          out.record({ topic, data }, () => {
            const when = out.paint('dim', clock(Date.now()));
            return `${when}  ${out.paint('cyan', escapeText(topic))}  ${out.readable(data)}`;
          });
          if (++count === most) resolve();
        };
        client.on('destroy', () => reject(lost()));
        if (time !== undefined) {
          timer = setTimeout(() => {
            if (most !== Number.POSITIVE_INFINITY) code = EXIT.timeout;
            resolve();
          }, time);
        }
        signal.addEventListener('abort', () => resolve());
        if (signal.aborted) resolve();
        client
          .subscribe(topics, hear)
          .then(
            () => out.note(out.paint('dim', `subscribed to ${topics.map(escapeText).join(', ')}`)),
            reject,
          );
      });
    } finally {
      clearTimeout(timer);
      await remote.close();
    }
    return code;
  },
};

function lost(): IPCError {
  return new IPCError('ERR_IPC_DISCONNECTED', 'The connection was lost; --reconnect connects again.');
}
