import ipc from 'omni-ipc';

ipc.config.id = 'world';
ipc.config.silent = true;
ipc.config.accept = ['json', 'net-ipc', 'topic']; // node-ipc's clients, net-ipc's and ipc-server's, and socket-ipc's

const server = ipc.serve();
server.on('start', () => console.log('world listens on', server.path));

const greeted = new Set();
server.on('message', (name, socket) => {
  greeted.add(name);
  server.emit(socket, 'message', `hello, ${name}`); // each in the dialect that its client speaks
  if (greeted.size === 3) server.broadcast('message', `all are here: ${[...greeted].sort().join(', ')}`);
});
server.on('disconnect', () => {
  if (server.sockets.length === 0) server.stop();
});
server.start();
