import ipc from 'omni-ipc';
import 'omni-ipc/styles';

ipc.config.id = 'world';

// Host and port are those of ipc.config, localhost and 8000, unless they are given: ipc.serveNet('0.0.0.0', 9000, ...)
ipc.serveNet(() => {
  console.log('world listens on port', ipc.server.port);
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
