import { ipcError } from '../support/errors.js';
import { failure, once } from '../support/events.js';
import { join, local } from '../support/instances.js';
import { barePeer } from '../support/peers.js';

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

  for (const [args, bye] of [
    [[], undefined],
    [['enough'], { reason: 'enough', reconnect: false }],
    [[null, true], { reason: null, reconnect: true }],
    [[undefined, true], undefined],
  ] as const) {
    it(`is closed by close(${args.map(String).join(', ')}) with ${bye === undefined ? 'no bye' : JSON.stringify(bye)}`, async () => {
      const server = await local.serve();
      const connected = once(server, 'connect');
      const bare = await barePeer(server);
      await connected;
      const peer = server.peer(server.sockets[0] as never);
      expect(peer.close(...args)).toBeTrue();
      await bare.ended();
      expect(bare.packets as unknown[]).toEqual(bye === undefined ? [] : [{ type: 'ipc:bye', data: bye }]);
    });
  }

  it('refuses arguments that its methods do not take, and sends nothing then', async () => {
    const server = await local.serve();
    const connected = once(server, 'connect');
    const bare = await barePeer(server);
    await connected;
    const peer = server.peer(server.sockets[0] as never);
    for (const reconnect of [1, 'yes', null, {}]) {
      expect(() => peer.close('enough', reconnect as never)).toThrow(
        ipcError('ERR_IPC_ARGUMENT', 'peer.close(reason, reconnect) takes true or false as reconnect'),
      );
    }
    expect(() => peer.request('double', 2, { retries: 1 } as never)).toThrow(
      ipcError('ERR_IPC_ARGUMENT', 'retries'),
    );
    bare.emit('ipc:ping', 0, { id: 1 });
    expect(await bare.receive(1)).toEqual([{ type: 'ipc:ping', data: {}, re: 1 }]);
  });

  it('has requests whose rejections need not be handled', async () => {
    const server = await local.serve();
    const client = await join(local, server);
    const peer = server.peer(server.sockets[0] as never);
    const left = once(server, 'disconnect');
    await client.close();
    await left;
    await jasmine.spyOnGlobalErrorsAsync(async (errors) => {
      peer.request('double', 2);
      await new Promise(setImmediate);
      expect(errors).not.toHaveBeenCalled();
    });
  });
});
