import ipc from 'omni-ipc';

ipc.config.silent = true;

const world = ipc.connectTo('world');
world.handle('name', () => 'Alice');

console.log('2 + 40 =', await world.request('add', [2, 40]));
console.log(await world.request('greet'));

const failures = [
  world.request('root', -1), // the handler throws
  world.request('never', null, { timeout: 50 }), // it does not answer in time
  world.request('never', null, { signal: AbortSignal.abort() }), // we do not want to know any more
  world.request('unknown'), // nobody handles it
];
for (const { reason } of await Promise.allSettled(failures)) console.log(reason.code, '|', reason.message);

ipc.disconnect('world');
