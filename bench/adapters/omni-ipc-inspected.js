import { nodeIpc } from './families/node-ipc.js';

/** omni-ipc in a program with the inspector preloaded, without a watcher. */
export const adapter = nodeIpc({
  name: 'omni-ipc, inspected',
  load: async () => {
    await import('../../dist/inspect.mjs');
    return new (await import('../../dist/ipc.mjs')).IPC();
  },
});
