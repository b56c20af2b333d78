import { createRequire } from 'node:module';
import { connect, type Socket } from 'node:net';
import type { DialectName } from '../../entities/config/wire.js';
import type { Config } from '../../entities/config.js';
import type { Server } from '../../lib/server.js';
import { adapterConfig } from '../../services/adapter/config.js';
import { IPCClient } from '../../services/ipc-server/index.js';
import type * as NetIpc from '../../services/net-ipc/index.js';
import { Client as OurNetIpc } from '../../services/net-ipc/index.js';
import type * as SocketIpc from '../../services/socket-ipc/index.js';
import { afterwards } from '../support/afterwards.js';
import { steadyTime } from '../support/clock.js';
import { clientAt, serverAt } from '../support/engines.js';
import { once } from '../support/events.js';
import { freshPath, unixPathOf } from '../support/places.js';

const require = createRequire(import.meta.url);
const socketIpc = require('@crussell52/socket-ipc') as typeof SocketIpc;
const netIpc = require('net-ipc') as typeof NetIpc;
const nodeIpc = require('node-ipc-9') as { IPC: new () => NodeIpc };

interface NodeIpc {
  config: Config;
  of: Record<
    string,
    { on(type: string, listener: (data: unknown) => void): void; emit(type: string, data: unknown): void }
  >;
  connectTo(id: string, path: string, callback: () => void): void;
  disconnect(id: string): void;
}

