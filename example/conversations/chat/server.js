import ipc from 'omni-ipc';

ipc.config.id = 'world';
ipc.config.silent = true;

const server = ipc.serve();
server.on('start', () => console.log('world listens on', server.path));

// What one says the other hears: two bodies at once.
server.handle('chat', async function* (name, _socket, { body }) {
  yield `welcome, ${name}`;
  for await (const line of body) {
    console.log(`${name} says`, line);
    yield line.endsWith('?') ? 'what do you think?' : `"${line}", indeed`;
  }
  yield `goodbye, ${name}`;
});

server.on('socket.disconnected', () => server.stop());
server.start();
