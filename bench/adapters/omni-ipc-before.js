// An earlier build. OMNI_IPC_BEFORE names its folder.
import { createRequire } from 'node:module';
import { nodeIpc } from './families/node-ipc.js';

export const adapter = nodeIpc({
  name: 'omni-ipc, earlier build',
  load: async () => {
    const require = createRequire(`${process.env.OMNI_IPC_BEFORE}/package.json`);
    return new (require('omni-ipc/ipc').IPC)();
  },
});
