import '../../services/ipc/index.js';
import type { Config } from '../../entities/config.js';
import type { Untyped } from '../../entities/events.js';
import { Client } from '../../lib/client.js';
import { Server } from '../../lib/server.js';

/** A client of the engine's for a socket, not yet connecting. */
export function clientAt<Contract extends object = Untyped>(config: Config, path: string): Client<Contract> {
  return new Client({ id: 'server', address: { transport: 'unix', path }, config, log: () => {} });
}

/** A server of the engine's for a socket, not yet listening. */
export function serverAt<Contract extends object = Untyped>(config: Config, path: string): Server<Contract> {
  return new Server({ address: { transport: 'unix', path }, config, log: () => {} });
}
