// omni-ipc over a message port, between a worker thread and its parent.
import { parentPort } from 'node:worker_threads';
import { IPC } from '../../dist/ipc.mjs';

export const adapter = {
  name: 'omni-ipc over a worker’s port',
  forks: true,
  async serve(place, deliver, answer) {
    const ipc = new IPC();
    ipc.config.silent = true;
    const server = await ipc.servePort(place.startWorker()).start();
    if (answer !== undefined) server.handle('ask', answer);
    server.on('message', deliver);
    return { send: (peer, data) => server.emit(peer, 'message', data) };
  },
  async connect(_place, deliver) {
    const ipc = new IPC();
    ipc.config.silent = true;
    const client = await ipc.connectToPort('world', parentPort).ready();
    client.on('message', deliver);
    return {
      send: (data) => client.emit('message', data),
      request: (data) => client.request('ask', data),
    };
  },
};
