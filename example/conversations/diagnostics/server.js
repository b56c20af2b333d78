import { subscribe } from 'node:diagnostics_channel';
import ipc from 'omni-ipc';

ipc.config.id = 'world';
ipc.config.silent = true;

// Tools can watch without touching the program; where nobody does, it costs nothing.
subscribe('omni-ipc:connection', ({ side, state }) => console.log(`${side}: connection ${state}`));
subscribe('omni-ipc:packet.in', ({ packet }) => console.log('in ', packet.type));
subscribe('omni-ipc:packet.out', ({ packet }) => console.log('out', packet.type));

const server = ipc.serve();
server.on('start', () => console.log('world listens on', server.path));

server.handle('add', ([a, b]) => a + b);
server.on('message', (_data, socket) => server.emit(socket, 'message', 'world'));
server.on('socket.disconnected', () => {
  const { packetsIn, packetsOut, connections } = server.stats();
  console.log({ packetsIn, packetsOut, connections });
  server.stop();
});
server.start();
