import { check, message } from '../lib/message.js';
import { percentile } from '../lib/stats.js';
import { workload as requests } from './requests.js';

export { server } from './requests.js';

const [{ subjects }] = requests.cases;

/** Measures the duration of requests one at a time, and compares it with an echoed event. */
export const workload = {
  ...requests,
  title: 'Requests one at a time, 64-byte payload',
  metrics: [
    { key: 'p50', label: 'µs a request, median', better: 'less', digits: 1 },
    { key: 'p99', label: 'µs a request, 99th percentile', better: 'less', digits: 1 },
  ],
  cases: [{ name: 'unix', transport: 'unix', subjects }],
  targets: [
    { metric: 'p50', against: 'omni-ipc-echo', atMost: 1.05 },
    { metric: 'p99', against: 'omni-ipc-echo', atMost: 1.05 },
  ],
  warm: 1200,
  time: 400,
};

/** Measures every request after a warm-up. */
export async function client(adapter, place, { warm, time }) {
  const { request } = await adapter.connect(place, () => {});
  const times = [];
  const start = performance.now();
  let n = 0;
  let now = start;
  while (now < start + warm + time) {
    const begun = performance.now();
    check(await request(message(n)), n++);
    now = performance.now();
    if (begun > start + warm) times.push(now - begun);
  }
  return { p50: percentile(times, 0.5) * 1000, p99: percentile(times, 0.99) * 1000, sent: n };
}
