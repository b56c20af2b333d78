import ipc from 'omni-ipc';
import { certificates } from '../../certificates.js';

const { ca, client } = await certificates();

ipc.config.silent = true;
ipc.config.maxRetries = 0;

// Without a certificate of our own the server does not let us in:
ipc.config.tls = { trustedConnections: ca };
ipc.connectToNet('stranger', () => {
  ipc.of.stranger.once('error', (error) => console.log(error.code, error.cause.code));
  ipc.of.stranger.on('destroy', comeBack);
});

/** With one it does. */
function comeBack() {
  ipc.config.tls = { trustedConnections: ca, private: client.key, public: client.cert };
  ipc.connectToNet('world', () => {
    ipc.of.world.on('connect', () => ipc.of.world.emit('message', 'hello'));
    ipc.of.world.on('message', (data) => {
      console.log('got', data);
      ipc.disconnect('world');
    });
  });
}
