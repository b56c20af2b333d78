import ipc from 'omni-ipc';
import { certificates } from '../../certificates.js';

const { server } = await certificates(); // the paths of a key and its certificate

ipc.config.id = 'world';
ipc.config.silent = true;
ipc.config.tls = { private: server.key, public: server.cert };

ipc.serveNet(() => {
  console.log('world listens on port', ipc.server.port);
  ipc.server.on('message', (data, socket) => {
    console.log('got', data, 'under', socket.getProtocol());
    ipc.server.emit(socket, 'message', `${data} world!`);
  });
  ipc.server.on('socket.disconnected', () => ipc.server.stop());
});
ipc.server.start();
