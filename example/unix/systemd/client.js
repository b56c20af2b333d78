import ipc from 'omni-ipc';

ipc.config.id = 'hello';

ipc.connectTo('world', () => {
  ipc.of.world.on('message', (data) => {
    console.log('got a message from world :', data);
    ipc.disconnect('world');
  });
  ipc.of.world.emit('message', 'hello');
});
