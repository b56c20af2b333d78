// Only what omni-ipc needs to put packets on a socket and to take them off: its dialect and its outbox. No limits, no
// events, no requests, no log, no reconnecting.
import { createServer, connect as dial } from 'node:net';

const NO_LIMITS = { maxMessageSize: Number.POSITIVE_INFINITY };

export const adapter = {
  name: 'omni-ipc, core alone',
  async serve(place, deliver) {
    const attach = await attacher();
    const server = createServer((socket) => attach(socket, deliver));
    await new Promise((resolve) => server.listen(place.path, resolve));
    return { send: (peer, data) => peer(data) };
  },
  async connect(place, deliver) {
    const attach = await attacher();
    const socket = dial(place.path);
    await new Promise((resolve) => socket.on('connect', resolve));
    return { send: attach(socket, deliver) };
  },
};

async function attacher() {
  const { NodeIpcDialect } = await import('../../.bundle/lib/dialects/node-ipc.js');
  const { WriteBuffer } = await import('../../.bundle/lib/pipes/write-buffer.js');
  const dialect = new NodeIpcDialect('\f');
  return (socket, deliver) => {
    const outbox = new WriteBuffer(socket);
    const send = (data) => outbox.push(dialect.encode({ type: 'message', data }));
    const decoder = dialect.decoder(NO_LIMITS);
    const take = (packet) => {
      deliver(packet.data, send);
      return true;
    };
    socket.on('data', (chunk) => decoder.push(chunk, take));
    socket.on('error', () => socket.destroy());
    return send;
  };
}
