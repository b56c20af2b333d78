import ipc from 'omni-ipc';

ipc.config.id = 'world';
ipc.config.silent = true;

const server = ipc.serve();
server.on('start', () => console.log('world listens on', server.path));

const words = 'once upon a time there was a program that talked and talked and never came to an end'.split(
  ' ',
);

server.handle('complete', async function* (prompt, _socket, { signal }) {
  let count = 0;
  try {
    yield prompt;
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, 5)); // thinking
      signal.throwIfAborted();
      yield words[count++ % words.length];
    }
  } finally {
    console.log('thought of', count < 10_000 ? 'no more than was wanted' : 'far too much');
  }
});

server.on('socket.disconnected', () => server.stop());
server.start();
