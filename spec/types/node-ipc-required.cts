/** As CommonJS writes it. */
import ipc = require('omni-ipc');

import 'omni-ipc/styles';

import type { Socket } from 'node:net';

const other = new ipc.IPC();
ipc.config.id = 'world';
ipc.serve(() => {
  ipc.server.on('message', (data: { message: string }, socket: Socket) => {
    ipc.log('got a message : '.debug, data.message.rainbow);
    ipc.server.emit(socket, 'message', data);
  });
});
ipc.server.start();
other.connectTo('world', () => {
  const world = other.of.world;
  if (world) world.on('connect', () => world.emit('message', { message: 'hello' }));
});
