import {
  Client,
  type ClientOptions,
  type Connection,
  Server,
  type ServerOptions,
} from '../../../services/net-ipc/index.js';
import { afterwards } from '../../support/afterwards.js';
import { once } from '../../support/events.js';
import { freshPath } from '../../support/places.js';

/** A server that listens at a fresh path, and is closed afterwards. */
export async function serve(options: ServerOptions = {}): Promise<Server> {
  const server = new Server({ path: freshPath(), ...options });
  afterwards(() => server.close());
  await server.start();
  return server;
}

/** A client of a server's, not yet connected, and closed afterwards. */
export function clientOf({ options: { path } }: Server, options: ClientOptions = {}): Client {
  const client = new Client({ path, ...options });
  afterwards(() => client.destroy());
  return client;
}

/** A client that is connected, and what its server knows of it. */
export async function introduce(
  server: Server,
  options: ClientOptions = {},
  payload?: unknown,
): Promise<[Client, Connection]> {
  const came = once<[Connection]>(server, 'connect');
  const client = await clientOf(server, options).connect(payload);
  return [client, (await came)[0]];
}

/** A client whose socket is not read, so that what is sent to it stays where it is. */
export async function introduceDeaf(server: Server): Promise<[Client, Connection]> {
  const [client, connection] = await introduce(server, { reconnect: false });
  client.connection?.pause();
  return [client, connection];
}
