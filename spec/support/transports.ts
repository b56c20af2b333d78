import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { StreamAddress } from '../../entities/address.js';
import { type Config, defaults } from '../../entities/config.js';
import type { StreamListener, StreamTransport } from '../../lib/transports/transport.js';
import { afterwards } from './afterwards.js';
import { Watch } from './watch.js';

/** A listener, with the sockets that it has accepted and the errors that it has reported. */
export class Ear {
  readonly listener: StreamListener;
  readonly sockets: Socket[] = [];
  readonly errors: unknown[] = [];
  #closed = false;
  readonly #watch = new Watch();

  constructor(listener: StreamListener) {
    this.listener = listener;
  }

  /** Listens by a transport until it is closed or the spec ends. */
  static async open<Where extends StreamAddress>(
    transport: StreamTransport<Where>,
    address: Where,
    settings: Partial<Config> = {},
  ): Promise<Ear> {
    const options = { ...defaults(), ...settings };
    const listener = await transport.listen(address, options, {
      socket: (socket) => ear.take(socket),
      error: (error) => ear.report(error),
    });
    const ear = new Ear(listener);
    afterwards(() => ear.close());
    return ear;
  }

  take(socket: Socket): void {
    socket.on('error', () => {});
    this.sockets.push(socket);
    this.#watch.changed();
  }

  report(error: unknown): void {
    this.errors.push(error);
    this.#watch.changed();
  }

  /** Waits until a number of sockets were accepted, and returns the last of them. */
  async socket(count = 1): Promise<Socket> {
    await this.until(() => this.sockets.length >= count, `${count} sockets`);
    return this.sockets[count - 1] as Socket;
  }

  /** Waits until a number of errors were reported, and returns the last of them. */
  async error(count = 1): Promise<unknown> {
    await this.until(() => this.errors.length >= count, `${count} errors`);
    return this.errors[count - 1];
  }

  until(wanted: () => boolean, what: string, timeout?: number): Promise<void> {
    return this.#watch.until(wanted, what, timeout);
  }

  /** Destroys the sockets and stops listening. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const socket of this.sockets) socket.destroy();
    await this.listener.close();
    this.listener.abandon?.();
  }
}

/** Starts to connect a socket by a transport. */
export function dial<Where extends StreamAddress>(
  transport: StreamTransport<Where>,
  address: Where,
  settings: Partial<Config> = {},
): Socket {
  const socket = transport.dial(address, { ...defaults(), ...settings });
  afterwards(() => socket.destroy());
  return socket;
}

/** Connects a socket, and waits until it can be used. */
export async function dialled<Where extends StreamAddress>(
  transport: StreamTransport<Where>,
  address: Where,
  settings: Partial<Config> = {},
): Promise<Socket> {
  const socket = dial(transport, address, settings);
  await new Promise<void>((resolve, reject) => {
    socket.once(transport.ready, resolve);
    socket.once('error', reject);
  });
  return socket;
}

const ESTABLISHED = '01';
const PROBE = '02';

/**
 * Returns the seconds until Linux sends keep-alive probes from the two ends of the TCP connection over IPv4 to a port. Waits until
 * the connection is idle.
 */
export async function probesOf(port: number): Promise<number[]> {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  for (;;) {
    const rows = readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1);
    const timers = rows
      .map((row) => row.trim().split(/\s+/))
      .filter(([, from, to, state]) => {
        return state === ESTABLISHED && [from, to].some((end) => end?.endsWith(`:${hex}`));
      })
      .map(([, , , , , timer = '']) => timer.split(':'));
    const probes = timers.filter(([kind]) => kind === PROBE);
    if (probes.length === 2) return probes.map(([, ticks = '']) => Number.parseInt(ticks, 16) / 100);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
