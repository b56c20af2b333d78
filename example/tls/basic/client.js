import ipc from 'omni-ipc';

ipc.config.id = 'hello';
ipc.config.silent = true;
// Nobody can listen in, but anybody could pretend to be the server: for trials only. See more-secure.
ipc.config.tls = { rejectUnauthorized: false };

ipc.connectToNet('world', () => {
  ipc.of.world.on('connect', () => {
    console.log('connected, and the server is known:', ipc.of.world.socket.authorized);
    ipc.of.world.emit('message', 'hello');
  });
  ipc.of.world.on('message', (data) => {
    console.log('got', data);
    ipc.disconnect('world');
  });
});
