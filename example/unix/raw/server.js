import ipc from 'omni-ipc';

ipc.config.id = 'world';
ipc.config.silent = true;
ipc.config.rawBuffer = true;
ipc.config.encoding = 'hex'; // what strings given to emit() are

ipc.serve(() => {
  console.log('world listens on', ipc.server.path);
  ipc.server.on('data', (data, socket) => {
    // A stream has no messages: what two emits have sent may come as one chunk, and one as two.
    console.log('got', data, data.readUInt16BE(0), data.readUInt32LE(2));
    ipc.server.emit(socket, 'feedc0de');
  });
  ipc.server.on('socket.disconnected', () => ipc.server.stop());
});
ipc.server.start();
