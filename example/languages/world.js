// @ts-check
/** The server of the clients in other languages. It answers one question, and ends when its client has left. */
import ipc from 'omni-ipc';

const { config } = ipc;
config.id = 'world';
config.silent = true;
if (process.argv[2] === 'tcp') ipc.serveNet('127.0.0.1');
else ipc.serve();

const { server } = ipc;
server.on('message', (data) => console.log(`got ${data}`));
server.handle('add', ([a, b]) => a + b);
server.on('socket.disconnected', () => server.stop());
await server.start();
console.log(`${config.id} listens on ${server.port === undefined ? server.path : `port ${server.port}`}`);
