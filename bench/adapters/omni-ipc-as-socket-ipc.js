import { socketIpc } from './families/socket-ipc.js';

export const adapter = socketIpc({
  name: 'omni-ipc/socket-ipc',
  load: () => import('../../dist/socket-ipc.mjs'),
});
