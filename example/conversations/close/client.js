import ipc from 'omni-ipc';

ipc.config.silent = true;
ipc.config.retry = 50;

const world = ipc.connectTo('world');
world.on('disconnect', (farewell) => {
  if (farewell) console.log(`the server said: ${farewell.reason}; come back: ${farewell.reconnect}`);
});
world.on('ipc:reconnect', () => world.close('done for today'));
world.on('destroy', () => console.log('over for good'));
