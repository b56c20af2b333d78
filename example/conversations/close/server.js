import ipc from 'omni-ipc';

ipc.config.id = 'world';
ipc.config.silent = true;

const server = ipc.serve();
server.on('start', () => console.log('world listens on', server.path));

let visits = 0;
server.on('connect', (socket) => {
  visits++;
  if (visits === 1) server.close(socket, 'too busy, come back', true); // one client; true: come back
});
server.on('disconnect', (_socket, farewell) => {
  console.log('the client said:', farewell?.reason ?? 'nothing');
  if (visits === 2) server.stop(); // stop({ reconnect: false }) would tell those connected to stay away
});
server.start();
