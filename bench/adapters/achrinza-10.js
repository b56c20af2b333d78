import { nodeIpc } from './families/node-ipc.js';

export const adapter = nodeIpc({
  name: '@achrinza/node-ipc 10',
  package: '@achrinza/node-ipc-10',
  load: async () => new (await import('@achrinza/node-ipc-10')).IPCModule(),
});
