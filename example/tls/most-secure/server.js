import ipc from 'omni-ipc';
import { certificates } from '../../certificates.js';

const { ca, server } = await certificates();

ipc.config.id = 'world';
ipc.config.silent = true;
ipc.config.tls = {
  private: server.key,
  public: server.cert,
  requestCert: true, // clients show a certificate,
  rejectUnauthorized: true, // or do not come in,
  trustedConnections: ca, // and this authority has signed it
};

ipc.serveNet(() => {
  console.log('world listens on port', ipc.server.port);
  ipc.server.on('message', (data, socket) => {
    console.log('got', data, 'from', socket.getPeerCertificate().subject.CN);
    ipc.server.emit(socket, 'message', `${data} world!`);
  });
  ipc.server.on('error', (error) => console.log(error.code, error.cause.code));
  ipc.server.on('socket.disconnected', () => ipc.server.stop());
});
ipc.server.start();
