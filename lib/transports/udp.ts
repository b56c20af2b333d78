import type { Socket } from 'node:dgram';
import type { LookupOneOptions } from 'node:dns';
import { once } from 'node:events';
import { isIP } from 'node:net';
import type { UdpAddress } from '../../entities/address.js';
import { IPCError } from '../../entities/errors.js';
import { nodeDgram, nodeDns } from '../builtin.js';
import { brokenFailure, listenFailure } from './failure.js';
import { bindHost } from './tcp.js';
import type { Transport } from './transport.js';

type Found = (error: Error | null, address: string, family: number) => void;

/** Looks a name up; an IP address is found at once, so that what is sent right before the process exits is sent. */
function find(host: string, options: LookupOneOptions, found: Found): void {
  const family = isIP(host);
  if (family !== 0) found(null, host, family);
  else nodeDns().lookup(host, options, found);
}

/**
 * Opens a socket that receives and sends datagrams.
 * @throws IPCError ERR_IPC_IN_USE, ERR_IPC_ADDRESS, ERR_IPC_LISTEN (rejects)
 */
export async function bindDatagrams(address: UdpAddress): Promise<Socket> {
  const socket = nodeDgram().createSocket({ type: address.family, lookup: find as never });
  const family = address.family === 'udp4' ? 4 : 6;
  try {
    const bound = once(socket, 'listening');
    socket.bind(address.port, udpHost(address.host, family));
    await bound;
  } catch (error) {
    socket.close();
    throw listenFailure(error, address);
  }
  return socket;
}

/** As node-ipc 9: the IPv6 loopback is the IPv4 one to an IPv4 socket. */
function udpHost(host: string, family: 4 | 6): string {
  if (family === 4 && host === '::1') return '127.0.0.1';
  return bindHost(host, family);
}

/** UDP. There are no connections: a listener hands over the bound socket itself, which receives from anybody. */
export const udp: Transport<UdpAddress, Socket> = {
  carries: 'datagrams',
  dial() {
    const message =
      'There are no connections over UDP; make a server of this side, too, and emit to the other one.';
    throw new IPCError('ERR_IPC_UNSUPPORTED', message);
  },
  async listen(address, _options, events) {
    const server = await bindDatagrams(address);
    events.socket(server);
    const close = () => new Promise<void>((resolve) => server.close(resolve));
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
