import ipc from 'omni-ipc';

const [name = 'hello'] = process.argv.slice(2);
ipc.config.silent = true;

const world = ipc.connectTo('world');
world.handle('name', () => {
  if (name === 'goodbye') throw new Error('I do not tell');
  return name;
});
world.on('disconnect', (farewell) => console.log('the server said:', farewell.reason));
