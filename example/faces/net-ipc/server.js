import { join } from 'node:path';
import { Server } from 'omni-ipc/net-ipc';

const server = new Server({ path: join(process.env.EXAMPLE_ROOT ?? '/tmp', 'net-ipc') });

server.on('ready', (address) => console.log('the server listens on', address));
server.on('connect', (connection, payload) => {
  console.log(payload, 'has come');
  connection.request('who are you?').then((name) => console.log(payload, 'is', name));
});
server.on('message', (message, connection) => connection.send(`${message} world!`));
server.on('request', ([a, b], respond) => respond(a + b));
server.on('disconnect', (_connection, reason) => {
  console.log('it has gone:', reason);
  if (server.connections.length === 0) server.close();
});

await server.start();
