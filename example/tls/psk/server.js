import ipc from 'omni-ipc';

const keys = new Map([['hello', Buffer.from('a key of 32 bytes that both know')]]);

ipc.config.id = 'world';
ipc.config.silent = true;
ipc.config.tls = {
  ciphers: 'PSK',
  pskCallback: (_socket, identity) => keys.get(identity),
};

ipc.serveNet(() => {
  console.log('world listens on port', ipc.server.port);
  ipc.server.on('message', (data, socket) => {
    console.log('got', data);
    ipc.server.emit(socket, 'message', `${data} world!`);
  });
  ipc.server.on('socket.disconnected', () => ipc.server.stop());
});
ipc.server.start();
