import ipc from 'omni-ipc';
import { certificates } from '../../certificates.js';

const { ca } = await certificates(); // the path of a file

ipc.config.id = process.argv[2] ?? 'hello'; // start another one as 'goodbye'
ipc.config.silent = true;
ipc.config.tls = { trustedConnections: ca };

ipc.connectToNet('world', () => {
  ipc.of.world.emit('message', { id: ipc.config.id, message: ipc.config.id }); // the id names our socket to the server
  let heard = 0;
  ipc.of.world.on('message', (data) => {
    console.log('got', data);
    heard++;
    if (heard === 2) ipc.disconnect('world');
  });
});
