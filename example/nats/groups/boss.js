// Work is shared by the members of a group, on any machines that reach one NATS server.
// nats-server -js & node boss.js & node worker.js ann & node worker.js bob
import { Channel } from 'omni-ipc/channel';

const nats = { servers: process.env.NATS_URL ?? 'nats://127.0.0.1:4222' };
const channel = new Channel({ name: 'squares', peer: 'boss', nats });
let workers = 0;
channel.on('join', async () => {
  if (++workers < 2) return;
  // A worker that dies is replaced by another one.
  const numbers = [2, 3, 5, 7];
  const squares = await Promise.all(
    numbers.map((number) => channel.to('group:workers').request('square', number, { retries: 2 })),
  );
  console.log('the squares are', squares.join(', '));
  await channel.close();
});
await channel.ready();
console.log('the boss listens on the channel');
