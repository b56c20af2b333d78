// Only the parts of omni-ipc that write packets to a socket and read them: its dialect, its write buffer and its queue of
// unread bytes. No limits, no events, no requests, no log and no reconnects.
import { createServer, connect as dial } from 'node:net';

const NO_LIMITS = { maxMessageSize: Number.POSITIVE_INFINITY, maxDepth: Number.POSITIVE_INFINITY };

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
  const { ByteQueue } = await import('../../.bundle/lib/framing/byte-queue.js');
  const { WriteBuffer } = await import('../../.bundle/lib/pipes/write-buffer.js');
  const dialect = new NodeIpcDialect('\f', NO_LIMITS);
  return (socket, deliver) => {
    const writes = new WriteBuffer(socket);
    const unread = new ByteQueue();
    const send = (data) => writes.push(dialect.encode({ type: 'message', data }));
    const decoder = dialect.decoder(NO_LIMITS);
    const take = (packet) => {
      deliver(packet.data, send);
      return true;
    };
    socket.on('data', (chunk) => {
      unread.append(chunk);
      decoder.read(unread, take);
    });
    socket.on('error', () => socket.destroy());
    return send;
  };
}
