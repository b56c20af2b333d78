import ipc from 'omni-ipc';

// Two clients of each server, one after the other.
let last;
for (const name of ['oslo', 'oslo', 'paris', 'paris']) {
  const world = new ipc.IPC().connectTo('world', `${ipc.config.socketRoot}app.${name}`);
  Object.assign(world.config, { silent: true, retry: 50 });
  world.on('said', (text) => {
    console.log(`a client of ${name} got`, text);
    world.disconnect();
  });
  console.log(`a client of ${name} is one of ${await world.request('count')}`);
  last = world;
}
last.emit('say', 'all are here');
