import { isLabel, serverOf } from '../../lib/server-clients.js';
import { once } from '../support/events.js';
import { join, local } from '../support/instances.js';

describe('The id of a client', () => {
  it('belongs to one connection, and to none after it', async () => {
    const server = await local.serve();
    const client = await join(local, server);
    const { id } = server.peer(server.sockets[0] as never);
    expect([server.peer(id).socket, serverOf(id)]).toEqual([server.sockets[0], server.id]);
    expect((await server.clients()).map((peer) => peer.id)).toEqual([id]);
    const left = once(server, 'disconnect');
    client.disconnect();
    await left;
    await join(local, server);
    expect(server.peer(id).socket).toBeUndefined();
    expect((await server.clients()).map((peer) => peer.id)).not.toContain(id);
  });

  it('is distinguished from a label, and a label that is too long is not passed on', () => {
    expect(serverOf('kitchen')).toBeUndefined();
    expect([1, 'a', 'a'.repeat(1001), {}, undefined].map(isLabel)).toEqual([true, true, false, false, false]);
  });
});
