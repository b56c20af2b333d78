import ipc from 'omni-ipc';

ipc.config.id = 'world';

// systemd listens, starts this program when the first client comes, and passes the socket on.
ipc.serve({ systemd: true }, () => {
  console.log('world listens on', ipc.server.path);
  ipc.server.on('message', (data, socket) => {
    console.log('got a message :', data);
    ipc.server.emit(socket, 'message', `${data} world!`);
  });
  ipc.server.on('socket.disconnected', () => {
    console.log('the client has disconnected');
    ipc.server.stop(); // systemd still listens, and starts this program again for the next client
  });
});
ipc.server.start();
