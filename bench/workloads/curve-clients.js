import { client, server } from './broadcast.js';

export { client, server };

/** Measures the cost of one delivery against the number of clients of a broadcast, up to the limit of descriptors per process. */
export const workload = {
  title: 'Broadcast to more and more clients',
  curve: 'clients',
  metrics: [
    { key: 'cpu', label: 'µs of processor time a delivery, both processes', better: 'less', digits: 2 },
  ],
  references: [],
  cases: [10, 100, 1000, 10_000, 19_000].map((clients) => ({
    name: String(clients),
    x: clients,
    transport: 'unix',
    clients,
    subjects: ['omni-ipc'],
  })),
  targets: [],
  rounds: 3,
  warm: 300,
  time: 700,
};
