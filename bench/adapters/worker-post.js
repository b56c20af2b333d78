// Node's own postMessage between a worker thread and its parent.
import { parentPort } from 'node:worker_threads';

export const adapter = {
  name: 'worker postMessage',
  forks: true,
  async serve(place, deliver) {
    const worker = place.startWorker();
    worker.on('message', (data) => deliver(data, worker));
    return { send: (peer, data) => peer.postMessage(data) };
  },
  async connect(_place, deliver) {
    parentPort.on('message', deliver);
    return { send: (data) => parentPort.postMessage(data) };
  },
};
