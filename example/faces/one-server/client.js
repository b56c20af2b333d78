import ipc from 'omni-ipc';
import { Client as NetIpcClient } from 'omni-ipc/net-ipc';
import { Client as SocketIpcClient } from 'omni-ipc/socket-ipc';

const [, , dialect] = process.argv;
const path = `${ipc.config.socketRoot}${ipc.config.appspace}world`;
ipc.config.silent = true;

/** Prints what the server says, and leaves when all are there. */
function hear(message, leave) {
  console.log(message);
  if (message.startsWith('all are here')) leave();
}

if (dialect === 'net-ipc') {
  const client = new NetIpcClient({ path });
  client.on('message', (message) => hear(message, () => client.close()));
  await client.connect();
  await client.send(dialect);
} else if (dialect === 'socket-ipc') {
  const client = new SocketIpcClient({ socketFile: path });
  client.on('message.message', (message) => hear(message, () => client.close()));
  client.on('connect', () => client.send('message', dialect));
  client.connect();
} else {
  const client = ipc.connectTo('world');
  client.on('message', (message) => hear(message, () => ipc.disconnect('world')));
  client.emit('message', dialect);
}
