import { nodeIpc } from './families/node-ipc.js';

/** omni-ipc in a program that can be inspected, while nobody does. */
export const adapter = nodeIpc({
  name: 'omni-ipc, inspected',
  load: async () => {
    await import('../../dist/inspect.mjs');
    return new (await import('../../dist/ipc.mjs')).IPC();
  },
});
