import type { Config } from '../../entities/config.js';
import type { Client } from '../../lib/client.js';
import type { DatagramServer, Server } from '../../lib/server.js';
import { IPC } from '../../services/ipc/index.js';
import { afterwards } from './afterwards.js';
import { freshCertificates } from './certificates.js';
import { once } from './events.js';
import { freshPath } from './places.js';

export type Settings = Partial<Config>;

/** Returns a silent instance that retries at once. Its clients and its server are closed afterwards. */
export function freshIPC(settings: Settings = {}): IPC {
  const ipc = new IPC();
  Object.assign(ipc.config, { silent: true, retry: 5 }, settings);
  afterwards(async () => {
    for (const client of Object.values(ipc.of)) client.destroy();
    if (ipc.server) await ipc.server.stop({ timeout: 1 });
  });
  return ipc;
}

/** One kind of byte stream: how to serve at a fresh address, and how to connect to that. */
export interface Stream {
  readonly name: string;
  serve(settings?: Settings): Promise<Server>;
  connect(server: Server, settings?: Settings): Client;
}

export const local: Stream = {
  name: 'a local socket',
  serve(settings) {
    const path = freshPath();
    return freshIPC(settings).serve(path).start();
  },
  connect: (server, settings) => freshIPC(settings).connectTo('world', server.path),
};

export const tcp: Stream = {
  name: 'TCP',
  serve: (settings) => freshIPC(settings).serveNet('127.0.0.1', 0).start(),
  connect: (server, settings) => freshIPC(settings).connectToNet('world', server.path, server.port),
};

export const tls: Stream = {
  name: 'TLS',
  serve(settings) {
    const { server, ca } = freshCertificates();
    const files = { private: server.key, public: server.cert, trustedConnections: ca, requestCert: false };
    return freshIPC({ tls: files, ...settings })
      .serveNet('127.0.0.1', 0)
      .start();
  },
  connect(server, settings) {
    const { ca } = freshCertificates();
    return tcp.connect(server, { tls: { trustedConnections: ca }, ...settings });
  },
};

/** Every kind of byte stream. */
export const streams: readonly Stream[] = [local, tcp, tls];

/** Starts a server, by default over a local socket, and a client, and waits until both sides know that it is connected. */
export async function pair(
  settings: { server?: Settings; client?: Settings; over?: Stream } = {},
): Promise<{ server: Server; client: Client }> {
  const over = settings.over ?? local;
  const server = await over.serve(settings.server);
  return { server, client: await join(over, server, settings.client) };
}

/** Connects a client to a server. With TLS 1.3 a client is connected earlier than the server knows. */
export async function join(over: Stream, server: Server, settings?: Settings): Promise<Client> {
  const connected = once(server, 'connect');
  const client = await over.connect(server, settings).ready();
  await connected;
  return client;
}

/** Starts a UDP server on a fresh port of the loopback interface. */
export function datagrams(family: 'udp4' | 'udp6' = 'udp4', settings?: Settings): Promise<DatagramServer> {
  const host = family === 'udp4' ? '127.0.0.1' : '::1';
  return freshIPC(settings).serveNet(host, 0, family).start();
}
