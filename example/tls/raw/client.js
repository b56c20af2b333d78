import ipc from 'omni-ipc';
import { certificates } from '../../certificates.js';

const { ca } = await certificates(); // the path of a file

ipc.config.id = 'hello';
ipc.config.silent = true;
ipc.config.tls = { trustedConnections: ca };
ipc.config.rawBuffer = true;

const bytes = Buffer.alloc(6);
bytes.writeUInt16BE(2, 0);
bytes.writeUInt32LE(0xffeecc, 2);

ipc.connectToNet('world', () => {
  ipc.of.world.on('connect', () => ipc.of.world.emit(bytes));
  ipc.of.world.on('data', (data) => {
    console.log('got', data);
    ipc.disconnect('world');
  });
});
