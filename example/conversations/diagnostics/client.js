import { subscribe } from 'node:diagnostics_channel';
import ipc from 'omni-ipc';

ipc.config.silent = true;

subscribe('omni-ipc:request', ({ type, state, milliseconds }) => {
  console.log(`request ${type}: ${state}`, state === 'open' ? '' : `after ${milliseconds.toFixed(1)} ms`);
});

const world = ipc.connectTo('world');
world.emit('message', 'hello');
world.on('message', (data) => console.log('got', data));
console.log('2 + 40 =', await world.request('add', [2, 40]));
await world.close();