describe('One server for clients of several dialects', () => {
  async function serve(accept: readonly DialectName[], more: Partial<Config> = {}): Promise<Server> {
    const server = serverAt({ ...adapterConfig({}), accept, ...more }, freshPath());
    afterwards(() => server.stop());
    await server.start();
    return server;
  }

  const all = ['json', 'net-ipc', 'topic'] as const;

  /** The sockets of the next clients, in the order in which they are let in. */
  function sockets(server: Server): () => Promise<Socket> {
    const came: Socket[] = [];
    server.on('connect', (socket) => came.push(socket));
    return async () => {
      while (came.length === 0) await once(server, 'connect');
      return came.shift() as Socket;
    };
  }

  async function nodeIpcClient({ path }: Server) {
    const ipc = new nodeIpc.IPC();
    Object.assign(ipc.config, { silent: true, stopRetrying: true });
    ipc.connectTo('world', unixPathOf(path), () => {});
    afterwards(() => ipc.disconnect('world'));
    const { world } = ipc.of;
    return world as NonNullable<typeof world>;
  }

  async function netIpcClient({ path }: Server, options: NetIpc.ClientOptions = {}): Promise<NetIpc.Client> {
    const client = new netIpc.Client({ path: unixPathOf(path), reconnect: false, ...options });
    afterwards(() => client.destroy());
    await client.connect('payload');
    return client;
  }

  async function socketIpcClient({ path }: Server): Promise<SocketIpc.Client> {
    const client = new socketIpc.Client({ socketFile: path });
    afterwards(() => client.close());
    const connected = once(client, 'connect');
    client.connect();
    await connected;
    return client;
  }

  it('receives from each, and answers each in its own dialect', async () => {
    steadyTime();
    const server = await serve(all);
    const next = sockets(server);
    const heard: unknown[][] = [];
    for (const type of ['message', 'hello']) server.on(type, (data) => heard.push([type, data]));
    server.handle('request', (data) => ({ answered: data }));

    const world = await nodeIpcClient(server);
    world.emit('message', 'from node-ipc');
    const worldSocket = await next();
    const net = await netIpcClient(server);
    const netSocket = await next();
    await net.send('from net-ipc');
    const topic = await socketIpcClient(server);
    topic.send('hello', 'from socket-ipc');
    const topicSocket = await next();
    expect(await net.request('what?')).toEqual({ answered: 'what?' });
    const ours = clientAt(adapterConfig({}), server.path);
    afterwards(() => ours.close());
    ours.connect();
    expect(await ours.request('request', 1)).toEqual({ answered: 1 });
    expect(heard).toEqual([
      ['message', 'from node-ipc'],
      ['message', 'from net-ipc'],
      ['hello', 'from socket-ipc'],
    ]);

    const hear = () =>
      Promise.all([
        new Promise((resolve) => world.on('message', resolve)),
        once(net, 'message').then(([data]) => data),
        once(topic, 'message.message').then(([data]) => data),
        once(ours, 'message').then(([data]) => data),
      ]);
    let told = hear();
    server.broadcast('message', 'to all');
    expect(await told).toEqual(['to all', 'to all', 'to all', 'to all']);
    told = hear();
    for (const socket of server.sockets) server.emit(socket, 'message', 'to each');
    expect(await told).toEqual(['to each', 'to each', 'to each', 'to each']);

    net.on('request', (data, respond) => respond(['net-ipc', data]));
    expect(await server.request(netSocket, 'request', 'how?')).toEqual(['net-ipc', 'how?']);
    const survey = await server.survey('request', 'all', { timeout: 50 });
    const outcome = (socket: Socket) => survey.find((one) => one.socket === socket);
    expect((outcome(netSocket) as PromiseFulfilledResult<unknown>).value).toEqual(['net-ipc', 'all']);
    expect((outcome(topicSocket) as PromiseRejectedResult).reason.code).toBe('ERR_IPC_UNSUPPORTED');
    expect((outcome(worldSocket) as PromiseRejectedResult).reason.code).toBe('ERR_IPC_TIMEOUT');
  });

  it('publishes to subscribers in any dialect, and to clients whose dialect has no subscriptions', async () => {
    const server = await serve(all);
    const isdk = new IPCClient({ path: server.path });
    afterwards(() => isdk.destroy());
    await isdk.connect();
    await isdk.subscribe('news');
    const ours = clientAt(adapterConfig({}), server.path);
    afterwards(() => ours.close());
    const oursHeard = new Promise((resolve) => {
      ours.connect().subscribe('news', resolve);
    });
    await ours.ping();
    const topic = await socketIpcClient(server);
    topic.send('hello', 1);
    await once(server, 'hello');
    const heard = Promise.all([once(isdk, 'news'), oursHeard, once(topic, 'message.news')]);
    await isdk.publish('news', 'of the day');
    const [isdkNews, oursNews, topicNews] = await heard;
    expect([isdkNews[0], oursNews, topicNews[0]]).toEqual(['of the day', 'of the day', 'of the day']);
  });

  it('agrees with net-ipc on msgpack and compression', async () => {
    const server = await serve(all);
    const net = await netIpcClient(server, { messagepack: true, compress: true, handshake: true });
    server.handle('request', (data) => data);
    expect(await net.request({ x: ['ä'] })).toEqual({ x: ['ä'] });
  });

  it('admits a silent client as json, and still detects its dialect by its first bytes', async () => {
    const server = await serve(all);
    const next = sockets(server);
    const topic = await socketIpcClient(server);
    const socket = await next();
    const heard = once(server, 'hello');
    topic.send('hello', 1);
    await heard;
    const answered = once(topic, 'message.answer');
    server.emit(socket, 'answer', 2);
    expect((await answered)[0]).toBe(2);
    const published = once(topic, 'message.news');
    server.publish('news', 3);
    expect((await published)[0]).toBe(3);
  });

  it('assumes that a silent client speaks topic if json is not accepted', async () => {
    const server = await serve(['net-ipc', 'topic']);
    const next = sockets(server);
    const topic = await socketIpcClient(server);
    const socket = await next();
    const told = once(topic, 'message.hello');
    server.emit(socket, 'hello', 1);
    expect((await told)[0]).toBe(1);
  });

  it('drops a client that speaks a dialect it does not accept', async () => {
    const server = await serve(['net-ipc', 'topic']);
    const failed = once<[{ code: string }]>(server, 'error');
    const socket = connect(server.path);
    const closed = once(socket, 'close');
    socket.write('{"type":"message","data":1}\f');
    expect((await failed)[0].code).toBe('ERR_IPC_PROTOCOL');
    await closed;
  });

  it('checks the credentials that clients of net-ipc send at connect', async () => {
    const authorize = (credentials: unknown) => credentials === 'payload' || 'wrong password';
    const server = await serve(all, { authorize });
    const net = await netIpcClient(server);
    expect(net.status).toBe(3);
    const stranger = new netIpc.Client({ path: unixPathOf(server.path), reconnect: false });
    const closed = once(stranger, 'close');
    stranger.connect('guess').catch(() => {});
    expect((await closed)[0]).toBe('wrong password');
    const ours = new OurNetIpc({ path: server.path });
    const told = once(ours, 'close');
    const refused = jasmine.objectContaining({
      code: 'ERR_IPC_REFUSED',
      message: jasmine.stringContaining('wrong password'),
    });
    await expectAsync(ours.connect('guess')).toBeRejectedWith(refused);
    expect(await told).toEqual(['wrong password']);
    const engine = clientAt({ ...adapterConfig({}), dialect: 'net-ipc' }, server.path);
    await expectAsync(engine.connect().ready()).toBeRejectedWith(refused);
    const unknown = connect(server.path);
    const ended = once(unknown, 'close');
    unknown.resume().write('{"topic":"hello","message":1}\0\0');
    await ended;
    expect(server.sockets.length).toBe(1);
  });
});

