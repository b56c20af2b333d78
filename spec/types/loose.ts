/** Without a contract every name and payload goes. */
import type { Socket } from 'node:net';
import ipc, { type Client, ClientStatus, type Endpoint, IPC, IPCError, type Server } from 'omni-ipc';
import { IPC as Plain } from 'omni-ipc/ipc';

const other = new IPC();
const another: IPC = new ipc.IPC();
const plain: Plain = new Plain();

other.config.retry = { min: 100, max: 1000 };
other.config.maxRetries = 3;
other.config.stopRetrying = 0;
other.config.unlink = 'force';
other.config.tls = { private: 'key.pem', public: 'cert.pem', pskCallback: () => null };
other.config.authorize = async (credentials, socket) => credentials === socket.remotePort;
other.config.interfaces.localAddress = '127.0.0.1';
other.config.interface.family = 4;
// @ts-expect-error it is a number
other.config.networkPort = '8000';
// @ts-expect-error no such encoding
other.config.encoding = 'ebcdic';
// @ts-expect-error no such setting
other.config.pigeons = true;

const client: Client = ipc.connectTo('world', '/tmp/app.world', (given) => given.log('connected'));
client.emit('anything', { at: 'all' });
client.emit('anything');
client.emit('raw text');
client.emit([1, 2, 3]);
client.emit(Uint8Array.of(1));
client.on('anything', (data, socket) => [data.whatever, socket.destroyed]);
client.on('anything', (data: { n: number }) => data.n);
client.on('anything', (data: string, socket: Socket) => [data, socket]);
client.off('anything').off('*', '*').trigger('anything', 1, 2, 3);
const name: string = client.id + client.path + (client.port ?? '') + client.retriesRemaining;
const ready: boolean = client.connected && client.status === ClientStatus.READY;
const answer: { n: number } = await client.request('whatever', 1);
if (client.socket !== false) client.socket.setTimeout(1);
// @ts-expect-error a handler is a function
client.on('anything', 'handler');
// @ts-expect-error a name is a text
client.on(5, () => {});

const server: Server = ipc.serveNet('localhost', 8000);
server.on('anything', (data, socket) => server.emit(socket, 'anything', data));
server.emit(server.sockets[0] as Socket, [1, 2]);
for (const socket of server.sockets) console.log(socket.id, socket.remoteAddress);
await server.stop({ timeout: 100, reconnect: false });
const figures: number = server.stats().connections + client.stats().bytesIn;

const udp = ipc.serveNet(8001, 'udp6', () => {});
udp.on('anything', (data, peer: Endpoint) => udp.emit(peer, 'anything', data));
const either = ipc.serveNet('localhost', 8000, undefined, null);

try {
  await client.request('whatever');
} catch (error) {
  if (error instanceof IPCError && error.code === 'ERR_IPC_TIMEOUT') console.log(error.cause, error.issues);
}

export { another, answer, either, figures, name, plain, ready };
