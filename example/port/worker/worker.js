import { parentPort } from 'node:worker_threads';
import ipc from 'omni-ipc';

ipc.config.silent = true;

const server = ipc.servePort(parentPort);
server.handle('invert', (pixels) => {
  const inverted = pixels.map((value) => 255 - value);
  return ipc.transfer(inverted, [inverted.buffer]);
});
server.on('work', (_data, port) => {
  for (const percent of [50, 100]) server.emit(port, 'progress', percent);
});
server.handle('done', () => true);
server.start();
