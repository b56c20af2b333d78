import type { ListenOptions as NetListenOptions, Server } from 'node:net';
import type { StreamListener } from './transport.js';

/**
 * The length of the accept queue: enough for hundreds of simultaneous connection attempts. The system lowers it to its own
 * limit.
 */
const BACKLOG = 4096;

/**
 * Starts to listen. Binding is synchronous if the system allows it, so a path exists when this returns. Rejects with the
 * system's error.
 */
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

/** Stops listening. It resolves without waiting for open connections. */
export function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close();
    setImmediate(resolve);
  });
}

/** The port that a server is bound to. */
export function boundPort(server: Server): number | undefined {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : undefined;
}

/** The members of a listener that are the same for all servers of Node. */
export function listenerOf(server: Server): StreamListener {
  return {
    server,
    port: boundPort(server),
    close: () => closed(server),
    ref: () => void server.ref(),
    unref: () => void server.unref(),
  };
}
