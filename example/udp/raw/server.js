import ipc from 'omni-ipc';

ipc.config.id = 'world';
ipc.config.silent = true;
ipc.config.rawBuffer = true;

ipc.serveNet('udp4', () => {
  console.log('world listens on port', ipc.server.port);
  // Each datagram comes as it was sent: it is never cut, and never joined to another.
  ipc.server.on('data', (data, peer) => {
    console.log('got', data, data.readUInt16BE(0), data.readUInt32LE(2));
    ipc.server.emit(peer, [0xfe, 0xed, 0xc0, 0xde]);
    ipc.server.stop();
  });
});
ipc.server.start();
