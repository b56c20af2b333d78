import ipc from 'omni-ipc';
import { certificates } from '../../certificates.js';

const { server } = await certificates(); // the paths of files

ipc.config.id = 'world';
ipc.config.silent = true;
ipc.config.tls = { private: server.key, public: server.cert };

ipc.serveNet(() => {
  console.log('world listens on port', ipc.server.port);
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
