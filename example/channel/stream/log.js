// A member with a log that others read.
import { Channel } from 'omni-ipc/channel';

const channel = new Channel({ name: 'logs', peer: 'log' });

channel.handle('tail', async function* (service, sender) {
  try {
    for (let line = 1; ; line++) yield `${service}: line ${line}`;
  } finally {
    console.log(`peer ${sender} has read enough`);
  }
});

channel.handle('append', async (service, _sender, { body }) => {
  let lines = 0;
  for await (const _line of body) lines++; // a real one writes them to a file
  return `${lines} lines of ${service} are written`;
});

channel.on('leave', () => channel.disconnect());
await channel.ready();
console.log('the log listens on the channel');
