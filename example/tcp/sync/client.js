import ipc from 'omni-ipc';

ipc.config.id = 'hello';
ipc.config.silent = true;
ipc.config.sync = true; // a message goes out when the one before it has been answered

ipc.connectToNet('world', () => {
  for (const name of ['one', 'two', 'three']) ipc.of.world.emit('message', name);
  ipc.of.world.on('message', (data) => {
    console.log(data);
    if (data === 'three is done') ipc.disconnect('world');
  });
});
