import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { readFileSync, rmSync, statSync } from 'node:fs';
import { connect, createServer, isIP, type NetConnectOpts, type Server, type Socket } from 'node:net';
import * as tls from 'node:tls';
import { IPCError } from '../../index.js';
import { type Address, formatAddress } from '../address.js';
import { listOf, textOf } from '../arguments.js';
import type { Values } from '../command.js';
import { UsageError } from '../exit.js';
import type { Side } from './seen.js';

/** Receives the events of a relay. Connections are numbered from 1. */
export interface Watcher {
  opened(connection: number): void;
  passed(connection: number, side: Side, bytes: Buffer): void;
  closed(connection: number, why: string | undefined): void;
}

export interface Relay {
  /** The address that it listens on. */
  readonly address: Address;
  close(): Promise<void>;
}

type Net = Extract<Address, { port: number }>;

/** How long a UDP peer may be silent before it is forgotten, in milliseconds, and how many peers are tracked. */
const SILENCE = 60_000;
const MOST_PEERS = 1000;

/**
 * Listens on one address and forwards every byte to another and back, with back-pressure in both directions.
 * @throws IPCError ERR_IPC_IN_USE, ERR_IPC_LISTEN; UsageError
 */
export async function startRelay(
  listen: Address,
  target: Address,
  values: Values,
  watcher: Watcher,
): Promise<Relay> {
  if (listen.transport.startsWith('udp') !== target.transport.startsWith('udp'))
    throw new UsageError(
      'Datagrams are passed on to datagrams only: give two udp4:// or udp6:// addresses, or none.',
    );
  return listen.transport.startsWith('udp')
    ? relayDatagrams(listen as Net, target as Net, watcher)
    : relayStreams(listen, target, values, watcher);
}

async function relayStreams(
  listen: Address,
  target: Address,
  values: Values,
  watcher: Watcher,
): Promise<Relay> {
  const open = new Set<Socket>();
  let count = 0;
  const dialer = dialerOf(target, values);
  const accepted = (client: Socket) => {
    const connection = ++count;
    const server = dialer();
    watcher.opened(connection);
    let why: string | undefined;
    let left = 2;
    for (const [side, from, to] of [
      ['client', client, server],
      ['server', server, client],
    ] as const) {
      open.add(from);
      from.on('data', (bytes: Buffer) => watcher.passed(connection, side, bytes));
      from.pipe(to);
      from.on('error', (error) => {
        why ??= `the ${side}'s connection failed: ${error.message}`;
      });
      from.on('close', () => {
        open.delete(from);
        // Data that was received before the close is still forwarded; after an error there is none.
        if (from.errored) to.destroy();
        else to.end();
        if (--left === 0) watcher.closed(connection, why);
      });
    }
  };
  const options = { allowHalfOpen: true };
  const server =
    listen.transport === 'tls'
      ? tls.createServer({ ...options, ...serverTls(values) }, accepted)
      : createServer(options, accepted);
  await listening(server, listen);
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  return {
    address: listen.transport === 'unix' ? listen : { ...listen, port },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

/** Listens on an address, and replaces the socket file of a server that has died. */
async function listening(server: Server, address: Address): Promise<void> {
  const attempt = () =>
    new Promise<void>((resolve, reject) => {
      const failed = (error: Error) => reject(error);
      server.once('error', failed);
      server.listen(
        address.transport === 'unix' ? { path: address.path } : { host: address.host, port: address.port },
        () => {
          server.off('error', failed);
          resolve();
        },
      );
    });
  try {
    await attempt().catch(async (error) => {
      if (error.code !== 'EADDRINUSE' || address.transport !== 'unix' || !(await isDead(address.path)))
        throw error;
      rmSync(address.path);
      await attempt();
    });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const kind = code === 'EADDRINUSE' ? 'ERR_IPC_IN_USE' : 'ERR_IPC_LISTEN';
    throw new IPCError(
      kind,
      `Cannot listen on ${formatAddress(address)}: ${message}; choose another address.`,
      { cause },
    );
  }
}

function isDead(path: string): Promise<boolean> {
  if (!statSync(path, { throwIfNoEntry: false })?.isSocket()) return Promise.resolve(false);
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.on('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'));
  });
}

