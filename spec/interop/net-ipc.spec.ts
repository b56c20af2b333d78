import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import * as ours from '../../services/net-ipc/index.js';
import { afterwards } from '../support/afterwards.js';
import { once } from '../support/events.js';
import { freePort } from '../support/network.js';
import { freshUnixPath } from '../support/places.js';

type Library = Pick<typeof ours, 'Server' | 'Client'>;
type Ways = { server: ours.ServerOptions; client: ours.ClientOptions };

const require = createRequire(import.meta.url);

/** The original, loaded anew: all that one loading of it makes shares its tables, and some of what is in them never ends. */
function original(): Library {
  for (const file of Object.keys(require.cache)) {
    if (/node_modules[\\/]net-ipc[\\/]/.test(file)) delete require.cache[file];
  }
  return require('net-ipc') as Library;
}

/** What JSON and msgpack can both say, and what breaks those who count characters for bytes or cut frames apart. */
const payloads = [
  null,
  '',
  0,
  false,
  'grüße 🎈',
  { list: [1, { deep: [[]] }] },
  'x'.repeat(127),
  'x'.repeat(300_000),
];

function overPath(more: ours.ClientOptions = {}): () => Promise<Ways> {
  return async () => {
    const path = freshUnixPath();
    return { server: { path }, client: { path, ...more } };
  };
}

function overTcp(more: ours.ClientOptions = {}, server: ours.ServerOptions = {}): () => Promise<Ways> {
  return async () => {
    const port = await freePort();
    return {
      server: { port, listenOptions: { host: '127.0.0.1' }, ...server },
      client: { host: 'localhost', port, ...more },
    };
  };
}

const secret = Buffer.from('a shared key, good for trials');
const psk = { ciphers: 'PSK', maxVersion: 'TLSv1.2' } as const;
const overTls = overTcp(
  {
    tls: true,
    options: {
      ...psk,
      pskCallback: () => ({ psk: secret, identity: 'client' }),
      checkServerIdentity: () => undefined,
    },
  },
  {
    tls: true,
    options: { ...psk, pskCallback: (_socket, identity) => (identity === 'client' ? secret : null) },
  },
);

const packed = { compress: true, messagepack: true };

const ways: readonly (readonly [string, () => Promise<Ways>])[] = [
  ['plainly', overPath()],
  ['compressed', overPath({ compress: true })],
  ['in messagepack', overPath({ messagepack: true })],
  ['in compressed messagepack', overPath(packed)],
  ['after an HTTP upgrade', overPath({ handshake: true })],
  ['over TCP, after an HTTP upgrade, in compressed messagepack', overTcp({ handshake: true, ...packed })],
  ['over TLS with a shared key', overTls],
];

