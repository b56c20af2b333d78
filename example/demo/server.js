/** The server's process: serves one kind of socket after the other, as the demonstration asks it to. */
import { heard, makeIPC } from './sockets.js';

process.on('message', async ({ socket, root }) => {
  const server = open(await makeIPC(socket, root), socket);
  server.on('message', (text, peer) => {
    heard('message', text);
    server.emit(peer, 'message', `${text} world!`);
  });
  server.handle('add', (numbers) => {
    heard('add', numbers);
    return numbers[0] + numbers[1];
  });
  server.on('data', (bytes, peer) => {
    heard('bytes', bytes.toString('hex'));
    server.emit(peer, Buffer.from(bytes).reverse());
  });
  server.on('goodbye', (reason) => leave(reason)); // over UDP, where nobody disconnects
  server.on('disconnect', (_peer, farewell) => leave(farewell?.reason));

  async function leave(reason) {
    if (reason !== undefined) heard('goodbye', reason);
    await server.stop();
    process.send({ done: true });
  }

  try {
    await server.start();
    process.send({ listening: { path: server.path, port: server.port } });
  } catch ({ code, message }) {
    process.send({ failed: { code, message } });
  }
});

function open(ipc, socket) {
  if (socket === 'unix' || socket === 'raw') return ipc.serve();
  return socket.startsWith('udp') ? ipc.serveNet(socket) : ipc.serveNet();
}
