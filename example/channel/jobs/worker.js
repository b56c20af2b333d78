import { Channel } from 'omni-ipc/channel';

const [name] = process.argv.slice(2);
const channel = new Channel({ name: 'jobs' });

for (;;) {
  const job = await channel.to('boss').request('next');
  if (job === null) break;
  channel.to('boss').emit('done', job, job * job);
}
console.log(`${name} goes home`);
await channel.close();
