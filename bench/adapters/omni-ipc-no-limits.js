import { nodeIpc } from './families/node-ipc.js';

/** omni-ipc with every optional limit turned off. */
export const adapter = nodeIpc({
  name: 'omni-ipc, no limits',
  load: async () => new (await import('../../dist/ipc.mjs')).IPC(),
  settings: {
    maxMessageSize: Number.POSITIVE_INFINITY,
    maxPendingBytes: Number.POSITIVE_INFINITY,
    messageTimeout: 0,
    identifyPeer: false,
  },
});
