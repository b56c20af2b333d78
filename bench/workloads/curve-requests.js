import { client, workload as requests, server } from './requests.js';

export { client, server };

const [, cpu] = requests.metrics;

/** Measures the cost of one request against the number of open requests. */
export const workload = {
  ...requests,
  title: 'More and more open requests',
  curve: 'open requests',
  metrics: [cpu],
  references: [],
  cases: [1, 10, 100, 1000, 10_000].map((inFlight) => ({
    name: String(inFlight),
    x: inFlight,
    transport: 'unix',
    load: { inFlight },
    subjects: ['omni-ipc'],
  })),
  rounds: 3,
  warm: 800,
};
