import { netIpc } from './families/net-ipc.js';

export const adapter = netIpc({ name: 'net-ipc messagepack', messagepack: true });
