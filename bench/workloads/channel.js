import { client, STREAM, server } from './oneway.js';

export { client, server };

/** An earlier build, whose hub relays messages. OMNI_IPC_BEFORE names its folder. */
const earlier = process.env.OMNI_IPC_BEFORE === undefined ? [] : ['omni-ipc-channel-before'];

/** Compares members of a channel, on one machine and over NATS, with plain NATS, which does not acknowledge messages. */
export const workload = {
  title: 'Channel, one way, 64-byte payload',
  metrics: [{ key: 'rate', label: 'messages a second', better: 'more' }],
  references: ['nats', ...earlier],
  cases: [
    {
      name: 'messages',
      transport: 'unix',
      load: STREAM,
      subjects: ['omni-ipc-channel', 'omni-ipc-channel-nats', 'nats'],
      us: 'omni-ipc-channel-nats',
      targets: [{ metric: 'rate', against: 'nats', atLeast: 0.8 }],
    },
    {
      name: 'messages, beside a third member',
      transport: 'unix',
      load: STREAM,
      subjects: ['omni-ipc-channel-three', ...earlier],
      us: 'omni-ipc-channel-three',
      targets: earlier.map((against) => ({ metric: 'rate', against, atLeast: 2 })),
    },
  ],
  targets: [],
  warm: 400,
  time: 500,
};
