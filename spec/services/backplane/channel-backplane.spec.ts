import { chmodSync } from 'node:fs';
import type { BackplaneOptions } from '../../../entities/config/backplane.js';
import type { IPCError } from '../../../entities/errors.js';
import type { Client } from '../../../lib/client.js';
import { intercept } from '../../../lib/interceptors.js';
import type { Server } from '../../../lib/server.js';
import type { ServerPeer } from '../../../lib/server-peer.js';
import { Channel } from '../../../services/channel/index.js';
import { afterwards } from '../../support/afterwards.js';
import { freshBackplane, knows, pairsWith, serversWith } from '../../support/backplanes.js';
import { HEARTBEAT } from '../../support/channels.js';
import { ipcError } from '../../support/errors.js';
import { failure, heard, once } from '../../support/events.js';
import { freshIPC, join, local } from '../../support/instances.js';
import { NatsServer, withoutNats } from '../../support/nats.js';
import { freshDirectory, freshPath } from '../../support/places.js';

type Pairs = { servers: [Server, Server, Server]; clients: [Client, Client, Client] };
type Peer = ServerPeer<Record<string, never>, unknown>;

describe('Servers with a backplane', () => {
  describe('on one machine', () => {
    actAsOne(freshBackplane);
  });

  describe('over NATS', () => {
    let nats: NatsServer;

    beforeAll(async () => {
      if (withoutNats === undefined) nats = await NatsServer.start();
    });

    beforeEach(() => {
      if (withoutNats !== undefined) pending(withoutNats);
    });

    actAsOne(() => ({ nats: { servers: nats.url }, heartbeat: HEARTBEAT }));
  });

  it('do not start if they cannot join the backplane, and report one error that names the setting', async () => {
    const backplane = freshBackplane();
    const open = freshDirectory();
    chmodSync(open, 0o755);
    for (const [wrong, code] of [
      [{ ...backplane, heartbeat: 0 }, 'ERR_IPC_CONFIG'],
      ...(process.platform === 'win32'
        ? []
        : [[{ ...backplane, directory: open }, 'ERR_IPC_ADDRESS'] as const]),
      [{ nats: { servers: 'nats://127.0.0.1:1' } }, 'ERR_IPC_CONNECT'],
    ] as const) {
      const server = freshIPC({ backplane: wrong }).serve(freshPath());
      const reported: Error[] = [];
      server.on('error', (error) => reported.push(error));
      const refused = await failure(server.start());
      await new Promise(setImmediate);
      expect(refused).toEqual(ipcError(code, 'The server cannot join its backplane (config.backplane): '));
      expect(refused.message).not.toContain('new Channel');
      expect(reported).toEqual([refused]);
    }
  });

  it('are refused over UDP', () => {
    expect(() => freshIPC({ backplane: true }).serveNet('127.0.0.1', 0, 'udp4')).toThrow(
      ipcError('ERR_IPC_CONFIG', 'config.backplane needs connections'),
    );
  });
});

describe('A server without a backplane', () => {
  it('knows its own clients by their ids', async () => {
    const server = await local.serve();
    const client = await join(local, server);
    client.handle('double', (n: number) => n * 2);
    const [peer, ...more] = (await server.clients()) as [Peer];
    expect([more, server.servers, peer.server]).toEqual([[], [], server.id]);
    expect(await peer.request('double', 4)).toBe(8);
    expect(await server.survey('double', 5)).toEqual([
      { socket: server.sockets[0] as never, status: 'fulfilled', value: 10 },
    ]);
  });
});

