import { nodeIpc } from './families/node-ipc.js';

export const adapter = nodeIpc({
  name: 'node-ipc 14',
  package: 'node-ipc',
  load: async () => new (await import('node-ipc')).IPCModule(),
  settings: { parser: 'fast' },
});
