import { Channel } from 'omni-ipc/channel';

const channel = new Channel({ name: 'logs' });

for await (const line of channel.to('log').stream('tail', 'billing')) {
  console.log(line);
  if (line.endsWith('line 3')) break; // ends the generator over there, which would go on for ever
}

const lines = Array.from({ length: 1000 }, (_, n) => `line ${n}`);
for await (const answer of channel.to('log').stream('append', 'billing', { body: lines }))
  console.log(answer);

await channel.close();
