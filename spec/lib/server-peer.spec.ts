import { ipcError } from '../support/errors.js';
import { failure, once } from '../support/events.js';
import { join, local } from '../support/instances.js';

describe('A server’s peer', () => {
  it('sends messages and requests to its client, and ends its connection', async () => {
    const server = await local.serve();
    const client = await join(local, server);
    client.handle('double', (n: number) => n * 2);
    const peer = server.peer(server.sockets[0] as never);
    const light = once(client, 'light');
    expect([peer.emit('light', 'on'), await light, await peer.request('double', 2)]).toEqual([
      true,
      ['on'],
      4,
    ]);
    const left = once(server, 'disconnect');
    peer.close('enough', false);
    await left;
    const reported = once(server, 'error');
    expect(peer.emit('light', 'on')).toBeFalse();
    expect((await reported)[0]).toEqual(ipcError('ERR_IPC_DISCONNECTED'));
    expect(await failure(peer.request('double', 2))).toEqual(ipcError('ERR_IPC_DISCONNECTED'));
  });
});
