import { client, server } from './requests.js';

export { client, server };

/** As in `channel`, but requests, each with its answer. */
export const workload = {
  title: 'Channel, requests, 64-byte payload',
  metrics: [{ key: 'rate', label: 'requests a second', better: 'more' }],
  references: ['nats'],
  cases: [
    {
      name: '256 in flight',
      transport: 'unix',
      subjects: ['omni-ipc-channel', 'omni-ipc-channel-nats', 'nats'],
      targets: [],
    },
  ],
  targets: [],
  warm: 400,
  time: 500,
};
