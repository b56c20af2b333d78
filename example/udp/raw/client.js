import ipc from 'omni-ipc';

ipc.config.id = 'hello';
ipc.config.silent = true;
ipc.config.rawBuffer = true;

const bytes = Buffer.alloc(6);
bytes.writeUInt16BE(2, 0);
bytes.writeUInt32LE(0xffeecc, 2);

ipc.serveNet(0, 'udp4', () => {
  ipc.server.on('data', (data) => {
    console.log('got', data);
    ipc.server.stop();
  });
  ipc.server.emit({ address: '127.0.0.1', port: ipc.config.networkPort }, bytes);
});
ipc.server.start();
