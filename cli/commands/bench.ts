import { createHistogram } from 'node:perf_hooks';
import type { Client } from '../../index.js';
import { durationOf, numberOf } from '../arguments.js';
import type { Command, Context } from '../command.js';
import { EXIT, exitCodeOf, Failure, UsageError } from '../exit.js';
import { bytes, duration } from '../figures.js';
import { DATA_OPTIONS, messages } from '../input.js';
import { connect, type Remote } from '../remote.js';
import { addressOf, CLIENT_OPTIONS } from '../settings.js';

export const bench: Command = {
  name: 'bench',
  summary: 'puts a server under load, and prints its rate, p50 and p99',
  arguments: 'ADDRESS [TYPE] [DATA]',
  count: [1, 3],
  details: `Sends requests of TYPE with DATA (JSON) and waits for their answers; without TYPE it sends pings. With --emit it sends events
instead, as fast as the connection accepts them, and stops the clock when the server has answered a ping after the last one. Use it
with your own server: its handlers process every message.

In a pipe the result is a line of JSON, with times in milliseconds. The exit code is that of the first error.`,
  examples: [
    [
      'omni-ipc bench world add [1,2] --connections 10',
      'requests, ten connections with 32 open requests each',
    ],
    ['omni-ipc bench tcp://localhost:8000 log --size 1000 --emit --for 10s', 'events of 1,000 characters'],
  ],
  options: {
    connections: {
      type: 'string',
      short: 'c',
      value: 'NUMBER',
      description: 'the number of connections (1)',
    },
    'in-flight': {
      type: 'string',
      short: 'n',
      value: 'NUMBER',
      description: 'the number of open requests on each connection (32)',
    },
    for: { type: 'string', value: 'TIME', description: 'the duration (5s)' },
    size: {
      type: 'string',
      value: 'NUMBER',
      description: 'sends a text of this length instead of DATA',
    },
    emit: { type: 'boolean', description: 'sends events instead of requests' },
    ...DATA_OPTIONS,
    ...CLIENT_OPTIONS,
  },
  run: load,
};

/** How many events are sent before the command checks for back-pressure. */
const BATCH = 100;
const NANOSECONDS = 1e6;

/** The counters of a run. */
interface Count {
  readonly times: ReturnType<typeof createHistogram>;
  done: number;
  failed: number;
  fault: unknown;
}

async function load({ positionals, values, stdin, signal, out }: Context): Promise<number> {
  const [address, type, argument] = positionals;
  const emits = values.emit === true;
  if (emits && type === undefined) throw new UsageError('--emit needs the TYPE of the events.');
  if (argument === '-') throw new UsageError('bench takes its DATA as an argument or as @FILE.');
  const target = addressOf(address, values);
  const size = numberOf(values, 'size');
  const [data] =
    size === undefined
      ? [...(messages(argument, values, stdin, signal) as Iterable<unknown>)]
      : ['x'.repeat(size)];
  const [connections, inFlight] = [
    numberOf(values, 'connections', 1) ?? 1,
    numberOf(values, 'in-flight', 1) ?? 32,
  ];
  const time = durationOf(values, 'for') ?? 5000;
  const remotes: Remote[] = [];
  const count: Count = { times: createHistogram(), done: 0, failed: 0, fault: undefined };
  try {
    while (remotes.length < connections) remotes.push(await connect(target, values, signal));
    const begun = performance.now();
    const until = begun + time;
    const goesOn = () => performance.now() < until && !signal.aborted;
    const lanes = remotes.flatMap((remote) =>
      emits
        ? [events(remote, type ?? '', data, goesOn, count)]
        : Array.from({ length: inFlight }, () => requests(remote, type, data, goesOn, count)),
    );
    await Promise.all(lanes);
    const took = performance.now() - begun;
    tell(count, took, out, emits, connections, remotes);
  } finally {
    await Promise.allSettled(remotes.map((remote) => remote.close()));
  }
  if (signal.aborted) return EXIT.interrupted;
  if (count.failed === 0) return EXIT.ok;
  const code = exitCodeOf(count.fault);
  if (code === undefined) throw count.fault;
  throw new Failure(`${count.failed} failed, the first one: ${(count.fault as Error).message}`, code);
}

/** Sends one request at a time. */
async function requests(
  remote: Remote,
  type: string | undefined,
  data: unknown,
  goesOn: () => boolean,
  count: Count,
): Promise<void> {
  while (goesOn() && remote.client?.connected !== false) {
    const since = performance.now();
    try {
      if (type === undefined) await pinged(remote);
      else await remote.request(type, data);
    } catch (error) {
      count.failed++;
      count.fault ??= error;
      continue;
    }
    count.done++;
    count.times.record(Math.max(1, Math.round((performance.now() - since) * NANOSECONDS)));
  }
}

async function events(
  remote: Remote,
  type: string,
  data: unknown,
  goesOn: () => boolean,
  count: Count,
): Promise<void> {
  try {
    while (goesOn()) {
      for (let index = 0; index < BATCH; index++) await remote.emit(type, data);
      count.done += BATCH;
      // Gives the event loop time to read what arrived and to write what is queued.
      await new Promise(setImmediate);
    }
    if (remote.client !== undefined) await remote.client.ping();
  } catch (error) {
    count.failed++;
    count.fault ??= error;
  }
}

function pinged({ client }: Remote): Promise<number> {
  if (client === undefined) throw new UsageError('Pings need a connection; name the TYPE of a request.');
  return client.ping();
}

function tell(
  { times, done, failed }: Count,
  took: number,
  out: Context['out'],
  emits: boolean,
  connections: number,
  remotes: readonly Remote[],
): void {
  const stats = remotes.flatMap(({ client }: { client: Client | undefined }) => client?.stats() ?? []);
  const sent = stats.reduce((sum, one) => sum + one.bytesOut, 0);
  const rate = Math.round((done / took) * 1000);
  const at = (percent: number) => times.percentile(percent) / NANOSECONDS;
  const latency = { p50: at(50), p90: at(90), p99: at(99), max: times.max / NANOSECONDS };
  const round = (ms: number) => Number(ms.toFixed(3));
  const rounded = Object.fromEntries(Object.entries(latency).map(([name, ms]) => [name, round(ms)]));
  const timed = !emits && done > 0;
  out.record(
    {
      rate,
      done,
      failed,
      seconds: round(took / 1000),
      connections,
      bytesOut: sent,
      ...(timed ? rounded : {}),
    },
    () => {
      const what = emits ? 'events' : 'requests';
      const lines = [
        `${out.paint('bold', `${rate.toLocaleString('en')} ${what}/s`)}  ${done.toLocaleString('en')} in ${duration(took)}, ${connections} connections, ${bytes(sent)} sent`,
      ];
      if (timed)
        lines.push(
          Object.entries(latency)
            .map(([name, ms]) => `${name} ${duration(ms)}`)
            .join('  '),
        );
      if (failed > 0) lines.push(out.paint('red', `${failed} failed`));
      return lines.join('\n');
    },
  );
}
