// Requests by postMessage between a worker thread and its parent, with numbers and a hand-written table of promises.
import { parentPort } from 'node:worker_threads';
import { numbered } from '../lib/numbered.js';

export const adapter = {
  name: 'worker postMessage',
  forks: true,
  async serve(place, _deliver, answer) {
    const worker = place.startWorker();
    worker.on('message', ({ id, data }) => worker.postMessage({ id, data: answer(data) }));
    return {};
  },
  async connect() {
    const { request, settle } = numbered((data) => parentPort.postMessage(data));
    parentPort.on('message', settle);
    return { request };
  },
};
