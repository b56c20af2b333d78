import { topics } from './families/topics.js';

let clients = 0;

/** With a hundred patterns a client, ten thousand in all, that match nothing. */
export const adapter = topics({
  name: 'omni-ipc topics, and 10,000 idle ones',
  idle: () => {
    const client = clients++;
    return Array.from({ length: 100 }, (_, n) => `idle.${client}.${n}.*`);
  },
});
