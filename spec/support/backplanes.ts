import type { BackplaneOptions } from '../../entities/config/backplane.js';
import type { Client } from '../../lib/client.js';
import type { Server } from '../../lib/server.js';
import { freshRendezvous, HEARTBEAT } from './channels.js';
import { once } from './events.js';
import { join, local, type Settings } from './instances.js';

/** Returns the options of a backplane that only the servers of one spec use. */
export function freshBackplane(): BackplaneOptions {
  return { directory: freshRendezvous(), heartbeat: HEARTBEAT };
}

/** Starts a number of servers on one backplane, and waits until each knows all others. */
export async function serversWith(
  backplane: BackplaneOptions,
  count: number,
  settings: Settings = {},
): Promise<Server[]> {
  const servers: Server[] = [];
  for (let i = 0; i < count; i++) servers.push(await local.serve({ id: 'world', backplane, ...settings }));
  await Promise.all(servers.map((server) => knows(server, count - 1)));
  return servers;
}

/** Starts servers with a client each. */
export async function pairsWith(
  backplane: BackplaneOptions,
  count: number,
  settings?: Settings,
): Promise<{ servers: Server[]; clients: Client[] }> {
  const servers = await serversWith(backplane, count, settings);
  const clients: Client[] = [];
  for (const server of servers) clients.push(await join(local, server, settings));
  return { servers, clients };
}

/** Waits until a server knows a number of others. */
export async function knows(server: Server, count: number): Promise<void> {
  while (server.servers.length < count) await once(server, 'ipc:join');
}
