import ipc from 'omni-ipc';

ipc.config.id = 'world';
ipc.config.silent = true;

ipc.serve(() => {
  console.log('world listens on', ipc.server.path);
  let unanswered = 0;
  ipc.server.on('message', (data, socket) => {
    unanswered++;
    console.log(`got ${data}, unanswered: ${unanswered}`); // never more than one
    setTimeout(() => {
      unanswered--;
      ipc.server.emit(socket, 'message', `${data} is done`);
    }, 20);
  });
  ipc.server.on('socket.disconnected', () => ipc.server.stop());
});
ipc.server.start();
