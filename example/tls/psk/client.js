import ipc from 'omni-ipc';

ipc.config.id = 'hello';
ipc.config.silent = true;
ipc.config.tls = {
  ciphers: 'PSK',
  pskCallback: () => ({ identity: 'hello', psk: Buffer.from('a key of 32 bytes that both know') }),
  checkServerIdentity: () => undefined, // there is no certificate: who knows the key is the server
};

ipc.connectToNet('world', () => {
  ipc.of.world.on('connect', () => {
    console.log('connected by', ipc.of.world.socket.getCipher().name);
    ipc.of.world.emit('message', 'hello');
  });
  ipc.of.world.on('message', (data) => {
    console.log('got', data);
    ipc.disconnect('world');
  });
});
