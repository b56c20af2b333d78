import { Channel } from 'omni-ipc/channel';

const [name] = process.argv.slice(2);
const nats = { servers: process.env.NATS_URL ?? 'nats://127.0.0.1:4222' };
const channel = new Channel({ name: 'squares', peer: name, group: 'workers', nats });
channel.handle('square', (number) => {
  console.log(`${name} squares ${number}`);
  return number * number;
});
channel.on('leave', (_number, who) => {
  if (who === 'boss') channel.disconnect();
});
