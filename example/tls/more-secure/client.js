import ipc from 'omni-ipc';
import { certificates } from '../../certificates.js';

const { ca } = await certificates(); // the path of the certificate of the authority that signed the server's

ipc.config.id = 'hello';
ipc.config.silent = true;
ipc.config.tls = { trustedConnections: ca }; // whoever else has signed a server's certificate is not believed

ipc.connectToNet('world', () => {
  ipc.of.world.on('connect', () => {
    console.log('connected, and the server is known:', ipc.of.world.socket.authorized);
    ipc.of.world.emit('message', 'hello');
  });
  ipc.of.world.on('message', (data) => {
    console.log('got', data);
    ipc.disconnect('world');
  });
});
