import { check } from '../lib/message.js';
import { spent } from '../lib/spent.js';
import { client as ask, workload as requests } from './requests.js';

export { server } from './requests.js';

/** Compares the items of one stream with requests and echoed events. */
export const workload = {
  ...requests,
  title: 'Items of a stream, 64-byte payload',
  metrics: [
    { key: 'rate', label: 'items, requests or events a second', better: 'more' },
    { key: 'cpu', label: 'µs of processor time for each, both processes', better: 'less', digits: 2 },
  ],
  references: ['omni-ipc', 'omni-ipc-echo'],
  cases: [
    {
      name: 'unix',
      transport: 'unix',
      us: 'omni-ipc-stream',
      subjects: ['omni-ipc-stream', 'omni-ipc-stream-msgpack', 'omni-ipc', 'omni-ipc-echo'],
      targets: [
        { metric: 'rate', against: 'omni-ipc', atLeast: 1 },
        { metric: 'rate', against: 'omni-ipc-echo', atLeast: 0.8 },
      ],
    },
  ],
  rounds: 3,
};

/** Reads items for a given time. Subjects without streams send requests instead. */
export async function client(adapter, place, job) {
  const connection = await adapter.connect(place, () => {});
  if (connection.items === undefined) return ask({ connect: async () => connection }, place, job);
  const { warm, time } = job;
  const { request } = connection;
  const items = connection.items()[Symbol.asyncIterator]();
  let n = 0;

  async function phase(ms) {
    const until = performance.now() + ms;
    while (performance.now() < until) {
      for (let i = 0; i < 64; i++) check((await items.next()).value, n++);
    }
  }

  await phase(warm);
  const first = n;
  const before = spent() + (await request({ mark: true })).spent;
  const start = performance.now();
  await phase(time);
  const took = performance.now() - start;
  const after = spent() + (await request({ mark: true })).spent;
  await items.return();
  return { rate: ((n - first) / took) * 1000, cpu: (after - before) / (n - first), sent: 0 };
}
