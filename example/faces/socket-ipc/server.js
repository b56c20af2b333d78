import { join } from 'node:path';
import { Server } from 'omni-ipc/socket-ipc';

const socketFile = join(process.env.EXAMPLE_ROOT ?? '/tmp', 'socket-ipc');
const server = new Server({ socketFile });

server.on('listening', () => console.log('the server listens on', socketFile));
server.on('message', (message, topic) => console.log(topic, message));
server.on('message.hello', ({ name }, clientId) => server.send('hello', `Hello, ${name}!`, clientId));
server.on('message.goodbye', () => server.close());
server.listen();
