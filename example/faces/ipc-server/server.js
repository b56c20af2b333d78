import { join } from 'node:path';
import { IPCServer } from 'omni-ipc/ipc-server';

const server = new IPCServer({ path: join(process.env.EXAMPLE_ROOT ?? '/tmp', 'ipc-server') });

server.on('ready', (address) => console.log('the server listens on', address));
server.on('request', function (request, respond) {
  if (request?.cmd !== 'say') return;
  respond('hello');
  this.stopped = true; // the listeners below are not asked
});
server.on('request', (request, respond) => respond(`nobody knows ${request.cmd}`));
server.on('disconnect', () => {
  if (server.connections.length === 0) server.close();
});

await server.start();
