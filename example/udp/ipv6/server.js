import ipc from 'omni-ipc';

ipc.config.id = 'world';
ipc.config.silent = true;

ipc.serveNet('::1', 'udp6', () => {
  console.log('world listens on port', ipc.server.port);
  ipc.server.on('message', (data, peer) => {
    console.log('got', data.message, 'from', data.from);
    ipc.server.emit(peer, 'message', { from: ipc.config.id, message: `${data.message} world!` });
    ipc.server.stop(); // what was emitted is sent first
  });
});
ipc.server.start();
