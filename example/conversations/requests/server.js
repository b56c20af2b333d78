import ipc from 'omni-ipc';

ipc.config.id = 'world';
ipc.config.silent = true;

const server = ipc.serve();
server.on('start', () => console.log('world listens on', server.path));

server.handle('add', ([a, b]) => a + b);
server.handle('root', (number) => {
  if (number < 0) throw new RangeError(`${number} has no root`); // the client's request is rejected with it
  return Math.sqrt(number);
});
server.handle('never', () => new Promise(() => {}));
server.handle('greet', async (_data, socket) => `hello, ${await server.request(socket, 'name')}`); // a question back

server.on('socket.disconnected', () => server.stop());
server.start();
