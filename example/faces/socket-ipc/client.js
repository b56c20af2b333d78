import { join } from 'node:path';
import { Client } from 'omni-ipc/socket-ipc';

const client = new Client({ socketFile: join(process.env.EXAMPLE_ROOT ?? '/tmp', 'socket-ipc') });

client.on('connectError', () => console.log('no server yet; the next try follows'));
client.on('connect', () => client.send('hello', { name: 'Alice' }));
client.on('message.hello', (message) => {
  console.log(message);
  client.send('goodbye', null);
  client.close();
});
client.connect();
