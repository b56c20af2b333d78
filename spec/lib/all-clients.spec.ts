import { ipcError } from '../support/errors.js';
import { once } from '../support/events.js';
import { join, local } from '../support/instances.js';

describe('server.peer', () => {
  it('finds a client by its socket, its id, its label or an earlier answer', async () => {
    const server = await local.serve();
    const client = await join(local, server);
    const labelled = once(server, 'hello');
    client.emit('hello', { id: 'kitchen' });
    await labelled;
    const peer = server.peer(server.sockets[0] as never);
    for (const named of [peer.id, 'kitchen', peer]) expect(server.peer(named as never).id).toBe(peer.id);
    const nobody = server.peer('nobody');
    expect([nobody.id, nobody.server, nobody.socket]).toEqual(['nobody', undefined, undefined]);
    expect(server.peer(nobody)).toBe(nobody);
  });

  it('refuses values that cannot identify a client', async () => {
    const server = await local.serve();
    expect(() => server.peer(undefined as never)).toThrow(ipcError('ERR_IPC_ARGUMENT'));
    expect(() => server.peer({} as never)).toThrow(ipcError('ERR_IPC_DISCONNECTED'));
  });
});
