import { createHash } from 'node:crypto';
import ipc from 'omni-ipc';

ipc.config.id = 'world';
ipc.config.silent = true;

const server = ipc.serve();
server.on('start', () => console.log('world listens on', server.path));

server.handle('upload', async (name, _socket, { body }) => {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of body) {
    hash.update(chunk); // a real one writes it to a file
    bytes += chunk.length;
  }
  console.log(`got ${name}: ${bytes} bytes`);
  return hash.digest('hex');
});

server.on('socket.disconnected', () => server.stop());
server.start();
