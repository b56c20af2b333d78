import { netIpc } from './families/net-ipc.js';

export const adapter = netIpc({
  name: 'omni-ipc/net-ipc messagepack',
  package: undefined,
  messagepack: true,
  load: () => import('../../dist/net-ipc.mjs'),
});
