// Requests by process.send, with numbers and a hand-written table of promises.
import { numbered } from '../lib/numbered.js';

export const adapter = {
  name: 'process.send requests',
  forks: true,
  async serve(place, _deliver, answer) {
    const child = place.forkClient('json');
    child.on('message', ({ id, data }) => child.send({ id, data: answer(data) }));
    return {};
  },
  async connect() {
    const { request, settle } = numbered((data) => process.send(data));
    process.on('message', settle);
    process.on('disconnect', () => process.exit());
    return { request };
  },
};
