import { setTimeout as wait } from 'node:timers/promises';
import { durationOf, numberOf } from '../arguments.js';
import type { Command } from '../command.js';
import { EXIT } from '../exit.js';
import { quantile } from '../figures.js';
import { connect } from '../remote.js';
import { addressOf, CLIENT_OPTIONS } from '../settings.js';
import { needsConnection } from './publish.js';

export const ping: Command = {
  name: 'ping',
  summary: 'measures the round-trip time to the server',
  arguments: 'ADDRESS',
  count: [1, 1],
  details: `The connection of the server answers the ping itself, so the server needs no handler. Servers of node-ipc do not answer.
In a pipe each ping is a line: {"ms":0.21}.`,
  examples: [['omni-ipc ping world --count 1 --wait 30s', 'waits until a server is up, for scripts']],
  options: {
    count: { type: 'string', short: 'c', value: 'NUMBER', description: 'the number of pings (4)' },
    interval: { type: 'string', short: 'i', value: 'TIME', description: 'the time between them (1s)' },
    ...CLIENT_OPTIONS,
  },
  async run({ positionals: [address = ''], values, signal, out }) {
    const count = numberOf(values, 'count', 1) ?? 4;
    const interval = durationOf(values, 'interval') ?? 1000;
    const remote = await connect(addressOf(address, values), values, signal);
    const times: number[] = [];
    try {
      const { client } = remote;
      if (client === undefined) throw needsConnection('ping');
      while (times.length < count && !signal.aborted) {
        if (times.length > 0) await wait(interval, undefined, { signal });
        const ms = await client.ping({ signal });
        times.push(ms);
        out.record(
          { ms: Number(ms.toFixed(3)) },
          () => `${times.length}  ${out.paint('green', milliseconds(ms))}`,
        );
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      await remote.close();
      if (!out.json && times.length > 1) out.line(out.paint('dim', summary(times)));
    }
    return signal.aborted ? EXIT.interrupted : EXIT.ok;
  },
};

function summary(times: number[]): string {
  const sorted = times.sort((a, b) => a - b);
  const [least, middle, most] = [0, 0.5, 1].map((part) => milliseconds(quantile(sorted, part)));
  return `${times.length} pings: min ${least}, median ${middle}, max ${most}`;
}

function milliseconds(ms: number): string {
  return `${ms.toFixed(3)} ms`;
}
