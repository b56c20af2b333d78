import { netIpc } from './families/net-ipc.js';

export const adapter = netIpc({ name: 'net-ipc json', messagepack: false });
