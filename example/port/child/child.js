import ipc from 'omni-ipc';

ipc.config.silent = true;

const server = ipc.servePort(process);
server.handle('count', (text) => {
  const counts = new Map();
  for (const word of text.split(' ')) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
});
server.start();
