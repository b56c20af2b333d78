import { setTimeout as pause } from 'node:timers/promises';
import { check, message } from '../lib/message.js';
import { percentile } from '../lib/stats.js';
import { fail } from '../lib/talk.js';

const MEBIBYTE = 1024 * 1024;
const SLICES = 6;

export const workload = {
  title: 'Requests beside a stream of 1 GB whose consumer sleeps',
  metrics: [
    { key: 'p99', label: 'µs a request, 99th percentile, beside the stream', better: 'less', digits: 1 },
    { key: 'alone', label: 'µs a request, 99th percentile, without it', better: 'less', digits: 1 },
    { key: 'times', label: 'the first by the second', better: 'less', digits: 2 },
    { key: 'producer', label: 'MiB that the producer grows by', better: 'less', digits: 1 },
    { key: 'consumer', label: 'MiB that the consumer grows by', better: 'less', digits: 1 },
  ],
  references: [],
  cases: [{ name: 'unix', transport: 'unix', subjects: ['omni-ipc-blocked'], us: 'omni-ipc-blocked' }],
  targets: [
    { metric: 'times', atMost: 2 },
    { metric: 'producer', atMost: 16 },
    { metric: 'consumer', atMost: 16 },
  ],
  rounds: 3,
  flags: ['--expose-gc'],
  warm: 800,
  time: 300,
};

/** Returns the resident memory after a garbage collection. */
function resident() {
  globalThis.gc();
  return process.memoryUsage.rss() / MEBIBYTE;
}

/** Answers requests, and offers a stream with a gigabyte of items. */
export async function server(adapter, place, { ready, over }) {
  let received = 0;
  let made = 0;
  let resting = 0;
  let peak = 0;
  await adapter.serve(place, {
    ask(data) {
      check(data, received++);
      return data;
    },
    rest() {
      resting = resident();
      peak = resting;
      setInterval(() => {
        peak = Math.max(peak, process.memoryUsage.rss() / MEBIBYTE);
      }, 5).unref();
    },
    grown: () => ({ producer: peak - resting, made }),
    async *gigabyte() {
      for (; made < 1e6; made++) yield 'x'.repeat(1000);
    },
  });
  ready();
  await over;
  return { received };
}

/** Sends requests, alternately without a stream and with a stream whose consumer does not read. */
export async function client(adapter, place, { warm, time }) {
  const client = await adapter.connect(place);
  const alone = [];
  const beside = [];
  let n = 0;

  async function phase(ms, times) {
    const until = performance.now() + ms;
    for (let now = performance.now(); now < until; ) {
      const begun = now;
      check(await client.request('ask', message(n)), n++);
      now = performance.now();
      times.push(now - begun);
    }
  }

  await phase(warm, []);
  const { producer, consumer } = await sleep(client);
  for (let slice = 0; slice < SLICES; slice++) {
    await phase(time / 2, alone);
    const stream = client.stream('gigabyte');
    await stream.next();
    await phase(time / 2, beside);
    await stream.return();
  }
  const [p99, without] = [beside, alone].map((times) => percentile(times, 0.99) * 1000);
  return { p99, alone: without, times: p99 / without, producer, consumer, sent: n };
}

/** Measures how much both sides grow while a consumer reads one item and then none for half a second. */
async function sleep(client) {
  await client.request('rest');
  const resting = resident();
  const stream = client.stream('gigabyte');
  await stream.next();
  let peak = resting;
  for (let i = 0; i < 100; i++) {
    await pause(5);
    peak = Math.max(peak, process.memoryUsage.rss() / MEBIBYTE);
  }
  const { producer, made } = await client.request('grown');
  if (made > 10_000) fail(`${made} items were made for a consumer that has taken one`);
  await stream.return();
  return { producer, consumer: peak - resting };
}
