import { client, server } from './broadcast.js';

export { client, server };

/** An earlier build, whose folder OMNI_IPC_BEFORE names. */
const earlier = process.env.OMNI_IPC_BEFORE === undefined ? [] : ['omni-ipc-before'];

/** What a backplane costs a server that has none, and one that is alone. */
export const workload = {
  title: 'Broadcast with and without a backplane, 64-byte payload',
  metrics: [{ key: 'rate', label: 'deliveries a second', better: 'more' }],
  references: ['omni-ipc', ...earlier],
  cases: [
    {
      name: '100 clients',
      transport: 'unix',
      clients: 100,
      subjects: ['omni-ipc', 'omni-ipc-backplane', ...earlier],
    },
  ],
  targets: earlier.map((against) => ({ metric: 'rate', against, atLeast: 0.98 })),
  warm: 300,
  time: 700,
};
