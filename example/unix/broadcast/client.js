import ipc from 'omni-ipc';

ipc.config.id = process.argv[2] ?? 'hello'; // start another one as 'goodbye'
ipc.config.silent = true;

ipc.connectTo('world', () => {
  ipc.of.world.emit('message', { id: ipc.config.id, message: ipc.config.id }); // the id names our socket to the server
  let heard = 0;
  ipc.of.world.on('message', (data) => {
    console.log('got', data);
    heard++;
    if (heard === 2) ipc.disconnect('world');
  });
});
