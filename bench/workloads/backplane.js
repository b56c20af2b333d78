import { client, server } from './broadcast.js';

export { client, server };

/** Measures the cost of the backplane: for a server without one, and for a server that is alone on it. */
export const workload = {
  title: 'Broadcast with and without a backplane, 64-byte payload',
  metrics: [{ key: 'rate', label: 'deliveries a second', better: 'more' }],
  references: ['omni-ipc'],
  cases: [
    {
      name: '100 clients',
      transport: 'unix',
      clients: 100,
      subjects: ['omni-ipc', 'omni-ipc-backplane'],
    },
  ],
  targets: [{ metric: 'rate', against: 'omni-ipc-before', atLeast: 0.98 }],
  warm: 300,
  time: 700,
};
