import ipc from 'omni-ipc';
import 'omni-ipc/styles';

ipc.config.id = 'world';

ipc.serve(() => {
  console.log('world listens on', ipc.server.path);
  ipc.server.on('message', (data, socket) => {
    ipc.log('got a message :'.debug, data);
    ipc.server.emit(socket, 'message', `${data} world!`);
  });
  ipc.server.on('socket.disconnected', () => {
    ipc.log('the client has disconnected'.notice);
    ipc.server.stop(); // and so this process ends
  });
});
ipc.server.start();
