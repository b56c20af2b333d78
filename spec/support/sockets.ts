import { connect, type Socket } from 'node:net';
import { afterwards } from './afterwards.js';
import { once } from './events.js';
import { BareServer, type Peer } from './peers.js';

/** Returns a connected socket, and the bare peer at its other end. */
export async function socketPair(): Promise<{ socket: Socket; peer: Peer }> {
  const server = await new BareServer().listen();
  const socket = connect(server.path);
  afterwards(() => socket.destroy());
  await once(socket, 'connect');
  return { socket, peer: await server.peer() };
}