describe('A client that speaks net-ipc', () => {
  async function pair(options: NetIpc.ServerOptions = {}, more: Partial<Config> = {}) {
    const server = new netIpc.Server({ path: freshPath(), ...options });
    await server.start();
    const client = clientAt(
      { ...adapterConfig({}), dialect: 'net-ipc', retry: 5, ...more },
      server.options.path as string,
    );
    const came = once<[NetIpc.Connection, unknown]>(server, 'connect');
    await client.connect().ready();
    const [connection, payload] = await came;
    afterwards(async () => {
      client.destroy();
      for (const one of [...server.connections]) one.destroy();
      await server.close();
    });
    return { server, client, connection, payload };
  }

  it('exchanges messages, requests and pings with an old server', async () => {
    const { server, client, connection, payload } = await pair({}, { credentials: { user: 'x' } });
    expect(payload).toEqual({ user: 'x' });
    const heard = Promise.all([once(server, 'message'), once(client, 'message')]);
    client.emit('message', 'up');
    connection.send('down');
    const [[up], [down]] = await heard;
    expect([up, down]).toEqual(['up', 'down']);
    server.on('request', (data, respond) => respond([data]));
    client.handle('request', (data) => ({ data }));
    expect(await client.request('request', 1)).toEqual([1]);
    expect(await connection.request(2)).toEqual({ data: 2 });
    expect(await client.ping()).toBeGreaterThan(0);
  });

  it('speaks msgpack, compressed, if both sides can', async () => {
    const { server, client } = await pair({}, { codec: 'msgpack', compress: true });
    server.on('request', (data, respond) => respond(data));
    expect(await client.request('request', { list: ['ä'.repeat(1000)] })).toEqual({
      list: ['ä'.repeat(1000)],
    });
  });

  it('reconnects under the same id', async () => {
    const { server, client, connection } = await pair();
    const back = once<[NetIpc.Connection]>(server, 'connect');
    const again = once(client, 'ipc:reconnect');
    connection.destroy();
    expect((await back)[0].id).toBe(connection.id);
    await again;
  });

  it('stays away if the server says so, and reports the reason', async () => {
    const { client, connection } = await pair();
    const gone = once(client, 'disconnect');
    const over = once(client, 'destroy');
    await connection.close('go away');
    expect(await gone).toEqual([{ reason: 'go away', reconnect: false }]);
    await over;
  });

  it('cannot express retries', async () => {
    const { client } = await pair();
    await expectAsync(client.request('request', 1, { retries: 1 })).toBeRejectedWith(
      jasmine.objectContaining({ code: 'ERR_IPC_UNSUPPORTED' }),
    );
  });
});
