import ipc from 'omni-ipc';

ipc.config.id = 'hello';
ipc.config.silent = true;

// UDP has no clients: who wants to hear something binds a port, here any that is free (0), and so is a server too.
ipc.serveNet('::1', 0, 'udp6', () => {
  ipc.server.on('message', (data) => {
    console.log('got', data.message, 'from', data.from);
    ipc.server.stop();
  });
  const world = { address: '::1', port: ipc.config.networkPort };
  ipc.server.emit(world, 'message', { from: ipc.config.id, message: 'hello' });
});
ipc.server.start();
