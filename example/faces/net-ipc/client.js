import { once } from 'node:events';
import { join } from 'node:path';
import { Client } from 'omni-ipc/net-ipc';

const client = new Client({
  path: join(process.env.EXAMPLE_ROOT ?? '/tmp', 'net-ipc'),
  compress: true, // where both sides have fast-zlib
  messagepack: true, // where both sides have msgpackr
});

client.on('ready', ({ compress, messagepack }) => console.log('agreed on', { compress, messagepack }));
client.on('request', (question, respond) => respond(question === 'who are you?' ? 'Alice' : undefined));
await client.connect('a client');

const answer = once(client, 'message');
await client.send('hello');
console.log('got', ...(await answer));
console.log('2 + 40 =', await client.request([2, 40]));
await client.close('that was all');
