import ipc from 'omni-ipc';

ipc.config.id = 'world';
ipc.config.silent = true;

ipc.serveNet(() => {
  console.log('world listens on port', ipc.server.port);
  const greetings = [];
  ipc.server.on('message', (data) => {
    greetings.push(data.message);
    if (greetings.length < 2) return; // the other client is still to come
    for (const greeting of greetings) ipc.server.broadcast('message', `${greeting} world!`);
  });
  ipc.server.on('socket.disconnected', (_socket, id) => {
    console.log(`${id} has left`);
    if (ipc.server.sockets.length === 0) ipc.server.stop();
  });
});
ipc.server.start();
