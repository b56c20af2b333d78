import ipc from 'omni-ipc';
import type { World } from './contract.js';

ipc.config.id = 'world';
ipc.config.silent = true;

const server = ipc.serve<World>();
server.on('start', () => console.log('world listens on', server.path));
server.on('message', (text, socket) => server.emit(socket, 'message', `${text.toUpperCase()} world!`));
server.handle('add', ([a, b]) => a + b);
server.on('socket.disconnected', () => server.stop());
await server.start();
