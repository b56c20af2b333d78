/**
 * A process with a published node-ipc in it, named by the first argument. It opens servers and clients as it is told to,
 * and these send back what they receive: `echo` within an object, `say` as it is, bytes as they are.
 */
import { freePort } from '../support/network.js';

/** What the process is told. */
export type Order =
  | { do: 'open'; name: string; role: 'server' | 'client'; socket: SocketName; at: Place; config: object }
  | { do: 'emit' | 'broadcast'; name: string; args: unknown[] }
  | { do: 'close'; name: string };

/** What it tells when it has opened or closed what an order names. */
export interface Report {
  name: string;
  done: 'open' | 'close';
  /** A server's. */
  port?: number | undefined;
}

export type SocketName = 'unix' | 'tcp' | 'tls' | 'udp4' | 'udp6';

/** A path, or a host and for a client its server's port. */
export interface Place {
  path?: string;
  host?: string;
  port?: number;
}

const { default: published } = await import(process.argv[2] ?? '');

type Opened = Extract<Order, { do: 'open' }>;

/** What is open, and how it is closed. */
// biome-ignore lint/suspicious/noExplicitAny: node-ipc brings no types
const opened = new Map<string, { emitter: any; close: () => Promise<void> }>();

process.on('message', async (order: Order) => {
  const { name } = order;
  if (order.do === 'open') report({ name, done: 'open', port: await open(order) });
  else if (order.do !== 'close') opened.get(name)?.emitter[order.do](...order.args);
  else {
    await opened.get(name)?.close();
    opened.delete(name);
    report({ name, done: 'close' });
  }
});

async function open(order: Opened): Promise<number | undefined> {
  const ipc = new published.IPC();
  Object.assign(ipc.config, { silent: true, retry: 50 }, order.config);
  return order.role === 'server' ? serve(ipc, order) : connect(ipc, order);
}

function report(what: Report): void {
  process.send?.(what);
}

// biome-ignore lint/suspicious/noExplicitAny: node-ipc brings no types
async function serve(ipc: any, { name, socket, at }: Opened): Promise<number | undefined> {
  const udp = socket === 'udp4' || socket === 'udp6' ? socket : undefined;
  // It takes port 0 for a path.
  const port = socket === 'unix' ? undefined : await freePort(at.host, udp);
  if (port === undefined) ipc.serve(at.path);
  else if (udp) ipc.serveNet(at.host, port, udp);
  else ipc.serveNet(at.host, port);
  const { server } = ipc;
  server.on('echo', (data: unknown, peer: unknown) => server.emit(peer, 'echo', { data }));
  server.on('say', (data: unknown, peer: unknown) => server.emit(peer, 'said', data));
  server.on('data', (bytes: Buffer, peer: unknown) => server.emit(peer, bytes));
  const started = new Promise((resolve) => {
    // Over UDP it says so too early.
    server.on('start', () => (udp ? server.server.once('listening', resolve) : resolve(undefined)));
  });
  server.start();
  await started;
  const close = () => {
    const closed = new Promise<void>((resolve) => server.server.once('close', resolve));
    server.stop(); // leaves its connections open
    if (!udp) for (const connection of server.sockets) connection.destroy();
    return closed;
  };
  opened.set(name, { emitter: server, close });
  return port;
}

// biome-ignore lint/suspicious/noExplicitAny: node-ipc brings no types
async function connect(ipc: any, { name, socket, at }: Opened): Promise<undefined> {
  if (socket === 'unix') ipc.connectTo(name, at.path);
  else ipc.connectToNet(name, at.host, at.port);
  const client = ipc.of[name];
  client.on('echo', (data: unknown) => client.emit('echo', { data }));
  client.on('say', (data: unknown) => client.emit('said', data));
  client.on('data', (bytes: Buffer) => client.emit(bytes));
  await new Promise((resolve) => {
    client.on('connect', resolve);
  });
  opened.set(name, { emitter: client, close: async () => ipc.disconnect(name) });
}
