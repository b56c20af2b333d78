import ipc from 'omni-ipc';

const [password = 'swordfish'] = process.argv.slice(2);
ipc.config.silent = true;
ipc.config.credentials = { password };

const world = ipc.connectTo('world');
world.emit('message', 'the secret of a client that was let in');
try {
  await world.ready();
  console.log('come in');
  await world.close();
} catch (error) {
  console.log(error.code, '|', error.message); // it does not try again
}
