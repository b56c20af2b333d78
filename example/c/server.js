// Does for client.c what server.c does for client.js: node server.js unix, or node server.js tcp
import ipc from 'omni-ipc';
import { describe, encode, readings } from './reading.js';

ipc.config.id = 'world';
ipc.config.silent = true;
ipc.config.rawBuffer = true;

const tcp = process.argv[2] === 'tcp';
const server = tcp ? ipc.serveNet() : ipc.serve();
server.on('start', () => console.log('world listens on', tcp ? `port ${server.port}` : server.path));

/** What came from each client. */
const streams = new WeakMap();
server.on('connect', (socket) => {
  const answer = (it) => {
    console.log('got', describe(it));
    server.emit(socket, encode({ ...it, celsius: it.celsius + 1000, weight: it.weight * 2 }));
  };
  streams.set(socket, readings(answer));
});
server.on('data', (chunk, socket) => streams.get(socket)(chunk));
server.on('socket.disconnected', () => server.stop());
server.start();
