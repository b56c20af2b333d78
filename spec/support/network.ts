import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';

/** Whether this machine has the IPv6 loopback. */
export function hasIPv6(): boolean {
  return Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'));
}

/** Returns a free port, for programs that need a port number. */
export async function freePort(host = '127.0.0.1', udp?: 'udp4' | 'udp6'): Promise<number> {
  const socket = udp ? createSocket(udp) : createServer();
  await new Promise<void>((resolve) => {
    if ('bind' in socket) socket.bind(0, host, resolve);
    else socket.listen(0, host, resolve);
  });
  const { port } = socket.address() as { port: number };
  await new Promise<void>((resolve) => {
    socket.close(() => resolve());
  });
  return port;
}
