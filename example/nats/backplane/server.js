// Servers on any machines act as one over NATS: what one of them broadcasts, the clients of all of them hear.
// nats-server -js & node server.js oslo & node server.js paris & node client.js
import ipc from 'omni-ipc';

const [name] = process.argv.slice(2);
const nats = { servers: process.env.NATS_URL ?? 'nats://127.0.0.1:4222' };
Object.assign(ipc.config, { id: 'world', silent: true, backplane: { nats } });

const server = ipc.serve(`${ipc.config.socketRoot}app.${name}`);
server.handle('count', async () => (await server.clients()).length);
server.on('say', (text) => server.broadcast('said', `${text}, by way of ${name}`));
server.on('disconnect', () => {
  if (server.sockets.length === 0) server.stop();
});
await server.start();
console.log(`${name} listens on ${server.path}`);
