import {
  createServer,
  isIP,
  type LookupFunction,
  type ListenOptions as NetListenOptions,
  type Server,
  Socket,
  type TcpNetConnectOpts,
} from 'node:net';
import { describe, type NetAddress } from '../../entities/address.js';
import type { Interfaces } from '../../entities/config/network.js';
import { IPCError, messageOf } from '../../entities/errors.js';
import { isThenable } from '../thenable.js';
import { listenFailure } from './failure.js';
import { listenerOf, listening } from './listener.js';
import type {
  DialOptions,
  ListenEvents,
  ListenOptions,
  StreamListener,
  StreamTransport,
} from './transport.js';

/**
 * The options of all TCP sockets. Nagle's algorithm is off, since the write buffer already joins packets. Keep-alive probes
 * start after a minute of silence, since a host that crashed would otherwise leave a half-open connection.
 */
export const KEEPING = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 };

/** node-ipc's settings for which both `false` and `true` leave the choice to the system. */
const CHOICES = new Set(['localAddress', 'localPort', 'family', 'hints', 'lookup']);

/**
 * The options for `net.connect`, including the local interface and all further options in the config.
 * @throws IPCError ERR_IPC_CONFIG if the local address is not an IP address
 */
export function dialTarget(address: NetAddress, interfaces: Interfaces): TcpNetConnectOpts {
  const chosen = Object.entries(interfaces).filter(
    ([key, value]) => value !== undefined && !(CHOICES.has(key) && typeof value === 'boolean'),
  );
  const { localAddress } = interfaces;
  if (typeof localAddress === 'string' && isIP(localAddress) === 0) {
    const message = `config.interfaces.localAddress is '${localAddress}'; it must be an IP address of this machine.`;
    throw new IPCError('ERR_IPC_CONFIG', message);
  }
  const target = {
    ...Object.fromEntries(chosen),
    host: address.host,
    port: address.port,
  } as TcpNetConnectOpts;
  if (typeof target.lookup === 'function') target.lookup = guarded(target.lookup);
  return target;
}

/** Wraps a user's lookup function: if it throws or rejects, the connection attempt fails. */
function guarded(lookup: LookupFunction): LookupFunction {
  return (host, options, callback) => {
    let told = false;
    const tell: typeof callback = (...found) => {
      if (!told) callback(...found);
      told = true;
    };
    const fail = (cause: unknown) => {
      const message = `config.interfaces.lookup failed for ${host}: ${messageOf(cause)}`;
      tell(new Error(message, { cause }), '', 0);
    };
    try {
      const result: unknown = lookup(host, options, tell);
      if (isThenable(result)) void result.then(undefined, fail);
    } catch (error) {
      process.nextTick(fail, error);
    }
  };
}

/**
 * The host that a server binds. `localhost` becomes the IPv4 loopback: clients that connect to `127.0.0.1`, as node-ipc's
 * do, must reach it, and clients that connect to `localhost` try both families.
 */
export function bindHost(host: string, family: 4 | 6 = 4): string {
  if (host !== 'localhost') return host;
  return family === 4 ? '127.0.0.1' : '::1';
}

/** The options for `server.listen`. */
function bindTarget({ host, port, fd }: NetAddress): NetListenOptions & { fd?: number } {
  return fd === undefined ? { host: bindHost(host), port } : { fd };
}

function dial(address: NetAddress, options: DialOptions): Socket {
  const target = { ...KEEPING, ...dialTarget(address, options.interfaces) };
  const socket = new Socket(target);
  socket.once('connect', () => since.set(socket, performance.now()));
  try {
    return socket.connect(target);
  } catch (error) {
    // Node detects invalid options only after it has created the socket.
    socket.destroy();
    throw error;
  }
}

async function listen(
  address: NetAddress,
  options: ListenOptions,
  events: ListenEvents<Socket>,
): Promise<StreamListener> {
  const server = createServer({ ...KEEPING, ...options.serverOptions }, (socket) => events.socket(socket));
  return listenOn(server, address, options, events);
}

/**
 * Starts to listen on an address, for TCP and TLS.
 * @throws IPCError (rejects) ERR_IPC_IN_USE, ERR_IPC_ADDRESS, ERR_IPC_LISTEN
 */
export async function listenOn(
  server: Server,
  address: NetAddress,
  { listenOptions, exclusive }: ListenOptions,
  events: ListenEvents<Socket>,
): Promise<StreamListener> {
  try {
    await listening(server, { ...listenOptions, ...bindTarget(address), exclusive });
  } catch (error) {
    throw listenFailure(error, address);
  }
  server.on('error', (error) => events.error(error));
  return listenerOf(server);
}

/** A TLS server that receives bytes that are not TLS closes the connection within this time, in milliseconds. */
const MISTAKEN_MS = 1000;

/** When a socket was connected, in milliseconds of `performance.now()`. */
const since = new WeakMap<Socket, number>();

/** The likely reason of an early close: a TLS server disconnects a plain-text client as soon as that has sent something. */
function refusal(socket: Socket, address: NetAddress): IPCError | undefined {
  const age = performance.now() - (since.get(socket) ?? 0);
  if (socket.bytesRead > 0 || socket.bytesWritten === 0 || age > MISTAKEN_MS) return undefined;
  const message =
    `${describe(address)} ended the connection at the client's first bytes and sent nothing; if it serves over TLS, set ` +
    'config.tls for this client too.';
  return new IPCError('ERR_IPC_HANDSHAKE', message);
}

/** The TCP transport. */
export const tcp: StreamTransport<NetAddress> = {
  ready: 'connect',
  dial,
  listen,
  unassured: () => 'TCP does not authenticate the sender; set config.tls',
  refusal,
};
