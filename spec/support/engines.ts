import '../../services/ipc/index.js';
import type { Config } from '../../entities/config.js';
import type { Untyped } from '../../entities/events.js';
import { Client } from '../../lib/client.js';
import { Server } from '../../lib/server.js';

/** Returns a client of the engine for a socket, which does not connect yet. */
export function clientAt<Contract extends object = Untyped>(config: Config, path: string): Client<Contract> {
  return new Client({ id: 'server', address: { transport: 'unix', path }, config, log: () => {} });
}

/** Returns a server of the engine for a socket, which does not listen yet. */
export function serverAt<Contract extends object = Untyped>(config: Config, path: string): Server<Contract> {
  return new Server({ address: { transport: 'unix', path }, config, log: () => {} });
}
