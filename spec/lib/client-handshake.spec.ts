import { once } from '../support/events.js';
import { freshIPC } from '../support/instances.js';
import { BareServer } from '../support/peers.js';

describe('A client’s handshake', () => {
  async function dialed(settings = {}) {
    const bare = await new BareServer().listen();
    const client = freshIPC(settings).connectTo('bare', bare.path);
    return { client, peer: await bare.peer() };
  }

  it('says nothing, and waits for nothing, where the config needs none', async () => {
    const { client, peer } = await dialed();
    await client.ready();
    client.emit('first', 1);
    expect(await peer.receive(1)).toEqual([{ type: 'first', data: 1 }]);
  });

  it('holds back what the server says before its welcome, until connect', async () => {
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

  it('gives up on a server that sends without end before its welcome', async () => {
    const { client, peer } = await dialed({ credentials: 'x' });
    const failed = once<[{ code: string }]>(client, 'error');
    for (let i = 0; i <= 1000; i++) peer.emit('early', i);
    expect((await failed)[0].code).toBe('ERR_IPC_PROTOCOL');
  });
});
