import ipc from 'omni-ipc';

const path = `${ipc.config.socketRoot}app.world`;
ipc.config.silent = true;

// Four connections: they go to the workers in turn.
for (let i = 1; i <= 4; i++) {
  const world = ipc.connectTo('world', path);
  world.emit('currentDate', { message: new Date().toISOString() });
  await world.close(); // what was emitted is sent first
  console.log('sent', i);
}
