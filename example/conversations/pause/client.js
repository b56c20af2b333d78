import ipc from 'omni-ipc';

ipc.config.silent = true;

const world = ipc.connectTo('world');
for (let number = 1; number <= 10_000; number++) world.emit('number', number);
await world.close(); // all of them are sent first