/** What servers do together, wherever they meet. */
function actAsOne(fresh: () => BackplaneOptions): void {
  let backplane: BackplaneOptions;

  beforeEach(() => {
    backplane = fresh();
  });

  async function three(): Promise<Pairs> {
    return (await pairsWith(backplane, 3)) as Pairs;
  }

  /** The id of a client, as every server knows it. */
  function idOf(server: Server): string {
    return server.peer(server.sockets[0] as never).id;
  }

  it('broadcast to the clients of all of them, in order', async () => {
    const { servers, clients } = await three();
    const received = clients.map((client) => heard(client, 'news', 100));
    for (let i = 0; i < 100; i++) servers[0].broadcast('news', i);
    const numbers = Array.from({ length: 100 }, (_, i) => i);
    expect(await Promise.all(received)).toEqual([numbers, numbers, numbers]);
  });

  it('leave clients out of a broadcast, wherever they are', async () => {
    const { servers, clients } = await three();
    const labelled = once(servers[2], 'hello');
    clients[2].emit('hello', { id: 'kitchen' });
    await labelled;
    const news: string[] = [];
    for (const [i, client] of clients.entries()) client.on('news', (data) => news.push(`${data} ${i}`));
    const last = clients.map((client) => once(client, 'last'));
    servers[0].broadcast('news', 'a', { except: [idOf(servers[1]), 'kitchen'] });
    servers[0].broadcast('news', 'b', { except: servers[0].sockets[0] });
    servers[0].broadcast('news', 'c', { except: servers[0].peer(idOf(servers[1])) });
    servers[0].broadcast('last');
    await Promise.all(last);
    expect(news.sort()).toEqual(['a 0', 'b 1', 'b 2', 'c 0', 'c 2']);
  });

  it('publish to the subscribers of all of them, and receive what any of their clients publishes', async () => {
    const { servers, clients } = await three();
    await clients[1].subscribe('weather.*', (data, topic) => clients[1].trigger('heard', [topic, data]));
    const atServer = new Promise((resolve) => {
      void servers[2].subscribe('weather.>', (data, topic) => resolve([topic, data]));
    });
    const atClient = once(clients[1], 'heard');
    await clients[0].publish('weather.oslo', 'snow');
    expect(await atServer).toEqual(['weather.oslo', 'snow']);
    expect(await atClient).toEqual([['weather.oslo', 'snow']]);
    const next = once(clients[1], 'heard');
    servers[0].publish('weather.paris');
    expect(await next).toEqual([['weather.paris', undefined]]);
  });

  it('survey the clients of all of them', async () => {
    const { servers, clients } = await three();
    clients[0].handle('add', (n: number) => n + 1);
    clients[1].handle('add', (n: number) => n + 2);
    const results = await servers[0].survey('add', 40);
    const [here, there, unable] = results;
    expect(results.map(({ id, server, status }) => [id, server, status])).toEqual(
      servers.map((server, i) => [idOf(server), server.id, i < 2 ? 'fulfilled' : 'rejected']),
    );
    expect(here?.socket).toBe(servers[0].sockets[0]);
    expect(there?.socket).toBeUndefined();
    expect([here, there].map((one) => (one as { value?: unknown }).value)).toEqual([41, 42]);
    expect((unable as PromiseRejectedResult).reason).toEqual(ipcError('ERR_IPC_NO_HANDLER'));
  });

  it('report in a survey which answer cannot be passed on', async () => {
    const { servers, clients } = await pairsWith(backplane, 2, { codec: 'msgpack' });
    const [first, second] = servers as [Server, Server];
    const another = await join(local, second, { codec: 'msgpack' });
    clients[0]?.handle('value', () => 1);
    clients[1]?.handle('value', () => 10n);
    another.handle('value', () => ({ deep: [1] }));
    const [, big, deep] = await first.survey('value');
    expect((big as PromiseRejectedResult).reason).toEqual(
      ipcError('ERR_IPC_ENCODE', 'passed to another server'),
    );
    expect((deep as PromiseFulfilledResult<unknown>).value).toEqual({ deep: [1] });
  });

  it('list the clients of all of them', async () => {
    const { servers, clients } = await three();
    const labelled = once(servers[1], 'hello');
    clients[1].emit('hello', { id: 'kitchen' });
    await labelled;
    const listed = await servers[0].clients();
    expect(listed.map(({ id, server, label }) => [id, server, label])).toEqual([
      [idOf(servers[0]), servers[0].id, undefined],
      [idOf(servers[1]), servers[1].id, 'kitchen'],
      [idOf(servers[2]), servers[2].id, undefined],
    ]);
    expect(listed.map(({ socket }) => socket === servers[0].sockets[0])).toEqual([true, false, false]);
  });

  for (const by of ['id', 'label']) {
    it(`emit to, request from and close a client of another server by its ${by}`, async () => {
      const { servers, clients } = await three();
      const labelled = once(servers[1], 'hello');
      clients[1].emit('hello', { id: 'kitchen' });
      await labelled;
      const id = by === 'id' ? idOf(servers[1]) : 'kitchen';
      clients[1]
        .handle('double', (n: number) => n * 2)
        .handle('fail', () => Promise.reject(new RangeError('no')));
      const peer = servers[0].peer(id);
      const received = heard(clients[1], 'light', 2);
      expect([peer.emit('light', 'on'), servers[0].emit(id, 'light', 'off')]).toEqual([true, true]);
      expect(await received).toEqual(['on', 'off']);
      expect([await peer.request('double', 21), await servers[0].request(id, 'double', 2)]).toEqual([42, 4]);
      const error = await failure(peer.request('fail'));
      expect([error.name, error.message]).toEqual(['RangeError', 'no']);
      const closed = once(clients[1], 'disconnect');
      expect(peer.close('that is all', false)).toBeTrue();
      expect(await closed).toEqual([{ reason: 'that is all', reconnect: false }]);
    });

    it(`report that no client has the ${by}`, async () => {
      const { servers, clients } = await three();
      const id = by === 'id' ? idOf(servers[1]) : 'kitchen';
      const left = once(servers[1], 'disconnect');
      clients[1].disconnect();
      await left;
      const reported = heard<IPCError>(servers[0], 'error', 2);
      const peer = servers[0].peer(id);
      peer.emit('light', 'on');
      servers[0].emit(id, 'light', 'off');
      for (const error of await reported)
        expect(error).toEqual(ipcError('ERR_IPC_DISCONNECTED', 'light was not sent'));
      expect(await failure(peer.request('double', 1))).toEqual(
        ipcError('ERR_IPC_DISCONNECTED', 'double was not sent'),
      );
      peer.close();
    });
  }

  it('pass on what interceptors add to a message, and call interceptors once', async () => {
    const { servers, clients } = await three();
    const [server] = servers;
    for (const client of clients) client.handle('double', (n: number) => n * 2);
    await clients[1].subscribe('weather', () => {});
    await servers[1].subscribe('weather', () => {});
    const sent: string[] = [];
    const received: Record<string, unknown[]> = {};
    afterwards(
      intercept({
        send: ({ kind, type }, next) => next({ number: sent.push(`${kind} ${type}`) }),
        receive: ({ kind, type, meta }, next) => {
          received[`${kind} ${type}`] ??= [];
          received[`${kind} ${type}`]?.push(meta);
          return next();
        },
      }),
    );
    const peer = server.peer(idOf(servers[1])) as Peer;
    const last = once(clients[1], 'last');
    server.broadcast('news', 1);
    server.publish('weather', 2);
    peer.emit('light', 3);
    expect(await peer.request('double', 4, { meta: { user: 'ann' } })).toBe(8);
    peer.emit('last');
    await last;
    expect(sent.splice(0)).toEqual([
      'event news',
      'topic weather',
      'event light',
      'request double',
      'event last',
    ]);
    expect(received).toEqual({
      'event news': Array(3).fill({ number: 1 }),
      'topic weather': Array(2).fill({ number: 2 }),
      'event light': [{ number: 3 }],
      'request double': [{ user: 'ann', number: 4 }],
      'event last': [{ number: 5 }],
    });
    received['request double'] = [];
    expect((await server.survey('double', 21, { meta: { user: 'bob' } })).length).toBe(3);
    expect(sent).toEqual(['request double', 'request double']);
    expect(received['request double'].map((meta) => (meta as { user: string }).user)).toEqual([
      'bob',
      'bob',
      'bob',
    ]);
  });

  it('end a request to a client of another server by its timeout and its signal', async () => {
    const { servers, clients } = await three();
    clients[1].handle('never', () => {
      clients[1].trigger('asked');
      return new Promise(() => {});
    });
    clients[1].handle('late', () => new Promise(() => {}));
    const peer = servers[0].peer(idOf(servers[1])) as Peer;
    expect(await failure(peer.request('late', undefined, { timeout: 20 }))).toEqual(
      ipcError('ERR_IPC_TIMEOUT'),
    );
    const controller = new AbortController();
    const reached = once(clients[1], 'asked');
    const asked = failure(peer.request('never', undefined, { signal: controller.signal, timeout: 0 }));
    await reached;
    expect(servers[1].stats().openRequests).toBe(1);
    controller.abort();
    expect(await asked).toEqual(ipcError('ERR_IPC_ABORTED'));
    // What comes after the abort shows that it was there.
    const later = once(clients[1], 'later');
    peer.emit('later');
    await later;
    expect(servers[1].stats().openRequests).toBe(0);
  });

  it('report servers that join and leave', async () => {
    const [first] = (await serversWith(backplane, 1)) as [Server];
    expect(first.servers).toEqual([]);
    const joined = once(first, 'ipc:join');
    const second = await local.serve({ id: 'world', backplane });
    expect(await joined).toEqual([second.id]);
    await knows(second, 1);
    expect([first.servers, second.servers]).toEqual([[second.id], [first.id]]);
    const left = once(first, 'ipc:leave');
    const before = second.id;
    await second.stop();
    expect(await left).toEqual([before]);
    expect(first.servers).toEqual([]);
    await second.start();
    await knows(first, 1);
    expect(first.servers).not.toEqual([before]);
  });

  it('reject pending requests to a server at once when it leaves', async () => {
    const { servers, clients } = await three();
    const begun = new Promise<void>((resolve) => {
      clients[1].handle('never', () => {
        resolve();
        return new Promise(() => {});
      });
    });
    const asked = failure(servers[0].peer(idOf(servers[1])).request('never'));
    const { id } = servers[0].peer(idOf(servers[1]));
    await begun;
    await servers[1].stop({ timeout: 1 });
    expect(await asked).toEqual(ipcError('ERR_IPC_DISCONNECTED'));
    expect(servers[0].close(id)).toBeFalse();
  });

  it('ignore servers with another id', async () => {
    const [first] = (await serversWith(backplane, 1)) as [Server];
    const other = await local.serve({ id: 'moon', backplane });
    const second = await local.serve({ id: 'world', backplane });
    await knows(first, 1);
    expect([first.servers, other.servers]).toEqual([[second.id], []]);
  });

  it('send bytes to the clients of all of them', async () => {
    const settings = { rawBuffer: true };
    const { servers, clients } = await pairsWith(backplane, 2, settings);
    const [first, second] = servers as [Server, Server];
    const received = once<[Buffer]>(clients[1] as Client, 'data');
    first.broadcast(Buffer.from([0, 255, 128]));
    expect([...(await received)[0]]).toEqual([0, 255, 128]);
    const text = once<[Buffer]>(clients[1] as Client, 'data');
    first.peer(idOf(second)).emit('text' as never);
    expect(String((await text)[0])).toBe('text');
  });

  it('throw for data that cannot be encoded, even if there is no client yet', async () => {
    const [first] = (await serversWith(backplane, 2)) as [Server];
    expect(() => first.broadcast('news', 1n)).toThrow(ipcError('ERR_IPC_ENCODE'));
    expect(() => first.publish('news', 1n)).toThrow(ipcError('ERR_IPC_ENCODE'));
    expect(() => first.publish('news.*', 1)).toThrow(ipcError('ERR_IPC_ARGUMENT'));
  });

  it('report invalid packets, and continue', async () => {
    const [server] = (await serversWith(backplane, 1)) as [Server];
    const client = await join(local, server);
    const errors: IPCError[] = [];
    server.on('error', (error) => errors.push(error));
    const stranger = new Channel({ ...backplane, name: 'backplane app.world' } as object);
    afterwards(() => stranger.close({ timeout: 0 }));
    await stranger.ready();
    const to = stranger.to('all');
    for (const packet of [null, 5, {}, { type: 5 }, { type: 'ipc:bye' }, { bytes: 'AAAA' }]) {
      to.emit('broadcast', packet, []);
      to.emit('emit', idOf(server), packet);
    }
    to.emit('broadcast', { type: 'news' }, 'nobody');
    to.emit('publish', 5);
    to.emit('publish', { topic: 'a.>' });
    to.emit('end');
    to.emit('emit');
    to.emit('abort', {});
    const { pid } = stranger;
    const hub = stranger.peers.find((number) => number !== pid) as number;
    for (const [kind, request] of Object.entries({ ask: null, survey: { type: 5 }, deliver: 7 })) {
      expect(await failure(stranger.to(hub).request(kind, request)))
        .withContext(kind)
        .toEqual(ipcError('ERR_IPC_PROTOCOL'));
    }
    const heardNews = once(client, 'news');
    to.emit('broadcast', { type: 'news', data: 1 }, []);
    expect(await heardNews).toEqual([1]);
    expect(errors.length).toBe(17);
    for (const { code } of errors) expect(['ERR_IPC_PROTOCOL', 'ERR_IPC_ARGUMENT']).toContain(code);
  });

  it('refuse invalid answers of another server', async () => {
    const [server] = (await serversWith(backplane, 1)) as [Server];
    const joined = once(server, 'ipc:join');
    const stranger = new Channel({ ...backplane, name: 'backplane app.world' } as object);
    afterwards(() => stranger.close({ timeout: 0 }));
    const mine = `${stranger.id}.1`;
    stranger.handle('list', () => [
      null,
      5,
      { id: `${server.id}.1` },
      { id: mine, label: {}, remoteAddress: 5 },
    ]);
    stranger.handle('survey', () => ({ id: mine }));
    await joined;
    expect(
      (await server.clients()).map(({ id, label, remoteAddress }) => [id, label, remoteAddress]),
    ).toEqual([[mine, undefined, undefined]]);
    expect(await server.survey('anything')).toEqual([]);
    stranger.handle('survey', () => Promise.reject(new Error('no')));
    expect(await server.survey('anything')).toEqual([
      jasmine.objectContaining({ server: stranger.id, status: 'rejected', socket: undefined }),
    ]);
    const reported = once(server, 'error');
    stranger.handle('list', () => Promise.reject(new Error('no list')));
    expect(await server.clients()).toEqual([]);
    expect((await reported)[0]).toEqual(ipcError('ERR_IPC_REMOTE', 'no list'));
  });

  it('leave the backplane if they cannot listen', async () => {
    const [first] = (await serversWith(backplane, 1)) as [Server];
    const second = freshIPC({ id: 'world', backplane }).serve(first.path);
    const joined = once(first, 'ipc:join');
    const left = once(first, 'ipc:leave');
    expect(await failure(second.start())).toEqual(ipcError('ERR_IPC_IN_USE'));
    await joined;
    await left;
    expect(second.servers).toEqual([]);
  });
}
