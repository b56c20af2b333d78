import ipc from 'omni-ipc';
import { certificates } from '../../certificates.js';

const { ca } = await certificates(); // the path of a file

ipc.config.id = 'hello';
ipc.config.silent = true;
ipc.config.tls = { trustedConnections: ca };
ipc.config.sync = true; // a message goes out when the one before it has been answered

ipc.connectToNet('world', () => {
  for (const name of ['one', 'two', 'three']) ipc.of.world.emit('message', name);
  ipc.of.world.on('message', (data) => {
    console.log(data);
    if (data === 'three is done') ipc.disconnect('world');
  });
});
