import { client, server } from './requests.js';

export { client, server };

/** An earlier build, whose hub relays messages. OMNI_IPC_BEFORE names its folder. */
const earlier = process.env.OMNI_IPC_BEFORE === undefined ? [] : ['omni-ipc-channel-before'];

/** Like `channel`, with requests and their answers in place of messages. */
export const workload = {
  title: 'Channel, requests, 64-byte payload',
  metrics: [{ key: 'rate', label: 'requests a second', better: 'more' }],
  references: ['nats', ...earlier],
  cases: [
    {
      name: '256 in flight',
      transport: 'unix',
      subjects: ['omni-ipc-channel', 'omni-ipc-channel-nats', 'nats'],
      us: 'omni-ipc-channel-nats',
      targets: [{ metric: 'rate', against: 'nats', atLeast: 0.8 }],
    },
    {
      name: '256 in flight, beside a third member',
      transport: 'unix',
      subjects: ['omni-ipc-channel-three', ...earlier],
      us: 'omni-ipc-channel-three',
      targets: earlier.map((against) => ({ metric: 'rate', against, atLeast: 2.5 })),
    },
  ],
  targets: [],
  warm: 400,
  time: 500,
};
