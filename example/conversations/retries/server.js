import ipc from 'omni-ipc';

ipc.config.id = 'world';
ipc.config.silent = true;

const server = ipc.serve();
server.on('start', () => console.log('world listens on', server.path));

let orders = 0;
server.handle('order', (what, socket) => {
  orders++;
  console.log(`order ${orders}: ${what}`);
  socket.destroy(); // the connection breaks before the answer is sent
  return { number: orders };
});

server.on('disconnect', (_socket, farewell) => {
  console.log('a client is gone');
  if (farewell) server.stop();
});
server.start();
