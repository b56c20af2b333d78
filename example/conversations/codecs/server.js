import ipc from 'omni-ipc';

ipc.config.id = 'world';
ipc.config.silent = true;

// A server needs no setting: it agrees to what a client offers and it has the packages for. Clients that offer nothing,
// node-ipc's among them, keep on speaking JSON with it.
const server = ipc.serve();
server.on('start', () => console.log('world listens on', server.path));

server.handle('what is it', (value) => {
  const kinds = Object.entries(value).map(([name, each]) => `${name}: ${each.constructor.name}`);
  console.log(kinds.join(', '));
  return value;
});
server.on('socket.disconnected', () => server.stop());
server.start();
