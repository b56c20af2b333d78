import { netIpc } from './families/net-ipc.js';

export const adapter = netIpc({
  name: 'omni-ipc/net-ipc',
  package: undefined,
  load: () => import('../../dist/net-ipc.mjs'),
});
