import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';

/** Whether this machine has the IPv6 loopback. */
export function hasIPv6(): boolean {
  return Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'));
}

/** The ports that {@link freePort} returns: systems give none of them to a program that asks for port 0. */
const FIRST_PORT = 10_000;
const LAST_PORT = 29_999;

/** Returns a port that is free, and stays so until the caller uses it, for programs that need a port number. */
export async function freePort(host = '127.0.0.1', udp?: 'udp4' | 'udp6'): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT + 1));
    if (await isFree(port, host, udp)) return port;
  }
}

async function isFree(port: number, host: string, udp: 'udp4' | 'udp6' | undefined): Promise<boolean> {
  const socket = udp ? createSocket(udp) : createServer();
  const free = await new Promise<boolean>((resolve) => {
    socket.once('error', () => resolve(false)).once('listening', () => resolve(true));
    if ('bind' in socket) socket.bind(port, host);
    else socket.listen(port, host);
  });
  if (!free && !('bind' in socket)) return false;
  await new Promise<void>((resolve) => {
    socket.close(() => resolve());
  });
  return free;
}
