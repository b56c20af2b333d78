import type { ListenOptions as NetListenOptions, Server } from 'node:net';
import type { StreamListener } from './transport.js';

/** Enough for hundreds of clients that connect at once; the system lowers it to what it allows. */
const BACKLOG = 4096;

/** Begins to listen, now where the system lets us: a path is bound when this returns. Rejects with the system's error. */
export function listening(server: Server, options: NetListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error) => {
      server.off('listening', settle);
      server.off('error', settle);
      if (error) reject(error);
      else resolve();
    };
    server.once('listening', settle);
    server.once('error', settle);
    server.listen({ backlog: BACKLOG, ...options });
  });
}

/** Stops listening; settles at once, however many connections are left. */
export function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close();
    setImmediate(resolve);
  });
}

/** The port that a server got. */
export function portOf(server: Server): number | undefined {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : undefined;
}

/** The parts of a listener that any server of Node has. */
export function listenerOf(server: Server): StreamListener {
  return {
    server,
    port: portOf(server),
    close: () => closed(server),
    ref: () => void server.ref(),
    unref: () => void server.unref(),
  };
}
