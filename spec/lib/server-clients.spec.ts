import { isLabel, ServerClients, serverOf } from '../../lib/server-clients.js';
import { ipcError } from '../support/errors.js';
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
    expect([server.peer(id).socket, server.peer(id).server]).toEqual([undefined, server.id]);
    expect((await server.clients()).map((peer) => peer.id)).not.toContain(id);
  });

  it('reaches nobody after its connection: nothing is sent, and a request is rejected', async () => {
    const server = await local.serve();
    const clients = new ServerClients('here', { peers: [], peerOf: () => undefined } as never);
    for (const id of ['here.1', 'label', server.id]) {
      expect([clients.has(id), clients.get(id)]).toEqual([false, undefined]);
      expect(clients.emit(id, { type: 'a', data: 1 })).toBeFalse();
      expect(clients.end(id, undefined)).toBeFalse();
      await expectAsync(clients.ask(id, 'q', 1, {})).toBeRejectedWith(ipcError('ERR_IPC_DISCONNECTED'));
    }
    expect(clients.list()).toEqual([]);
  });

  it('is distinguished from a label, and a label that is too long is not passed on', () => {
    expect(serverOf('kitchen')).toBeUndefined();
    expect([1, 'a', 'a'.repeat(1001), {}, undefined].map(isLabel)).toEqual([true, true, false, false, false]);
  });
});
