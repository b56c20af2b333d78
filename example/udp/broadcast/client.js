import ipc from 'omni-ipc';

ipc.config.id = process.argv[2] ?? 'hello'; // start another one as 'goodbye'
ipc.config.silent = true;

ipc.serveNet(0, 'udp4', () => {
  let heard = 0;
  ipc.server.on('message', (data) => {
    console.log('got', data);
    heard++;
    if (heard === 2) ipc.server.stop();
  });
  const world = { address: '127.0.0.1', port: ipc.config.networkPort };
  ipc.server.emit(world, 'message', { id: ipc.config.id, message: ipc.config.id });
});
ipc.server.start();
