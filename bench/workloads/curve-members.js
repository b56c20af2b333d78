import { client, server } from './broadcast.js';

export { client, server };

/** Measures the cost of one delivery against the number of members of a channel. One member sends to all others. */
export const workload = {
  title: 'More and more members of a channel',
  curve: 'members',
  metrics: [
    { key: 'cpu', label: 'µs of processor time a delivery, both processes', better: 'less', digits: 2 },
  ],
  references: [],
  cases: [2, 5, 20, 50, 100, 200].map((members) => ({
    name: String(members),
    x: members,
    transport: 'unix',
    clients: members - 1,
    subjects: ['omni-ipc-channel'],
  })),
  targets: [],
  rounds: 3,
  warm: 500,
  time: 700,
};
