// A server that is alone on its backplane.
import { nodeIpc } from './families/node-ipc.js';

export const adapter = nodeIpc({
  name: 'omni-ipc with a backplane',
  load: async () => new (await import('../../dist/ipc.mjs')).IPC(),
  settings: ({ path }) => ({ backplane: { directory: `${path}.backplane` } }),
});
