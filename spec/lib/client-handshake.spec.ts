import type { Socket } from 'node:net';
import { once } from '../support/events.js';
import { freshIPC } from '../support/instances.js';
import { BareServer } from '../support/peers.js';

describe('A client’s handshake', () => {
  async function dialed(settings = {}) {
    const bare = await new BareServer().listen();
    const client = freshIPC(settings).connectTo('bare', bare.path);
    return { client, peer: await bare.peer() };
  }

  it('sends nothing, and waits for nothing, if the config needs no handshake', async () => {
    const { client, peer } = await dialed();
    await client.ready();
    client.emit('first', 1);
    expect(await peer.receive(1)).toEqual([{ type: 'first', data: 1 }]);
  });

  it('holds packets of the server that precede its welcome until connect', async () => {
    const { client, peer } = await dialed({ credentials: 'x' });
    const log: unknown[] = [];
    client.on('connect', () => log.push('connect'));
    client.on('early', (data) => log.push(data));
    await peer.receive(1);
    peer.emit('early', 1).emit('ipc:welcome', { id: 'a' });
    await client.ready();
    await client.close();
    expect(log).toEqual(['connect', 1]);
  });

  it('ends with a welcome, which may have no data', async () => {
    const { client, peer } = await dialed({ credentials: 'x' });
    await peer.receive(1);
    peer.emit('ipc:welcome');
    await client.ready();
    client.emit('first', 1);
    expect((await peer.receive(2))[1]).toEqual({ type: 'first', data: 1 });
  });

  for (const [what, count, text] of [
    ['packets', 3000, ''],
    ['bytes', 80, 'x'.repeat(1_000_000)],
  ] as const) {
    it(`reads a limited number of ${what} before the welcome, and gives up on a server that sends no welcome`, async () => {
      const { client, peer } = await dialed({ credentials: 'x', handshakeTimeout: 300 });
      const failed = once<[{ code: string }]>(client, 'error');
      for (let i = 0; i < count; i++) peer.emit('early', text);
      expect((await failed)[0].code).toBe('ERR_IPC_HANDSHAKE');
      expect(client.stats().packetsIn).toBeLessThan(1001);
      expect(client.stats().bytesIn).toBeLessThan(4_000_000);
    });
  }

  it('reads no more than a mebibyte before the welcome, however few packets that is', async () => {
    const { client, peer } = await dialed({ credentials: 'x' });
    await peer.receive(1);
    const paused = once(client.socket as Socket, 'pause');
    const frame = 'x'.repeat(300_000);
    for (let i = 0; i < 4; i++) peer.emit('early', frame);
    await paused;
    expect(client.stats().packetsIn).toBe(4);
    client.destroy();
  });

  it('continues to read when no welcome came and none is needed, so that nothing is lost', async () => {
    const { client, peer } = await dialed({ codec: 'msgpack', handshakeTimeout: 300 });
    const seen: unknown[] = [];
    client.on('early', (data) => seen.push(data));
    for (let i = 0; i < 3000; i++) peer.emit('early', i);
    const last = once(client, 'last');
    peer.emit('last');
    await last;
    expect(seen).toEqual([...Array(3000).keys()]);
  });

  it('gives up at once if it would wait for the welcome forever', async () => {
    const { client, peer } = await dialed({ credentials: 'x', handshakeTimeout: 0 });
    const failed = once<[{ code: string }]>(client, 'error');
    for (let i = 0; i <= 1000; i++) peer.emit('early', i);
    expect((await failed)[0].code).toBe('ERR_IPC_PROTOCOL');
  });
});
