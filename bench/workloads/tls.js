import { workload as oneway, STREAM } from './oneway.js';

export { client, server } from './oneway.js';

export const workload = {
  ...oneway,
  title: 'One way over TLS, 64-byte payload',
  cases: [
    {
      name: 'tls',
      transport: 'tls',
      load: STREAM,
      subjects: ['bare', 'omni-ipc', 'node-ipc-14', 'achrinza-9', 'net-ipc'],
    },
  ],
  targets: [{ metric: 'rate', against: 'node-ipc-14', atLeast: 3 }],
};
