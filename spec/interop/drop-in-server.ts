/** A server as node-ipc's documentation has it, on the package that the first argument names. */
const { default: ipc } = await import(process.argv[2] ?? '');

ipc.config.id = 'world';
ipc.config.retry = 50;
ipc.config.silent = true;
ipc.config.socketRoot = process.argv[3];

ipc.serve(() => {
  console.log('started', ipc.server.path === `${ipc.config.socketRoot}app.world`);
  ipc.server.on('message', (data: string, socket: unknown) => {
    console.log('message', data);
    ipc.server.emit(socket, 'message', `${data} world!`);
  });
  ipc.server.on('numbers', (data: { id: string; list: number[] }) => {
    console.log('numbers', data);
    ipc.server.broadcast('numbers', data.list);
  });
  ipc.server.on('socket.disconnected', (_socket: unknown, id: unknown) => {
    console.log('socket.disconnected', id);
    ipc.server.stop();
  });
});
ipc.server.on('connect', (socket: { constructor: { name: string } }) => {
  console.log('connect', socket.constructor.name, ipc.server.sockets.length);
});
ipc.server.start();
