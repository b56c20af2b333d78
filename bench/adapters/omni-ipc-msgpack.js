import { nodeIpc } from './families/node-ipc.js';

/** omni-ipc with MessagePack in place of JSON. */
export const adapter = nodeIpc({
  name: 'omni-ipc msgpack',
  load: async () => new (await import('../../dist/ipc.mjs')).IPC(),
  settings: { codec: 'msgpack' },
});
