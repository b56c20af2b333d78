import ipc from 'omni-ipc';

const path = `${ipc.config.socketRoot}app.world`;
ipc.config.silent = true;

// Four connections, which go to the workers in turn.
for (let i = 1; i <= 4; i++) {
  const world = new ipc.IPC().connectTo('world', path);
  world.config.silent = true;
  world.on('news', (text) => {
    console.log(`client ${i} got`, text);
    world.disconnect();
  });
  await world.ready();
  world.emit('hello');
}
