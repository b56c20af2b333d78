import { nodeIpc } from './families/node-ipc.js';

export const adapter = nodeIpc({
  name: '@achrinza/node-ipc 9',
  package: '@achrinza/node-ipc-9',
  load: async () => new (await import('@achrinza/node-ipc-9')).default.IPC(),
});