function dialerOf(target: Address, values: Values): () => Socket {
  const where: NetConnectOpts =
    target.transport === 'unix'
      ? { path: target.path, allowHalfOpen: true }
      : { host: target.host, port: target.port, allowHalfOpen: true };
  if (target.transport !== 'tls') return () => connect(where);
  const servername = textOf(values, 'servername') ?? (isIP(target.host) === 0 ? target.host : undefined);
  const ca = files(listOf(values, 'target-ca'));
  const [cert, key] = [textOf(values, 'target-cert'), textOf(values, 'target-key')];
  const options: tls.ConnectionOptions = {
    ...(where as tls.ConnectionOptions),
    rejectUnauthorized: values.insecure !== true,
    ...(servername === undefined ? {} : { servername }),
    ...(ca.length === 0 ? {} : { ca }),
    ...(cert === undefined ? {} : { cert: readFileSync(cert) }),
    ...(key === undefined ? {} : { key: readFileSync(key) }),
  };
  return () => tls.connect(options);
}

function serverTls(values: Values): tls.TlsOptions {
  const [cert, key] = [textOf(values, 'cert'), textOf(values, 'key')];
  if (cert === undefined || key === undefined)
    throw new UsageError('To listen with TLS, give --cert FILE and --key FILE.');
  const ca = files(listOf(values, 'ca'));
  const checks = ca.length === 0 ? {} : { ca, requestCert: true };
  return { cert: readFileSync(cert), key: readFileSync(key), ...checks };
}

function files(paths: readonly string[]): Buffer[] {
  return paths.map((path) => readFileSync(path));
}

/** Gives each peer its own socket to the target, so that answers can be routed back. */
async function relayDatagrams(listen: Net, target: Net, watcher: Watcher): Promise<Relay> {
  const peers = new Map<string, { socket: UdpSocket; connection: number; timer: NodeJS.Timeout }>();
  let count = 0;
  const front = createSocket(listen.transport as 'udp4');
  const peerOf = (from: RemoteInfo) => {
    const key = `${from.address} ${from.port}`;
    const known = peers.get(key);
    if (known !== undefined) {
      known.timer.refresh();
      return known;
    }
    if (peers.size >= MOST_PEERS) return undefined;
    const connection = ++count;
    const socket = createSocket(target.transport as 'udp4');
    const forget = (why?: string) => {
      if (!peers.delete(key)) return;
      clearTimeout(timer);
      socket.close();
      watcher.closed(connection, why);
    };
    const timer = setTimeout(forget, SILENCE);
    socket.on('error', (error) => forget(error.message));
    socket.on('message', (bytes) => {
      timer.refresh();
      watcher.passed(connection, 'server', bytes);
      front.send(bytes, from.port, from.address);
    });
    const peer = { socket, connection, timer };
    peers.set(key, peer);
    watcher.opened(connection);
    return peer;
  };
  front.on('message', (bytes, from) => {
    const peer = peerOf(from);
    if (peer === undefined) return;
    watcher.passed(peer.connection, 'client', bytes);
    peer.socket.send(bytes, target.port, target.host);
  });
  await new Promise<void>((resolve, reject) => {
    front.once('error', (cause) =>
      reject(
        new IPCError(
          'ERR_IPC_LISTEN',
          `Cannot listen on ${formatAddress(listen)}: ${cause.message}; choose another address.`,
          {
            cause,
          },
        ),
      ),
    );
    front.bind(listen.port, listen.host, resolve);
  });
  return {
    address: { ...listen, port: front.address().port },
    async close() {
      front.close();
      for (const { socket, timer } of peers.values()) {
        clearTimeout(timer);
        socket.close();
      }
      peers.clear();
    },
  };
}
