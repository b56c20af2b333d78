// A queue of jobs: whoever is free asks for the next one.
import { Channel } from 'omni-ipc/channel';

const jobs = [2, 3, 5, 7, 11, 13];
let workers = 2;

const channel = new Channel({ name: 'jobs', peer: 'boss' });

channel.handle('next', () => jobs.shift() ?? null);

channel.on('done', (sender, job, result) => {
  console.log(`peer ${sender} made ${result} of ${job}`);
});

// The workers go when there is nothing left to do, and so does the boss.
channel.on('leave', () => {
  workers--;
  if (workers === 0) channel.disconnect();
});

await channel.ready();
console.log('the boss listens on the channel');
