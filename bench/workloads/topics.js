export { client, server } from './broadcast.js';

const CLIENTS = 100;

/** Compares a publication under a topic to which all clients subscribe with a broadcast to the same number of clients. */
export const workload = {
  title: `Topics, ${CLIENTS} subscribers, 64-byte payload`,
  metrics: [{ key: 'rate', label: 'deliveries a second', better: 'more' }],
  references: ['omni-ipc'],
  cases: [
    {
      name: 'unix',
      transport: 'unix',
      clients: CLIENTS,
      subjects: ['omni-ipc', 'omni-ipc-topics', 'omni-ipc-many-topics'],
      us: 'omni-ipc-topics',
      targets: [{ metric: 'rate', against: 'omni-ipc', atLeast: 0.9 }],
    },
  ],
  targets: [],
  warm: 300,
  time: 700,
};
