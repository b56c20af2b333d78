import type { AddressInfo, Server as NetServer } from 'node:net';
import { IPCError } from '../../../entities/errors.js';
import {
  Client,
  ClientStatus,
  type Connection,
  type Ready,
  type Respond,
  Server,
} from '../../../services/net-ipc/index.js';
import { afterwards } from '../../support/afterwards.js';
import { steadyTime } from '../../support/clock.js';
import { once } from '../../support/events.js';
import { freshPath } from '../../support/places.js';
import { clientOf, introduce, introduceDeaf, serve } from './pair.js';

describe('net-ipc: Server', () => {
  it("starts, emits 'ready' with its path, and resolves with itself", async () => {
    const path = freshPath();
    const server = new Server({ path });
    afterwards(() => server.close());
    const ready = once(server, 'ready');
    expect((await server.start()) === server).toBeTrue();
    expect(await ready).toEqual([path]);
    expect(server.server?.listening).toBeTrue();
  });

  it("listens over TCP if it has a port, and reports 'address:port'", async () => {
    const server = new Server({ port: 0, listenOptions: { host: '127.0.0.1', backlog: 10 } });
    afterwards(() => server.close());
    const ready = once(server, 'ready');
    await server.start();
    const { port } = (server.server as NetServer).address() as AddressInfo;
    expect(await ready).toEqual([`127.0.0.1:${port}`]);
    const client = new Client({ url: `localhost:${port}` });
    afterwards(() => client.destroy());
    await client.connect();
    expect(client.status).toBe(ClientStatus.READY);
  });

  it('starts once, and again after it was closed', async () => {
    const server = await serve();
    await expectAsync(server.start()).toBeRejectedWithError(IPCError, /started already/);
    const closed = once(server, 'close');
    expect((await server.close()) === server).toBeTrue();
    await closed;
    expect(server.server).toBeNull();
    await server.start();
    await introduce(server);
    expect(server.connections.length).toBe(1);
  });

  it("rejects and emits 'error' if a living server has the socket, which it does not remove", async () => {
    const { options } = await serve();
    const second = new Server({ path: options.path });
    const failed = once<[IPCError]>(second, 'error');
    await expectAsync(second.start()).toBeRejectedWith(jasmine.objectContaining({ code: 'ERR_IPC_IN_USE' }));
    expect((await failed)[0].code).toBe('ERR_IPC_IN_USE');
  });

  it('reports a client with the payload that it sent, and lists it', async () => {
    const server = await serve();
    const came = once<[Connection, unknown]>(server, 'connect');
    const client = clientOf(server);
    const ready = once<[Ready]>(client, 'ready');
    await client.connect({ password: 'ä' });
    const [connection, payload] = await came;
    expect(payload).toEqual({ password: 'ä' });
    expect([server.connections.length, server.connections[0] === connection]).toEqual([1, true]);
    expect(connection.server === server).toBeTrue();
    expect(connection.connection.writable).toBeTrue();
    expect(connection.id).toMatch(/^\w{8,}$/);
    expect(await ready).toEqual([{ id: connection.id, compress: false, messagepack: false }]);
  });

  it('names clients by generateID', async () => {
    const server = await serve({ generateID: () => 'chosen' });
    const [client, connection] = await introduce(server);
    expect([client.id, connection.id]).toEqual(['chosen', 'chosen']);
  });

  it('does not assign the id of another client, neither generated nor claimed', async () => {
    const server = await serve({ generateID: () => 'same' });
    const [first] = await introduce(server);
    const [second] = await introduce(server);
    const thief = clientOf(server);
    thief.id = first.id;
    await thief.connect();
    const ids = server.connections.map(({ id }) => id);
    expect(new Set(ids).size).toBe(3);
    expect([first.id, second.id, thief.id]).toEqual(ids);
  });

  it('does not give the id of a disconnected client, and its waiting messages, to another client', async () => {
    const server = await serve({ retries: 5 });
    const [victim, connection] = await introduce(server, {}, 'payload');
    const { id } = victim;
    const gone = once(server, 'disconnect');
    victim.destroy();
    await gone;
    const waits = connection.send('for the victim alone');
    const asked = connection.request('what is your password?');
    for (const payload of [undefined, 'payload']) {
      const thief = clientOf(server);
      thief.id = id;
      const heard: unknown[] = [];
      thief.on('message', (message) => heard.push(message));
      thief.on('request', (request, respond) => {
        heard.push(request);
        respond('forged');
      });
      await thief.connect(payload);
      await thief.ping();
      expect(thief.id).not.toBe(id);
      expect(heard).toEqual([]);
    }
    const heard = once(victim, 'message');
    victim.on('request', (_, respond) => respond('mine'));
    await victim.connect('payload');
    expect(victim.id).toBe(id);
    expect(await heard).toEqual(['for the victim alone']);
    expect(await asked).toBe('mine');
    await waits;
  });

  it('does not reuse the id of an absent client for which messages wait, whatever generateID returns', async () => {
    const server = await serve({ generateID: () => 'same', retries: 5 });
    const [victim, connection] = await introduce(server);
    const gone = once(server, 'disconnect');
    victim.destroy();
    await gone;
    const waits = connection.send('for the victim alone');
    const [other] = await introduce(server);
    expect(other.id).not.toBe('same');
    await victim.connect();
    expect(victim.id).toBe('same');
    await waits;
  });

  it('gives a returning client its old id, also if the server is another one', async () => {
    const server = await serve();
    const client = clientOf(server);
    client.id = 'from before';
    await client.connect();
    expect(server.connections[0]?.id).toBe('from before');
  });

  it('broadcasts to all clients even if one does not read, and the promise settles', async () => {
    const server = await serve({ maxPendingBytes: 8 * 1024 * 1024 });
    const [deaf] = await introduceDeaf(server);
    const [client] = await introduce(server);
    const errors: string[] = [];
    server.on('error', (error) => errors.push(error.code));
    for (let i = 0; i < 12; i++) {
      const heard = once(client, 'message');
      await server.broadcast('x'.repeat(1024 * 1024));
      await heard;
    }
    expect(errors).toEqual(['ERR_IPC_BACKPRESSURE']);
    expect(server.connections.length).toBe(1);
    deaf.connection?.resume();
  });

  it("emits 'error' for a broadcast that cannot be encoded, and resolves", async () => {
    const server = await serve();
    await introduce(server);
    const failed = once<[IPCError]>(server, 'error');
    await server.broadcast(1n);
    expect((await failed)[0].code).toBe('ERR_IPC_ENCODE');
  });

  it('sends a survey to all clients, and returns the outcomes in the order of connections', async () => {
    steadyTime();
    const server = await serve();
    const [one] = await introduce(server);
    const [other] = await introduce(server);
    one.on('request', (data, respond) => respond(data + 1));
    other.on('request', () => {});
    const [first, second] = await server.survey(1, 50);
    expect(first).toEqual({ status: 'fulfilled', value: 2 });
    expect(second).toEqual({
      status: 'rejected',
      reason: jasmine.objectContaining({ code: 'ERR_IPC_TIMEOUT' }),
    });
    expect((await server.ping()).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
    await expectAsync(server.survey(1, 0.5)).toBeRejectedWithError(/whole number of milliseconds/);
  });

  it('receives requests, with a function that answers', async () => {
    const server = await serve();
    const [client, connection] = await introduce(server);
    server.once('request', (data, respond, from) => {
      expect(from === connection).toBeTrue();
      respond({ you: data });
    });
    expect(await client.request('x')).toEqual({ you: 'x' });
    expect(await client.request('nobody listens now')).toBeUndefined();
  });

  it('receives nothing while it is paused, and everything afterwards', async () => {
    const server = await serve();
    const [client, connection] = await introduce(server);
    const heard: unknown[] = [];
    server.on('message', (message) => heard.push(message));
    for (const side of [server, connection]) {
      side.pause();
      await client.send('while paused');
      await expectAsync(client.ping(undefined, 50)).toBeRejected();
      expect(heard).toEqual([]);
      side.resume();
      await client.ping();
      expect(heard.splice(0)).toEqual(['while paused']);
    }
  });

  it('accepts max clients at a time', async () => {
    const server = await serve({ max: 1 });
    await introduce(server);
    const second = clientOf(server, { reconnect: false });
    await expectAsync(second.connect()).toBeRejected();
    expect(server.connections.length).toBe(1);
  });

  it('reports why a client has gone', async () => {
    const server = await serve();
    const [client, connection] = await introduce(server);
    const gone = once(server, 'disconnect');
    await client.close({ why: 'enough' });
    const [who, reason] = await gone;
    expect(who === connection).toBeTrue();
    expect(reason).toEqual({ why: 'enough' });
    expect(server.connections.length).toBe(0);
  });

  it('closes for good, or so that clients reconnect', async () => {
    const server = await serve();
    const [client] = await introduce(server);
    await server.close(true);
    const back = once(client, 'ready');
    await server.start();
    await back;
    const closed = once(client, 'close');
    await server.close();
    expect(await closed).toEqual(['Server was shut down']);
  });

  it('resolves every call of close() when it is closed', async () => {
    const server = await serve();
    await introduce(server);
    const order: string[] = [];
    const first = server.close().then(() => order.push('first'));
    const second = server.close().then(() => order.push('second'));
    await Promise.all([first, second]);
    expect(order).toEqual(['first', 'second']);
    expect(server.connections).toEqual([]);
    await server.close();
  });

  it('waits in close() for its own requests', async () => {
    const server = await serve();
    const [client, connection] = await introduce(server);
    const asked = once<[unknown, Respond]>(client, 'request');
    const answer = connection.request('slow');
    const [, respond] = await asked;
    const closed = server.close();
    respond('done');
    expect(await answer).toBe('done');
    await closed;
  });

  it('does not end the process because of an error without a listener', async () => {
    const server = await serve({ maxMessageSize: 1000 });
    const [client] = await introduce(server, { reconnect: false });
    const gone = once<[Connection, IPCError]>(server, 'disconnect');
    await client.send('x'.repeat(2000));
    expect((await gone)[1].code).toBe('ERR_IPC_TOO_LARGE');
  });

  for (const [options, what] of [
    [{ port: 70_000 }, /options.port is 70000/],
    [{ path: '' }, /options.path is ''/],
    [{ tls: true }, /TLS goes over TCP/],
    [{ options: 'x' }, /options.options is 'x'/],
    [{ maxMessageSize: -1 }, /config.maxMessageSize/],
  ] as const) {
    it(`refuses ${JSON.stringify(options)}`, () => {
      expect(() => new Server(options as object)).toThrowError(IPCError, what);
    });
  }
});
