import { client, STREAM, server } from './oneway.js';

export { client, server };

/** Members of a channel, on one machine and over NATS, next to what NATS does by itself, which acknowledges nothing. */
export const workload = {
  title: 'Channel, one way, 64-byte payload',
  metrics: [{ key: 'rate', label: 'messages a second', better: 'more' }],
  references: ['nats'],
  cases: [
    {
      name: 'messages',
      transport: 'unix',
      load: STREAM,
      subjects: ['omni-ipc-channel', 'omni-ipc-channel-nats', 'nats'],
      targets: [],
    },
  ],
  targets: [],
  warm: 400,
  time: 500,
};
