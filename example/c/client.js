// Does for server.c what client.c does for server.js: node client.js unix, or node client.js tcp
import ipc from 'omni-ipc';
import { describe, encode, readings } from './reading.js';

ipc.config.silent = true;
ipc.config.rawBuffer = true;

const world = process.argv[2] === 'tcp' ? ipc.connectToNet('world') : ipc.connectTo('world');
world.emit(encode({ order: '<', kind: 1, sensor: 0xbeef, celsius: -21_500, weight: 0.125 }));
world.emit(encode({ order: '>', kind: 2, sensor: 7, celsius: 36_600, weight: -1234.5 }));

let answers = 0;
const read = readings((it) => {
  console.log('got', describe(it));
  answers++;
  if (answers === 2) ipc.disconnect('world');
});
world.on('data', read);
