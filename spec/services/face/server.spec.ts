import type { Packet } from '../../../entities/packet.js';
import { Client } from '../../../lib/client.js';
import type { Connection } from '../../../lib/connection.js';
import { faceConfig } from '../../../services/face/config.js';
import { FaceServer } from '../../../services/face/server.js';
import { afterwards } from '../../support/afterwards.js';
import { once } from '../../support/events.js';
import { freshPath } from '../../support/places.js';

interface Peer {
  readonly name: number;
  readonly connection: Connection;
}

describe('FaceServer', () => {
  async function make() {
    const events: unknown[][] = [];
    const path = freshPath();
    let count = 0;
    const face = {
      enter: (connection: Connection): Peer => {
        events.push(['enter', ++count]);
        return { name: count, connection };
      },
      hear: ({ type }: Packet, peer: Peer) => events.push(['hear', type, peer.name]),
      failed: (error: { code: string }, peer: Peer | undefined, socket: unknown) =>
        events.push(['failed', error.code, peer?.name, socket !== undefined]),
      leave: (peer: Peer) => events.push(['leave', peer.name]),
    };
    const server = new FaceServer(face, faceConfig({ maxMessageSize: 1000 }), path);
    afterwards(() => server.stop());
    await server.start();
    const client = new Client(faceConfig({}), () => {}, 'server', path);
    afterwards(() => client.destroy());
    await client.connect().ready();
    return { server, client, events };
  }

  it('knows each client from its coming to its going, and hears every packet of it', async () => {
    const { server, client, events } = await make();
    client.emit('disconnect');
    await client.ping();
    const gone = once(server, 'disconnect');
    client.disconnect();
    await gone;
    expect(events).toEqual([
      ['enter', 1],
      ['hear', 'disconnect', 1],
      ['leave', 1],
    ]);
  });

  it('answers what is between connections by itself, and hands a request on', async () => {
    const { client, events } = await make();
    const asked = client.request('ask', 1, { timeout: 30 });
    await client.subscribe('topic', () => {});
    await expectAsync(asked).toBeRejected();
    expect(events).toEqual([
      ['enter', 1],
      ['hear', 'ask', 1],
    ]);
  });

  it('tells whose fault an error is', async () => {
    const { server, client, events } = await make();
    const gone = once(server, 'disconnect');
    client.emit('x', 'x'.repeat(2000));
    await gone;
    expect(events).toContain(['failed', 'ERR_IPC_TOO_LARGE', 1, true]);
  });

  it('says one thing to all', async () => {
    const { server, client } = await make();
    const heard = once(client, 'all');
    server.sayAll({ type: 'all', data: [1] });
    expect((await heard)[0]).toEqual([1]);
  });
});
