import type { IPCError } from '../../entities/errors.js';
import type { Packet } from '../../entities/packet.js';
import type { Peer } from '../../lib/peer.js';
import { ServerCore } from '../../lib/server-core.js';
import { adapterConfig } from '../../services/adapter/config.js';
import { afterwards } from '../support/afterwards.js';
import { clientAt } from '../support/engines.js';
import { freshPath } from '../support/places.js';

describe('A server core', () => {
  async function make() {
    const path = freshPath();
    const log: unknown[] = [];
    const core = new ServerCore(
      { address: { transport: 'unix', path }, config: adapterConfig({}), log: () => {} },
      {
        started: () => log.push('started'),
        stopped: () => log.push('stopped'),
        admitted: () => log.push('admitted'),
        left: () => log.push('left'),
        receive: ({ type, id, data }: Packet, peer: Peer) => {
          log.push(type);
          if (id !== undefined) peer.answer(type, id, data);
        },
        failed: (error: IPCError) => log.push(error.code),
      },
    );
    await core.start();
    afterwards(() => core.stop({}));
    const client = clientAt(adapterConfig({}), path);
    afterwards(() => client.destroy());
    await client.connect().ready();
    return { core, client, log };
  }

  it('reports all that happens to its API, from the start to the end', async () => {
    const { core, client, log } = await make();
    client.emit('event');
    expect(await client.request('request', 7)).toBe(7);
    await client.close();
    await core.stop({});
    expect(log).toEqual(['started', 'admitted', 'event', 'request', 'left', 'stopped']);
  });

  it('keeps subscriptions by itself', async () => {
    const { core, client, log } = await make();
    const heard = new Promise((resolve) => void client.subscribe('news', resolve));
    await client.ping();
    core.publish('news', 1);
    expect(await heard).toBe(1);
    expect(log).toEqual(['started', 'admitted']);
  });
});
