import { socketIpc } from './families/socket-ipc.js';

export const adapter = socketIpc({
  name: 'socket-ipc',
  package: '@crussell52/socket-ipc',
  load: () => import('@crussell52/socket-ipc'),
});
