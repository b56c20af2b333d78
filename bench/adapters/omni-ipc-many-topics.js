import { topics } from './families/topics.js';

let clients = 0;

/** Each client also subscribes to a hundred patterns that match nothing, ten thousand in total. */
export const adapter = topics({
  name: 'omni-ipc topics, and 10,000 idle ones',
  idle: () => {
    const client = clients++;
    return Array.from({ length: 100 }, (_, n) => `idle.${client}.${n}.*`);
  },
});
