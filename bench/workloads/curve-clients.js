import { client, server } from './broadcast.js';

export { client, server };

/** What a delivery costs, the more clients a broadcast goes to: as many as a process may have descriptors for. */
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
