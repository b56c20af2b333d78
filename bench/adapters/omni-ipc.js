import { nodeIpc } from './families/node-ipc.js';

export const adapter = nodeIpc({
  name: 'omni-ipc',
  load: async () => new (await import('../../dist/ipc.mjs')).IPC(),
});
