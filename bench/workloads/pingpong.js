import { check, message } from '../lib/message.js';
import { percentile } from '../lib/stats.js';
import { workload as echo } from './echo.js';

export { server } from './echo.js';

const MOST_TRIPS = 200_000;

const [{ subjects }] = echo.cases;

export const workload = {
  ...echo,
  title: 'Ping-pong, one in flight',
  metrics: [
    { key: 'p50', label: 'µs a round trip, median', better: 'less', digits: 1 },
    { key: 'p99', label: 'µs a round trip, 99th percentile', better: 'less', digits: 1 },
  ],
  cases: [
    { name: 'both on one core', transport: 'unix', cores: 1, subjects },
    {
      name: 'a core each',
      transport: 'unix',
      cores: 2,
      subjects: ['bare', 'omni-ipc', 'node-ipc-14', 'socket-ipc'],
    },
  ],
  targets: [
    { metric: 'p50', against: 'bare', atMost: 1.05 },
    { metric: 'p99', against: 'bare', atMost: 1.05 },
  ],
  warm: 1200,
  time: 300,
};

/** Measures every round trip after a warm-up. */
export async function client(adapter, place, { warm, time }) {
  const trips = new Float64Array(MOST_TRIPS);
  let count = 0;
  let n = 0;
  let sentAt = 0;
  await new Promise((done) => {
    const start = performance.now();
    adapter
      .connect(place, (data) => {
        const now = performance.now();
        check(data, n++);
        if (now - start > warm) trips[count++] = now - sentAt;
        if (now - start > warm + time || count === MOST_TRIPS) done();
        else ping();
      })
      .then(({ send }) => {
        ping = () => {
          sentAt = performance.now();
          send(message(n));
        };
        ping();
      });
    let ping;
  });
  const measured = trips.subarray(0, count);
  return { p50: percentile(measured, 0.5) * 1000, p99: percentile(measured, 0.99) * 1000, sent: n };
}
