import { setTimeout as pause } from 'node:timers/promises';
import ipc from 'omni-ipc';

ipc.config.id = 'world';
ipc.config.silent = true;

const server = ipc.serve();
server.on('start', () => console.log('world listens on', server.path));

let received = 0;
let inOrder = true;
server.on('number', (number) => {
  received++;
  inOrder &&= number === received;
  if (received === 10_000) console.log('received 10000, in order:', inOrder);
});

server.on('connect', async () => {
  server.pause(); // nothing is read: what the client sends waits in the kernel, then with the client
  await pause(100);
  console.log('received while paused:', received);
  server.resume();
});
server.on('socket.disconnected', () => server.stop());
server.start();
