import { check, message } from '../lib/message.js';
import { spent } from '../lib/spent.js';

export const IN_FLIGHT = 256;
const SUBJECTS = [
  'omni-ipc',
  'omni-ipc-echo',
  'net-ipc',
  'grpc',
  'undici',
  'nats',
  'child-requests',
  'worker-requests',
  'omni-ipc-worker',
];

/** Measures many concurrent requests with their answers. */
export const workload = {
  title: 'Requests, 64-byte payload',
  metrics: [
    { key: 'rate', label: 'requests a second', better: 'more' },
    { key: 'cpu', label: 'µs of processor time a request, both processes', better: 'less', digits: 2 },
  ],
  references: ['omni-ipc-echo', 'net-ipc'],
  cases: [
    {
      name: `${IN_FLIGHT} in flight`,
      transport: 'unix',
      subjects: SUBJECTS,
      targets: [
        { metric: 'rate', against: 'omni-ipc-echo', atLeast: 0.8 },
        { metric: 'cpu', against: 'omni-ipc-echo', atMost: 1.25 },
        { metric: 'rate', against: 'net-ipc', atLeast: 4 },
        { metric: 'rate', against: 'grpc', atLeast: 30 },
        { metric: 'rate', against: 'undici', atLeast: 15 },
        { metric: 'rate', against: 'nats', atLeast: 8 },
      ],
    },
  ],
  targets: [],
  // The compiler is busy with the code of requests for a second, and its threads count as processor time.
  warm: 1200,
  time: 500,
};

/** Echoes each request, and answers a mark with the processor time used so far. */
export async function server(adapter, place, { ready, over }) {
  let received = 0;
  await adapter.serve(
    place,
    () => {},
    (data) => {
      if (data.mark) return { spent: spent() };
      check(data, received++);
      return data;
    },
  );
  ready();
  await over;
  return { received };
}

/** Sends another request for each answer. */
export async function client(adapter, place, { load: { inFlight } = { inFlight: IN_FLIGHT }, warm, time }) {
  let sent = 0;
  const { request } = await adapter.connect(place, () => {});

  /** Runs one of the concurrent requests. */
  async function trips(until) {
    while (performance.now() < until) {
      const n = sent++;
      check(await request(message(n)), n);
    }
  }

  function phase(ms) {
    const until = performance.now() + ms;
    return Promise.all(Array.from({ length: inFlight }, () => trips(until)));
  }

  await phase(warm);
  const first = sent;
  const before = spent() + (await request({ mark: true })).spent;
  const start = performance.now();
  await phase(time);
  const took = performance.now() - start;
  const after = spent() + (await request({ mark: true })).spent;
  const count = sent - first;
  return { rate: (count / took) * 1000, cpu: (after - before) / count, sent };
}