describe('net-ipc and omni-ipc/net-ipc', () => {
  for (const [title, serving, calling] of [
    ["the original's server and our client", original, () => ours],
    ["our server and the original's client", () => ours, original],
  ] as const) {
    describe(`: ${title}`, () => {
      const pair = (given?: Ways) => pairOf(serving(), calling(), given);

      for (const [how, way] of ways) {
        it(`greet, tell, ask and ping each other ${how}`, async () => {
          const { server, client, connection, payload, welcome, options } = await pair(await way());
          expect(payload).toEqual({ show: 'ä' });
          expect(welcome).toEqual({
            id: connection.id,
            compress: options.client.compress === true,
            messagepack: options.client.messagepack === true,
          });
          expect(client.id).toBe(connection.id);

          const heard = collect(server, payloads.length);
          for (const data of payloads) client.send(data);
          expect((await heard).map(([data]) => data)).toEqual(payloads);
          const told = collect(client, 2 * payloads.length);
          for (const data of payloads) {
            connection.send(data);
            server.broadcast(data);
          }
          expect(await told).toEqual(payloads.flatMap((data) => [[data], [data]]));

          server.on('request', (data, respond) => respond({ you: data }));
          client.on('request', (data, respond) => respond({ me: data }));
          expect(await Promise.all(payloads.map((data) => client.request(data)))).toEqual(
            payloads.map((you) => ({ you })),
          );
          expect(await connection.request('how')).toEqual({ me: 'how' });
          expect(await server.survey(1)).toEqual([{ status: 'fulfilled', value: { me: 1 } }]);
          expect(await client.ping('far')).toBeGreaterThanOrEqual(0);
          expect((await server.ping('far'))[0]?.status).toBe('fulfilled');
        });
      }

      it('answer a request without a listener with an empty response, at once', async () => {
        const { client, connection } = await pair();
        expect(await client.request('anybody?')).toBeUndefined();
        expect(await connection.request('anybody?')).toBeUndefined();
      });

      it('send the reason when they close, and a client does not reconnect after its own close', async () => {
        const { server, client } = await pair();
        const gone = once(server, 'disconnect');
        const closed = once(client, 'close');
        expect(await client.close('enough')).toBeTrue();
        expect((await gone)[1]).toBe('enough');
        await closed;
        expect(client.status).toBe(0);
      });

      it('stay disconnected after the server has closed a connection, and report the reason', async () => {
        const { client, connection } = await pair();
        const closed = once(client, 'close');
        expect(await connection.close('go away')).toBeTrue();
        expect(await closed).toEqual(['go away']);
        expect(client.status).toBe(0);
      });

      it('reconnect after a close with allowReconnect, under the old id', async () => {
        const { server, client, connection } = await pair();
        const back = once<[ours.Connection, unknown]>(server, 'connect');
        const ready = once(client, 'ready');
        await connection.close('see you', true);
        const [again, payload] = await back;
        await ready;
        expect([again.id, payload]).toEqual([connection.id, { show: 'ä' }]);
        expect(client.id).toBe(connection.id);
      });

      it('reconnect after the connection was lost, under the old id, without loss of messages', async () => {
        const { server, client, connection } = await pair();
        const back = once<[ours.Connection]>(server, 'connect');
        const lost = Promise.all([once(server, 'disconnect'), once(client, 'status')]);
        const heard = collect(server, 1);
        const told = collect(client, 1);
        (connection.connection as Socket).destroy();
        await lost;
        const sent = Promise.all([client.send('from the client'), connection.send('from the server')]);
        const [again] = await back;
        expect(again.id).toBe(connection.id);
        expect((await heard)[0]?.[0]).toBe('from the client');
        expect(await told).toEqual([['from the server']]);
        await sent;
      });

      it('complete a request that was under way when the connection was lost', async () => {
        const { server, client, connection } = await pair();
        const asked = once<[unknown, ours.Respond]>(server, 'request');
        server.on('request', () => {});
        const answer = client.request('slow');
        const [, respond] = await asked;
        const lost = once(server, 'disconnect');
        (connection.connection as Socket).destroy();
        await lost;
        const responded = respond('late');
        expect(await answer).toBe('late');
        await responded;
      });

      it('reconnect after the server has been away', async () => {
        const { server, client, connection } = await pair();
        const ready = once(client, 'ready');
        const closed = once(server, 'close');
        await server.close(true);
        await closed;
        const back = once<[ours.Connection]>(server, 'connect');
        await server.start();
        await ready;
        expect((await back)[0].id).toBe(connection.id);
      });

      it('do not reconnect when the server closes', async () => {
        const { server, client } = await pair();
        const closed = once(client, 'close');
        await server.close();
        expect(await closed).toEqual(['Server was shut down']);
      });
    });
  }

  it('a server of ours that lacks a package agrees to what it supports', async () => {
    const { welcome } = await pairOf(ours, original(), await overPath({ compress: true })());
    expect(welcome).toEqual(jasmine.objectContaining({ compress: true, messagepack: false }));
  });
});

async function pairOf(serving: Library, calling: Library, given?: Ways) {
  const options = given ?? (await overPath()());
  const server = new serving.Server(options.server);
  afterwards(() => end(server));
  await server.start();
  const came = once<[ours.Connection, unknown]>(server, 'connect');
  const client = new calling.Client(options.client);
  const ready = once<[ours.Ready]>(client, 'ready');
  afterwards(() => client.destroy());
  await client.connect({ show: 'ä' });
  const [connection, payload] = await came;
  const [welcome] = await ready;
  return { server, client, connection, payload, welcome, options };
}

/** The original's close waits for what never ends. */
async function end(server: ours.Server): Promise<void> {
  for (const connection of [...server.connections]) connection.destroy();
  await server.close();
}

/** The arguments of the next messages. */
function collect(side: ours.Server | ours.Client, count: number): Promise<unknown[][]> {
  const seen: unknown[][] = [];
  return new Promise((resolve) => {
    side.on('message', (...args: unknown[]) => {
      seen.push(args);
      if (seen.length === count) resolve(seen);
    });
  });
}
