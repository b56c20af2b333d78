import type { Socket } from 'node:dgram';
import type { LookupOneOptions } from 'node:dns';
import { once } from 'node:events';
import { isIP } from 'node:net';
import { describe, type UdpAddress } from '../../entities/address.js';
import type { UdpConfig } from '../../entities/config/network.js';
import { codeOf, IPCError, messageOf } from '../../entities/errors.js';
import { nodeDgram, nodeDns } from '../lazy-modules.js';
import { brokenFailure, listenFailure } from './failure.js';
import { bindHost } from './tcp.js';
import type { Transport } from './transport.js';

type Found = (error: Error | null, address: string, family: number) => void;

/**
 * Resolves a host. An IP address is resolved synchronously, so that a message sent right before the process exits still
 * leaves.
 */
function find(host: string, options: LookupOneOptions, found: Found): void {
  const family = isIP(host);
  if (family !== 0) found(null, host, family);
  else nodeDns().lookup(host, options, found);
}

/** As in node-ipc 9, the IPv6 loopback becomes the IPv4 one for an IPv4 socket, and `server.path` reports that. */
export function udpPath(host: string, family: UdpAddress['family']): string {
  return family === 'udp4' && host === '::1' ? '127.0.0.1' : host;
}

/** Whether this Node version supports `reusePort`; older versions ignore it. */
export function knowsReusePort(version = process.versions.node): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12);
}

/**
 * Opens a socket that sends and receives datagrams.
 * @param exclusive in a `node:cluster` worker: binds a socket of its own
 * @throws IPCError ERR_IPC_IN_USE, ERR_IPC_ADDRESS, ERR_IPC_CONFIG, ERR_IPC_UNSUPPORTED, ERR_IPC_LISTEN (rejects)
 */
export async function bindDatagrams(
  address: UdpAddress,
  config: UdpConfig = {},
  exclusive = false,
): Promise<Socket> {
  const { reuseAddr = false, reusePort = false } = config;
  if (reusePort && !knowsReusePort()) {
    const message = `config.udp.reusePort needs Node 22.12 or later; this is ${process.versions.node}. Leave it out, or update.`;
    throw new IPCError('ERR_IPC_UNSUPPORTED', message);
  }
  const options = { type: address.family, lookup: find as never, reuseAddr, reusePort };
  const socket = nodeDgram().createSocket(options);
  const family = address.family === 'udp4' ? 4 : 6;
  try {
    const bound = once(socket, 'listening');
    const host = bindHost(udpPath(address.host, address.family), family);
    socket.bind({ port: address.port, address: host, exclusive });
    await bound;
    applyOptions(socket, config);
  } catch (error) {
    socket.close();
    if (reusePort && codeOf(error) === 'ENOTSUP') {
      const message = 'config.udp.reusePort is not supported by this system; leave it out.';
      throw new IPCError('ERR_IPC_UNSUPPORTED', message, { cause: error });
    }
    throw listenFailure(error, address);
  }
  return socket;
}

/** Applies the options that require a bound socket. */
function applyOptions(socket: Socket, config: UdpConfig): void {
  const { broadcast, ttl, multicastTTL, multicastLoopback, multicastInterface, multicast = [] } = config;
  const set = <Value>(key: string, value: Value | undefined, apply: (value: Value) => unknown) => {
    if (value === undefined) return;
    try {
      apply(value);
    } catch (cause) {
      const message = `config.udp.${key} cannot be set: ${messageOf(cause)}; check the addresses and this machine's interfaces.`;
      throw new IPCError('ERR_IPC_CONFIG', message, { cause });
    }
  };
  set('broadcast', broadcast, (value) => socket.setBroadcast(value));
  set('ttl', ttl, (value) => socket.setTTL(value));
  set('multicastTTL', multicastTTL, (value) => socket.setMulticastTTL(value));
  set('multicastLoopback', multicastLoopback, (value) => socket.setMulticastLoopback(value));
  set('multicastInterface', multicastInterface, (value) => socket.setMulticastInterface(value));
  for (const group of typeof multicast === 'string' ? [multicast] : multicast)
    set('multicast', group, (value) => socket.addMembership(value, multicastInterface));
}

/** The UDP transport. There are no connections: a listener passes on the bound socket, which receives from any peer. */
export const udp: Transport<UdpAddress, Socket> = {
  carries: 'datagrams',
  describe,
  url: (address) => `${address.family}://${describe(address)}`,
  unassured: () => 'UDP does not authenticate the sender; use TLS or a Unix socket',
  dial() {
    const message =
      'There are no connections over UDP; make a server of this side, too, and emit to the other one.';
    throw new IPCError('ERR_IPC_UNSUPPORTED', message);
  },
  async listen(address, { udp, exclusive }, events) {
    const server = await bindDatagrams(address, udp, exclusive);
    events.socket(server);
    const close = () =>
      new Promise<void>((resolve) => {
        try {
          server.close(resolve);
        } catch {
          // The program has closed the socket itself.
          resolve();
        }
      });
    return {
      server,
      port: server.address().port,
      close,
      ref: () => void server.ref(),
      unref: () => void server.unref(),
    };
  },
  broken: brokenFailure,
};
