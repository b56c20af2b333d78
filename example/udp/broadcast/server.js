import ipc from 'omni-ipc';

ipc.config.id = 'world';
ipc.config.silent = true;

ipc.serveNet('udp4', () => {
  console.log('world listens on port', ipc.server.port);
  const greetings = [];
  ipc.server.on('message', (data) => {
    greetings.push(data.message);
    if (greetings.length < 2) return; // the other one is still to come
    for (const greeting of greetings) ipc.server.broadcast('message', `${greeting} world!`);
    ipc.server.stop();
  });
});
ipc.server.start();
