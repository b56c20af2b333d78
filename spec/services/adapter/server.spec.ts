import type { Packet } from '../../../entities/packet.js';
import type { Peer } from '../../../lib/peer.js';
import { Waiters } from '../../../lib/promises.js';
import { adapterConfig } from '../../../services/adapter/config.js';
import { AdapterServer } from '../../../services/adapter/server.js';
import { afterwards } from '../../support/afterwards.js';
import { clientAt } from '../../support/engines.js';
import { once } from '../../support/events.js';
import { freshPath } from '../../support/places.js';

interface Known {
  readonly name: number;
  readonly peer: Peer;
}

describe('AdapterServer', () => {
  async function make() {
    const events: unknown[][] = [];
    const path = freshPath();
    let count = 0;
    const gone = new Waiters<void>();
    const address = { transport: 'unix', path } as const;
    const config = adapterConfig({ maxMessageSize: 1000 });
    const server = new AdapterServer<Known>(
      { address, config, log: () => {} },
      {
        started: () => {},
        enter: (peer) => {
          events.push(['enter', ++count]);
          return { name: count, peer };
        },
        receive: ({ type }: Packet, { name }) => events.push(['receive', type, name]),
        failed: (error, client, socket) =>
          events.push(['failed', error.code, client?.name, socket !== undefined]),
        leave: ({ name }) => {
          events.push(['leave', name]);
          gone.resolve();
        },
      },
    );
    afterwards(() => server.core.stop({}));
    await server.core.start();
    const client = clientAt(adapterConfig({}), path);
    afterwards(() => client.destroy());
    await client.connect().ready();
    return { server, client, events, gone };
  }

  it('knows each client from connect to disconnect, and receives every packet of it', async () => {
    const { client, events, gone } = await make();
    client.emit('disconnect');
    await client.ping();
    const left = gone.wait();
    client.disconnect();
    await left;
    expect(events).toEqual([
      ['enter', 1],
      ['receive', 'disconnect', 1],
      ['leave', 1],
    ]);
  });

  it('answers control packets itself, and passes requests on', async () => {
    const { client, events } = await make();
    const asked = client.request('ask', 1, { timeout: 30 });
    await client.subscribe('topic', () => {});
    await expectAsync(asked).toBeRejected();
    expect(events).toEqual([
      ['enter', 1],
      ['receive', 'ask', 1],
    ]);
  });

  it('reports whether an error is of a client or of the server', async () => {
    const { client, events, gone } = await make();
    const left = gone.wait();
    client.emit('x', 'x'.repeat(2000));
    await left;
    expect(events).toContain(['failed', 'ERR_IPC_TOO_LARGE', 1, true]);
  });

  it('sends a message to all clients', async () => {
    const { server, client } = await make();
    await client.ping(); // a server may take a connection later than its client has it
    const heard = once(client, 'all');
    server.broadcast({ type: 'all', data: [1] });
    expect((await heard)[0]).toEqual([1]);
  });
});
