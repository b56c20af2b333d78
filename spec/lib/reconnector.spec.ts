import type { Socket } from 'node:net';
import { ClientStatus } from '../../entities/events.js';
import type { Client } from '../../lib/client.js';
import { freshCertificates } from '../support/certificates.js';
import { resumeTime, steadyTime } from '../support/clock.js';
import { ipcError } from '../support/errors.js';
import { failure, heard, once } from '../support/events.js';
import { freshIPC, join, local, pair, type Settings, streams, tls } from '../support/instances.js';
import { BareServer, Cutter } from '../support/peers.js';
import { freshPath } from '../support/places.js';

const { IDLE, CONNECTING, CONNECTED, READY, DISCONNECTED, RECONNECTING } = ClientStatus;

describe('The lifecycle of a client', () => {
  for (const over of streams) {
    it(`goes through its states, over ${over.name}`, async () => {
      const server = await over.serve();
      const client = over.connect(server);
      expect(client.status).toBe(CONNECTING);
      const states: number[] = [];
      const log: string[] = [];
      client.on('ipc:status', (status) => states.push(status));
      for (const type of ['connect', 'disconnect', 'ipc:reconnect', 'ipc:retry', 'destroy'] as const) {
        client.on(type, () => log.push(type));
      }
      const accepted = once(server, 'connect');
      await client.ready();
      await accepted;
      expect(client.connected).toBeTrue();
      const back = once(client, 'ipc:reconnect');
      server.sockets[0]?.destroy();
      await back;
      await client.close();
      expect(states).toEqual([
        CONNECTED,
        READY,
        DISCONNECTED,
        RECONNECTING,
        CONNECTED,
        READY,
        DISCONNECTED,
        IDLE,
      ]);
      expect(log).toEqual([
        'connect',
        'disconnect',
        'ipc:retry',
        'connect',
        'ipc:reconnect',
        'disconnect',
        'destroy',
      ]);
      expect(client.connected).toBeFalse();
      expect(client.explicitlyDisconnected).toBeTrue();
    });
  }

  it('has a socket from the beginning, as in node-ipc, and later always the current one', async () => {
    const { server, client } = await pair();
    const first = client.socket as Socket;
    expect(first.destroyed).toBeFalse();
    const back = once(client, 'ipc:reconnect');
    server.sockets[0]?.destroy();
    await back;
    expect(client.socket).not.toBe(first);
    expect((client.socket as Socket).destroyed).toBeFalse();
  });

  it('can start again after it ended', async () => {
    const { server, client } = await pair();
    const left = once(server, 'disconnect');
    await client.close();
    await left;
    const arrived = once(server, 'message');
    expect(client.connect()).toBe(client);
    expect(client.status).toBe(CONNECTING);
    expect(client.connect()).toBe(client);
    client.emit('message', 'again');
    await client.ready();
    expect((await arrived)[0]).toBe('again');
    expect(server.sockets.length).toBe(1);
  });

  it('forgets an earlier disconnect when it starts again', async () => {
    const server = await local.serve();
    const ipc = freshIPC();
    const client = await ipc.connectTo('world', server.path).ready();
    const gone = once(server, 'disconnect');
    client.disconnect();
    await Promise.all([once(client, 'destroy'), gone]);
    await client.connect().ready();
    expect(client.explicitlyDisconnected).toBeFalse();
    const back = once(client, 'ipc:reconnect');
    const [socket] = server.sockets;
    (socket ?? (await once<[typeof socket]>(server, 'connect'))[0])?.destroy();
    await back;
    expect(client.connected).toBeTrue();
  });
});

describe('unref()', () => {
  it('lets the process end: with a connection, without one, and while the client connects', async () => {
    // Compared within one turn, in which no socket of another spec closes.
    const handles = () =>
      process.getActiveResourcesInfo().filter((name) => /^(PipeWrap|Timeout)$/.test(name)).length;
    const expectFree = (what: string) => {
      const free = handles();
      client.ref();
      expect(handles())
        .withContext(what)
        .toBe(free + 1);
      client.unref();
      expect(handles()).withContext(what).toBe(free);
    };
    const server = await local.serve();
    const client = await join(local, server, { retry: 60_000 });
    client.unref();
    expectFree('with a connection');
    const retrying = once(client, 'ipc:retry');
    await server.stop();
    await retrying;
    expectFree('while it waits for the next attempt');
    await server.start();
    client.disconnect();
    client.connect();
    expectFree('while it connects');
    await client.ready();
    expectFree('with another connection');
  });
});

describe('ready()', () => {
  it('resolves with the client when it is connected, at once if it is', async () => {
    const server = await local.serve();
    const client = local.connect(server);
    const connected = jasmine.createSpy();
    client.on('connect', connected);
    expect(await client.ready()).toBe(client);
    expect(client.connected).toBeTrue();
    expect(await client.ready()).toBe(client);
    expect(connected).toHaveBeenCalledTimes(1);
  });

  it('waits through retries', async () => {
    const path = freshPath();
    const client = freshIPC().connectTo('world', path);
    const ready = client.ready();
    await heard(client, 'ipc:retry', 2);
    const server = await freshIPC().serve(path).start();
    expect(await ready).toBe(client);
    await server.stop();
  });

  it('rejects with the reason when the client gives up, then and later', async () => {
    const client = freshIPC({ maxRetries: 1 }).connectTo('nobody', freshPath());
    const first = await failure(client.ready());
    expect(first).toEqual(ipcError('ERR_IPC_CONNECT', /no (socket|pipe) is there; start the server/));
    expect(first.cause).toEqual(jasmine.objectContaining({ code: 'ENOENT' }));
    expect(await failure(client.ready())).toBe(first);
  });

  it('rejects when the client is closed, then and later', async () => {
    const client = freshIPC().connectTo('nobody', freshPath());
    const ready = client.ready();
    client.destroy();
    await expectAsync(ready).toBeRejectedWith(ipcError('ERR_IPC_CLOSED', 'nobody is closed'));
    await expectAsync(client.ready()).toBeRejectedWith(ipcError('ERR_IPC_CLOSED'));
  });

  it('reports the close even if something failed long before', async () => {
    const path = freshPath();
    const client = freshIPC().connectTo('world', path);
    await once(client, 'error');
    await freshIPC().serve(path).start();
    await client.ready();
    await client.close();
    await expectAsync(client.ready()).toBeRejectedWith(ipcError('ERR_IPC_CLOSED'));
  });

  it('may be ignored', async () => {
    await jasmine.spyOnGlobalErrorsAsync(async (errors) => {
      const client = freshIPC({ maxRetries: 0 }).connectTo('nobody', freshPath());
      client.ready();
      await once(client, 'destroy');
      client.ready();
      await new Promise(setImmediate);
      expect(errors).not.toHaveBeenCalled();
    });
  });
});

describe('A client that cannot connect', () => {
  it('reports each attempt: where it dialled, why it failed, what to do', async () => {
    const path = freshPath();
    const client = freshIPC().connectTo('nobody', path);
    for (const error of await heard(client, 'error', 3)) {
      expect(error).toEqual(ipcError('ERR_IPC_CONNECT', /Cannot connect to .*ENOENT.*start the server/));
    }
  });

  it('announces each attempt: its number, its time, its reason and how many are left', async () => {
    const client = freshIPC({ maxRetries: 2, retry: 7 }).connectTo('nobody', freshPath());
    const retries: unknown[][] = [];
    client.on('ipc:retry', (...args) => retries.push(args));
    await once(client, 'destroy');
    const error = ipcError('ERR_IPC_CONNECT');
    expect(retries).toEqual([
      [1, 7, { error, remaining: 1 }],
      [2, 7, { error, remaining: 0 }],
    ]);
  });

  it('counts from one again after a connection', async () => {
    const { server, client } = await pair();
    const retries: number[] = [];
    client.on('ipc:retry', (attempt) => retries.push(attempt));
    for (let i = 0; i < 2; i++) {
      const [back, accepted] = [once(client, 'ipc:reconnect'), once(server, 'connect')];
      server.sockets[0]?.destroy();
      await Promise.all([back, accepted]);
    }
    expect(retries).toEqual([1, 1]);
  });

  it('waits a random time if retry has two bounds', async () => {
    const client = freshIPC({ retry: { min: 2, max: 6 } }).connectTo('nobody', freshPath());
    const delays: number[] = [];
    client.on('ipc:retry', (_attempt, delay) => delays.push(delay));
    await heard(client, 'ipc:retry', 20);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(2);
    expect(Math.max(...delays)).toBeLessThanOrEqual(6);
    expect(new Set(delays).size).toBeGreaterThan(1);
  });

  it('does not report a fault that did not end the connection', async () => {
    const bare = await new BareServer().listen();
    const client = freshIPC().connectTo('bare', bare.path);
    const peer = await bare.peer();
    const reported = once(client, 'error');
    peer.write('no json\f');
    expect((await reported)[0]).toEqual(ipcError('ERR_IPC_DECODE'));
    const retry = once<[number, number, { error?: Error }]>(client, 'ipc:retry');
    peer.socket.destroy();
    expect((await retry)[2].error).toBeUndefined();
  });

  it('gives up at once on an address that can never work', async () => {
    const client = freshIPC().connectTo('long', `/tmp/${'x'.repeat(300)}`);
    const events: string[] = [];
    client.on('error', () => events.push('error'));
    client.on('ipc:retry', () => events.push('retry'));
    client.on('disconnect', () => events.push('disconnect'));
    client.on('destroy', () => events.push('destroy'));
    await expectAsync(client.ready()).toBeRejectedWith(ipcError('ERR_IPC_ADDRESS', 'this system allows'));
    expect(events).toEqual(['error', 'disconnect', 'destroy']);
  });

  it('gives up at once on invalid keys', async () => {
    const client = freshIPC({ tls: { key: '-----NO KEY-----', cert: '-----NONE-----' } }).connectToNet(
      'world',
      '127.0.0.1',
      9,
    );
    const error = await failure(client.ready());
    expect(error).toEqual(ipcError('ERR_IPC_CONFIG', 'config.tls cannot be used'));
    expect(error.cause).toBeInstanceOf(Error);
  });

  it('gives up at once on an invalid interface', async () => {
    const ipc = freshIPC({ interfaces: { localAddress: 'no address' } });
    const error = await failure(ipc.connectToNet('world', '127.0.0.1', 9).ready());
    expect(error).toEqual(ipcError('ERR_IPC_CONFIG', "localAddress is 'no address'"));
  });

  it('gives up at once on options that Node itself refuses', async () => {
    const lookup = 'no function';
    const error = await failure(
      freshIPC({ interfaces: { lookup } }).connectToNet('world', 'localhost', 9).ready(),
    );
    expect(error).toEqual(ipcError('ERR_IPC_CONFIG', /world cannot connect: .*lookup/));
    expect(error.cause).toBeInstanceOf(TypeError);
  });

  it('does not report such options once the client has ended', async () => {
    const interfaces = { lookup: 'no function' };
    const client = freshIPC({ interfaces }).connectToNet('world', 'localhost', 9);
    const reported = jasmine.createSpy();
    client.on('error', reported);
    client.disconnect();
    await new Promise((resolve) => setImmediate(resolve));
    expect(reported).not.toHaveBeenCalled();
  });

  it('ends once if it is closed before the failure is known', async () => {
    const client = freshIPC().connectTo('long', `/tmp/${'x'.repeat(300)}`);
    const events: string[] = [];
    for (const type of ['error', 'disconnect', 'destroy'] as const) client.on(type, () => events.push(type));
    await client.close();
    await new Promise(setImmediate);
    expect(events).toEqual(['destroy']);
    expect(client.status).toBe(IDLE);
  });
});

describe('A message emitted without a connection', () => {
  for (const over of streams) {
    it(`is held and sent in order after reconnecting, over ${over.name}`, async () => {
      const { server, client } = await pair({ over });
      const away = once(client, 'disconnect');
      await server.stop();
      await away;
      for (let i = 0; i < 100; i++) expect(client.emit('message', i)).toBeTrue();
      const arrived = heard<number>(server, 'message', 102);
      client.on('ipc:status', (status) => {
        if (status === READY) client.emit('message', 'in status');
      });
      client.on('connect', () => client.emit('message', 'in connect'));
      await server.start();
      expect(await arrived).toEqual([...Array(100).keys(), 'in status', 'in connect'] as number[]);
    });
  }

  it('is also held before the first connection, as it was when it was emitted', async () => {
    const path = freshPath();
    const client = freshIPC().connectTo('world', path);
    const payload = { n: 1 };
    client.emit('message', payload);
    payload.n = 2;
    client.emit('message', payload);
    const server = freshIPC().serve(path);
    const arrived = heard(server, 'message', 2);
    await server.start();
    expect(await arrived).toEqual([{ n: 1 }, { n: 2 }]);
  });

  it('is held until the welcome if there is a hello, as it was when it was emitted', async () => {
    const path = freshPath();
    const client = freshIPC({ credentials: 1 }).connectTo('world', path);
    const payload = { n: 1 };
    client.emit('message', payload);
    payload.n = 2;
    const server = freshIPC({ authorize: () => true }).serve(path);
    const arrived = once(server, 'message');
    await server.start();
    expect((await arrived)[0]).toEqual({ n: 1 });
  });

  it('is refused past maxPendingBytes: emit returns false and `error` says so', async () => {
    const client = freshIPC({ maxPendingBytes: 1000 }).connectTo('nobody', freshPath());
    const errors: unknown[] = [];
    client.on('error', (error) => errors.push(error));
    expect(client.emit('message', 'x'.repeat(900))).toBeTrue();
    expect(client.emit('message', 'x'.repeat(900))).toBeFalse();
    expect(errors).toEqual([
      ipcError(
        'ERR_IPC_BACKPRESSURE',
        'nobody is not connected, and the queue is full (config.maxPendingBytes)',
      ),
    ]);
    expect(client.emit('message', 'y')).toBeTrue();
  });

  it('is refused once the client was destroyed, although an attempt to connect is under way', () => {
    const client = freshIPC().connectTo('nobody', freshPath());
    client.destroy();
    expect(client.emit('message', 1)).toBeFalse();
  });

  it('is refused with the limit if a packet alone exceeds it', () => {
    const client = freshIPC({ maxPendingBytes: 1000 }).connectTo('nobody', freshPath());
    const errors: unknown[] = [];
    client.on('error', (error) => errors.push(error));
    client.emit('message', 1);
    expect(client.emit('message', 'x'.repeat(1000))).toBeFalse();
    expect(errors).toEqual([
      ipcError('ERR_IPC_TOO_LARGE', 'is longer than config.maxPendingBytes (1000 bytes)'),
    ]);
  });

  it('is refused with the reason why packets wait', async () => {
    const server = await local.serve();
    const client = await join(local, server, { sync: true, maxPendingBytes: 1000 });
    const errors: unknown[] = [];
    client.on('error', (error) => errors.push(error));
    client.emit('message', 1);
    client.emit('message', 'x'.repeat(900));
    expect(client.emit('message', 'x'.repeat(900))).toBeFalse();
    expect(errors).toEqual([
      ipcError(
        'ERR_IPC_BACKPRESSURE',
        /^world has sent nothing since .* \(config\.sync\), and the queue is full/,
      ),
    ]);
  });

  it('is reported when the client gives up', async () => {
    const client = freshIPC({ maxRetries: 1 }).connectTo('nobody', freshPath());
    client.emit('message', 1);
    client.emit('message', 2);
    const errors: { code: string }[] = [];
    client.on('error', (error) => errors.push(error));
    await once(client, 'destroy');
    expect(errors.at(-1) as unknown).toEqual(
      ipcError('ERR_IPC_UNSENT', 'nobody ended with 2 unsent packets'),
    );
  });

  it('is passed to the client that replaces it, except requests', async () => {
    const path = freshPath();
    const ipc = freshIPC({ retry: 60_000 });
    const first = ipc.connectTo('world', path);
    await once(first, 'ipc:retry');
    first.emit('message', 'held');
    const asked = first.request('question', 'old');
    const server = freshIPC().serve(path);
    server.handle('question', (data) => `answer to ${data}`);
    const arrived = once(server, 'message');
    await server.start();
    ipc.config.retry = 5;
    const second = ipc.connectTo('world', path);
    expect(second).not.toBe(first);
    expect(await second.request('question', 'new')).toBe('answer to new');
    expect((await arrived)[0]).toBe('held');
    await expectAsync(asked).toBeRejectedWith(ipcError('ERR_IPC_CLOSED'));
  });
});

describe('Closing a client', () => {
  for (const over of streams) {
    it(`first sends what was emitted, over ${over.name}`, async () => {
      const { server, client } = await pair({ over });
      const arrived = heard<string>(server, 'message', 2);
      const left = once(server, 'disconnect');
      client.emit('message', 'x'.repeat(2_000_000));
      client.emit('message', 'y');
      await client.close();
      expect((await arrived).map((text) => text.length)).toEqual([2_000_000, 1]);
      await left;
    });

    it(`sends the reason to the server, over ${over.name}`, async () => {
      const { server, client } = await pair({ over });
      const left = once(server, 'disconnect');
      await client.close({ why: 'done' });
      expect((await left)[1]).toEqual({ reason: { why: 'done' }, reconnect: false });
    });
  }

  it('waits for open requests, both ways', async () => {
    const { server, client } = await pair();
    let answer: (() => void) | undefined;
    server.handle('slow', async (_data, socket) => {
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      return server.request(socket, 'back');
    });
    client.handle('back', () => 'and forth');
    const asked = client.request('slow');
    await client.ping();
    const closed = client.close();
    answer?.();
    expect(await asked).toBe('and forth');
    await closed;
    expect(client.status).toBe(IDLE);
  });

  it('does not wait for a handler that never answers longer than the server does', async () => {
    const { server, client } = await pair({ client: { requestTimeout: 20 } });
    const begun = new Promise<void>((resolve) => {
      client.handle('never', () => {
        resolve();
        return new Promise(() => {});
      });
    });
    const asked = server.request(server.sockets[0] as Socket, 'never', 1, { timeout: 0 });
    await begun;
    await client.close();
    await expectAsync(asked).toBeRejectedWith(ipcError('ERR_IPC_DISCONNECTED'));
  });

  it('waits for requests made before the connection was up', async () => {
    const server = await local.serve();
    server.handle('slow', async () => {
      await new Promise(setImmediate);
      return 'answer';
    });
    const client = local.connect(server);
    const asked = client.request('slow');
    const closed = client.close();
    expect(await asked).toBe('answer');
    await closed;
  });

  it('sends what was emitted before the connection was up', async () => {
    const server = await local.serve();
    const arrived = heard(server, 'message', 2);
    const client = local.connect(server);
    client.emit('message', 1);
    client.emit('message', 2);
    client.disconnect();
    expect(await arrived).toEqual([1, 2]);
    await once(server, 'disconnect');
  });

  it('aborts a connection attempt at once if there is nothing to send', async () => {
    const server = await local.serve();
    const client = local.connect(server);
    const connected = jasmine.createSpy();
    client.on('connect', connected);
    const ready = client.ready();
    await client.close();
    await expectAsync(ready).toBeRejectedWith(ipcError('ERR_IPC_CLOSED'));
    expect(connected).not.toHaveBeenCalled();
  });

  it('ends a client that waits for its welcome', async () => {
    const bare = await new BareServer().listen();
    const client = freshIPC({ credentials: 1 }).connectTo('bare', bare.path);
    const peer = await bare.peer();
    await peer.receive(1);
    await client.close();
    await peer.ended();
    expect(client.status).toBe(IDLE);
  });

  it('waits for the welcome first if messages are held', async () => {
    const server = await local.serve({ authorize: () => true });
    const arrived = once(server, 'message');
    const client = local.connect(server, { credentials: 1 });
    client.emit('message', 'held');
    await client.close();
    expect((await arrived)[0]).toBe('held');
  });

  it('ends a client that waits for its next attempt, and reports what it still held', async () => {
    const client = freshIPC({ retry: 60_000 }).connectTo('nobody', freshPath());
    await once(client, 'ipc:retry');
    client.emit('message');
    const reported = once(client, 'error');
    await client.close();
    expect((await reported)[0]).toEqual(ipcError('ERR_IPC_UNSENT'));
  });

  it('with disconnect() rejects open requests at once', async () => {
    const { server, client } = await pair();
    server.handle('never', () => new Promise(() => {}));
    const asked = client.request('never');
    client.disconnect();
    await expectAsync(asked).toBeRejectedWith(ipcError('ERR_IPC_CLOSED', 'world is closed'));
    await once(client, 'destroy');
  });

  it('with disconnect() overrides a pending close()', async () => {
    const { server, client } = await pair();
    server.handle('never', () => new Promise(() => {}));
    const asked = client.request('never', undefined, { timeout: 0 });
    const closed = client.close();
    client.disconnect();
    await closed;
    await expectAsync(asked).toBeRejectedWith(ipcError('ERR_IPC_CLOSED'));
  });

  it('with destroy() drops the connection, and what was held, at once', async () => {
    const { server, client } = await pair();
    server.handle('never', () => new Promise(() => {}));
    const asked = client.request('never');
    const errors = jasmine.createSpy();
    client.on('error', errors);
    const over = once(client, 'destroy');
    client.emit('message', 'x'.repeat(10_000_000));
    client.destroy();
    await expectAsync(asked).toBeRejectedWith(ipcError('ERR_IPC_CLOSED'));
    await over;
    client.destroy();
    expect(client.status).toBe(IDLE);
    expect(errors).not.toHaveBeenCalled();
  });

  it('with destroy() ends dialling and waiting too', async () => {
    const dialling = local.connect(await local.serve());
    dialling.emit('message', 'lost');
    const over = once(dialling, 'destroy');
    dialling.destroy();
    await over;
    const waiting = freshIPC({ retry: 60_000 }).connectTo('nobody', freshPath());
    await once(waiting, 'ipc:retry');
    const gone = once(waiting, 'destroy');
    waiting.destroy();
    await gone;
    expect([dialling.status, waiting.status]).toEqual([IDLE, IDLE]);
  });

  it('is final: later messages are refused, which only the return value shows, as with node-ipc', async () => {
    const { client } = await pair();
    const closed = client.close();
    const errors: unknown[] = [];
    client.on('error', (error) => errors.push(error));
    expect(client.emit('message')).toBeFalse();
    await closed;
    expect(client.emit('message')).toBeFalse();
    expect(errors).toEqual([]);
    await client.close();
    expect(client.status).toBe(IDLE);
  });

  it('ends even if the server never closes its side', async () => {
    const bare = await new BareServer({ allowHalfOpen: true, tcp: true }).listen();
    const client = await freshIPC().connectToNet('bare', bare.path, bare.port).ready();
    const peer = await bare.peer();
    client.emit('message', 1);
    client.disconnect();
    await peer.ended();
    expect(peer.packets).toEqual([{ type: 'message', data: 1 }]);
    // It waits for the server's end, for some seconds, so that nothing on its way is lost.
    peer.emit('last', 'word');
    expect((await once(client, 'last'))[0]).toBe('word');
    client.destroy();
    await once(client, 'destroy');
  });

  it('is possible in every handler', async () => {
    for (const type of ['ipc:status', 'connect', 'disconnect', 'ipc:retry', 'error'] as const) {
      for (const how of ['close', 'disconnect', 'destroy'] as const) {
        const server = await local.serve();
        const client = local.connect(server);
        const log: string[] = [];
        client.on('destroy', () => log.push('destroy'));
        const over = once(client, 'destroy');
        if (type === 'ipc:status' || type === 'connect') client.on(type, () => void client[how]());
        else {
          await client.ready();
          client.on(type, () => void client[how]());
          await server.stop();
        }
        await over;
        await new Promise(setImmediate);
        expect(client.status).withContext(`${how} in ${type}`).toBe(IDLE);
        expect(log).withContext(`${how} in ${type}`).toEqual(['destroy']);
      }
    }
  });

  it('within a status handler is final, whatever the status', async () => {
    for (const wanted of [CONNECTED, READY, DISCONNECTED, RECONNECTING]) {
      const server = await local.serve();
      const client = local.connect(server);
      const connected = jasmine.createSpy();
      client.on('ipc:status', (status) => {
        if (status === wanted) client.destroy();
      });
      if (wanted === CONNECTED) client.on('connect', connected);
      const over = once(client, 'destroy');
      if (wanted !== CONNECTED && wanted !== READY) {
        await client.ready();
        await server.stop();
      }
      await over;
      await new Promise(setImmediate);
      expect(client.status).withContext(`${wanted}`).toBe(IDLE);
      expect(connected).not.toHaveBeenCalled();
    }
  });
});

describe('A server that sends bye', () => {
  it('has its reason in the retry, and in the rejection of ready() when the client gives up', async () => {
    const server = await local.serve({
      authorize: () => {
        throw new Error('secret');
      },
    });
    const client = freshIPC({ credentials: 1, retry: 1, maxRetries: 1 }).connectTo('world', server.path);
    const retried = once(client, 'ipc:retry');
    const ended = ipcError(
      'ERR_IPC_DISCONNECTED',
      'The server ended the connection of world: the server could not decide; try again later.',
    );
    await expectAsync(client.ready()).toBeRejectedWith(ended);
    expect((await retried)[2]).toEqual({ error: ended as never, remaining: 0 });
  });

  it('gives the client the reason, and lets it reconnect', async () => {
    const { server, client } = await pair();
    const left = once(client, 'disconnect');
    const back = once(client, 'ipc:reconnect');
    server.close(server.sockets[0] as never, 'lunch', true);
    expect(await left).toEqual([{ reason: 'lunch', reconnect: true }]);
    await back;
    expect(client.connected).toBeTrue();
  });

  it('tells the client not to reconnect', async () => {
    const { server, client } = await pair();
    const left = once(client, 'disconnect');
    const over = once(client, 'destroy');
    server.close(server.sockets[0] as never, 'banned');
    expect(await left).toEqual([{ reason: 'banned', reconnect: false }]);
    await over;
    await expectAsync(client.ready()).toBeRejectedWith(ipcError('ERR_IPC_DISCONNECTED'));
  });
});

describe('A connection whose server does not respond', () => {
  beforeEach(steadyTime);

  async function through(settings: Settings = {}) {
    const server = await local.serve({ handshakeTimeout: 60_000 });
    server.handle('double', (n: number) => n * 2);
    const cutter = await new Cutter(server).listen();
    const client = freshIPC({ handshakeTimeout: 100, ...settings }).connectTo('world', cutter.path);
    await client.ready();
    await cutter.taken(1);
    return { cutter, client };
  }

  /** Has the client connect again, to nobody. */
  async function desert(cutter: Cutter, client: Client): Promise<void> {
    cutter.silent = true;
    const { connections } = cutter;
    const again = once(client, 'connect');
    cutter.cut();
    await again;
    await cutter.taken(connections + 1);
  }

  it('is dropped by a client if the server has answered before', async () => {
    const { cutter, client } = await through();
    expect(await client.request('double', 4)).toBe(8);
    await desert(cutter, client);
    const error = once(client, 'error');
    const again = once(client, 'connect');
    const lost = failure(client.request('double', 1));
    cutter.silent = false;
    expect(await error).toEqual([ipcError('ERR_IPC_HANDSHAKE', '100 ms')]);
    expect(await lost).toEqual(ipcError('ERR_IPC_DISCONNECTED'));
    await again;
    expect(await client.request('double', 21)).toBe(42);
    expect(cutter.connections).toBe(3);
  });

  it('is dropped by a client whose first request was not answered', async () => {
    const { cutter, client } = await through();
    await desert(cutter, client);
    const error = once(client, 'error');
    const again = once(client, 'connect');
    expect(await failure(client.request('double', 1, { timeout: 20 }))).toEqual(ipcError('ERR_IPC_TIMEOUT'));
    cutter.silent = false;
    expect(await error).toEqual([ipcError('ERR_IPC_HANDSHAKE', '100 ms')]);
    await again;
    expect(await client.request('double', 21)).toBe(42);
    expect(cutter.connections).toBe(3);
  });

  it('is dropped only once if the next one answers no request, either', async () => {
    const { cutter, client } = await through();
    await desert(cutter, client);
    const error = once(client, 'error');
    const again = once(client, 'connect');
    expect(await failure(client.request('double', 1, { timeout: 20 }))).toEqual(ipcError('ERR_IPC_TIMEOUT'));
    expect(await error).toEqual([ipcError('ERR_IPC_HANDSHAKE')]);
    await again;
    expect(await failure(client.request('double', 2, { timeout: 20 }))).toEqual(ipcError('ERR_IPC_TIMEOUT'));
    expect(await failure(client.request('double', 3, { timeout: 300 }))).toEqual(ipcError('ERR_IPC_TIMEOUT'));
    expect(cutter.connections).toBe(3);
  });

  it('is kept if only the first packet takes longer', async () => {
    const { cutter, client } = await through();
    expect(await client.request('double', 4)).toBe(8);
    await desert(cutter, client);
    cutter.write('{"type":"long","data":"');
    expect(await failure(client.request('double', 1, { timeout: 200 }))).toEqual(ipcError('ERR_IPC_TIMEOUT'));
    const long = once(client, 'long');
    cutter.write('a"}\f');
    expect((await long)[0]).toBe('a');
    expect(cutter.connections).toBe(2);
  });

  it('is kept if the client was too busy to read the answer', async () => {
    resumeTime();
    const { cutter, client } = await through({ handshakeTimeout: 400 });
    expect(await client.request('double', 4)).toBe(8);
    const connected = once(client, 'connect');
    cutter.cut();
    await connected;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
    expect(await client.request('double', 21)).toBe(42);
    expect(cutter.connections).toBe(2);
  });

  it('is also dropped by a client that waits for a welcome', async () => {
    const { cutter, client } = await through({ codec: 'msgpack' });
    cutter.silent = true;
    const error = once(client, 'error');
    cutter.cut();
    expect(await error).toEqual([ipcError('ERR_IPC_HANDSHAKE', '100 ms')]);
    cutter.silent = false;
    await client.ready();
    expect(await client.request('double', 21)).toBe(42);
  });

  it('is kept if the server may be one of node-ipc, and while the client is paused', async () => {
    const { cutter, client } = await through();
    await desert(cutter, client);
    client.emit('hello');
    cutter.silent = false;
    const again = once(client, 'connect');
    cutter.cut();
    await again;
    expect(await client.request('double', 4)).toBe(8);
    // A Windows pipe that is not read does not tell of its end.
    if (process.platform === 'win32') return;
    client.pause();
    await desert(cutter, client);
    const { connections } = cutter;
    expect(await failure(client.request('double', 1, { timeout: 200 }))).toEqual(ipcError('ERR_IPC_TIMEOUT'));
    expect(cutter.connections).toBe(connections);
  });
});

describe('A pause', () => {
  it('of a client stops reading and delivering until it resumes, also on the next connection', async () => {
    const server = await local.serve();
    const cutter = await new Cutter(server).listen();
    const accepted = once(server, 'connect');
    const client = await freshIPC().connectTo('world', cutter.path).ready();
    await accepted;
    const got: number[] = [];
    client.on('message', (data) => {
      got.push(data);
      if (data === 2) client.pause();
    });
    for (const n of [1, 2, 3, 4]) server.broadcast('message', n);
    await heard(client, 'message', 2);
    expect(got).toEqual([1, 2]);
    client.resume();
    expect(got).toEqual([1, 2, 3, 4]);

    client.pause();
    const back = once(client, 'ipc:reconnect');
    const again = once(server, 'connect');
    client.resume();
    client.on('disconnect', () => client.pause());
    cutter.cut();
    await Promise.all([back, again]);
    server.broadcast('message', 5);
    await (await pair()).client.ping();
    expect(got).toEqual([1, 2, 3, 4]);
    const fifth = once(client, 'message');
    client.resume();
    expect((await fifth)[0]).toBe(5);
  });
});

describe('The hello', () => {
  it('is answered although the client is paused', async () => {
    const server = await local.serve({ authorize: () => true });
    const client = local.connect(server, { credentials: 1 });
    client.pause();
    await client.ready();
    const got = jasmine.createSpy();
    client.on('message', got);
    const sent = once(client, 'message');
    server.broadcast('message', 1);
    await (await pair()).client.ping();
    expect(got).not.toHaveBeenCalled();
    client.resume();
    expect((await sent)[0]).toBe(1);
  });

  it('is sent only by a client that needs it', async () => {
    const bare = await new BareServer().listen();
    const client = freshIPC().connectTo('bare', bare.path);
    client.emit('message', 1);
    const peer = await bare.peer();
    expect(await peer.receive(1)).toEqual([{ type: 'message', data: 1 }]);
  });

  it('contains the credentials, and comes before anything else', async () => {
    const bare = await new BareServer().listen();
    const client = freshIPC({ credentials: { key: 'k' } }).connectTo('bare', bare.path);
    client.emit('message', 1);
    const peer = await bare.peer();
    const [hello] = await peer.receive(1);
    expect(hello).toEqual({
      type: 'ipc:hello',
      data: { session: jasmine.any(String), credentials: { key: 'k' } },
    });
    expect(client.connected).toBeFalse();
    peer.emit('ipc:welcome', { id: 'x' });
    expect((await peer.receive(2))[1]).toEqual({ type: 'message', data: 1 });
    expect(client.connected).toBeTrue();
  });

  it('makes events of the server that precede the welcome wait for `connect`', async () => {
    const bare = await new BareServer().listen();
    const client = freshIPC({ credentials: 1 }).connectTo('bare', bare.path);
    const log: unknown[] = [];
    client.on('connect', () => log.push('connect'));
    client.on('early', (data) => log.push(data));
    const peer = await bare.peer();
    peer.emit('early', 1).emit('early', 2).emit('ipc:welcome', { id: 'x' }).emit('early', 3);
    await heard(client, 'early', 3);
    expect(log).toEqual(['connect', 1, 2, 3]);
  });

  it('ends the connection if the server welcomes it to another dialect when it already speaks the plain one', async () => {
    const bare = await new BareServer().listen();
    const client = freshIPC({ credentials: 1 }).connectTo('bare', bare.path);
    const peer = await bare.peer();
    await peer.receive(1);
    peer.emit('ipc:welcome', { id: 'x' });
    await client.ready();
    const left = once(client, 'disconnect');
    peer.emit('ipc:welcome', { id: 'x', codec: 'msgpack' });
    await left;
    await expectAsync(bare.peer(1)).toBeResolved();
  });

  it('does not make the client stop after a bye that is not a refusal', async () => {
    const bare = await new BareServer().listen();
    const client = freshIPC({ credentials: 1 }).connectTo('bare', bare.path);
    (await bare.peer()).emit('ipc:bye', { reason: 'later' }).socket.end();
    expect((await once(client, 'disconnect'))[0]).toEqual({ reason: 'later', reconnect: true });
    await expectAsync(bare.peer(1)).toBeResolved();
  });
});

describe('A TLS server that closes a connection without sending anything', () => {
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    it(`causes no report of a refusal if it had admitted the client, under ${version}`, async () => {
      const { ca, server: files } = freshCertificates();
      const versions = { minVersion: version, maxVersion: version };
      const server = await tls.serve({ tls: { private: files.key, public: files.cert, ...versions } });
      const client = await join(tls, server, {
        tls: { trustedConnections: ca, ...versions },
        maxRetries: 0,
      });
      const errors = jasmine.createSpy();
      client.on('error', errors);
      const over = once(client, 'destroy');
      await new Promise(setImmediate); // The server's tickets follow only now.
      await server.stop();
      await over;
      expect(errors).not.toHaveBeenCalled();
      await expectAsync(client.ready()).toBeRejectedWith(ipcError('ERR_IPC_DISCONNECTED'));
    });
  }
});

describe('Two connectTo with one id', () => {
  it('at once create one client', async () => {
    const server = await local.serve();
    const ipc = freshIPC();
    const first = ipc.connectTo('world', server.path);
    expect(ipc.connectTo('world', server.path)).toBe(first);
    await first.ready();
    await first.ping();
    expect(server.sockets.length).toBe(1);
  });

  it('during a pending retry replace the client, which never reconnects', async () => {
    const path = freshPath();
    const ipc = freshIPC();
    const first = ipc.connectTo('world', path);
    await once(first, 'ipc:retry');
    const second = ipc.connectTo('world', path);
    expect(first.explicitlyDisconnected).toBeTrue();
    const server = await freshIPC().serve(path).start();
    await second.ready();
    await second.ping();
    expect(server.sockets.length).toBe(1);
  });

  it('to different addresses drop what was held, and report it', async () => {
    const server = await local.serve();
    const ipc = freshIPC();
    const lines: string[] = [];
    ipc.config.silent = false;
    ipc.config.logger = (line) => lines.push(line);
    const first = ipc.connectTo('world', freshPath());
    await once(first, 'ipc:retry');
    first.emit('message', 'for the first place');
    const arrived = jasmine.createSpy();
    server.on('message', arrived);
    const second = await ipc.connectTo('world', server.path).ready();
    await second.ping();
    expect(arrived).not.toHaveBeenCalled();
    expect(lines).toContain(jasmine.stringMatching(/world ended with 1 unsent packet: /));
  });
});

describe('connectTo in a disconnect handler', () => {
  it('waits for config.retry, like the client that it replaces', async () => {
    const path = freshPath();
    const ipc = freshIPC({ retry: 60_000 });
    const first = ipc.connectTo('nobody', path);
    const again = new Promise<unknown>((resolve) => {
      first.on('disconnect', () => resolve(ipc.connectTo('nobody', path)));
    });
    const second = await again;
    expect(second).not.toBe(first);
    expect(ipc.of.nobody?.status).toBe(5);
    expect(ipc.of.nobody?.socket).toBeFalse();
  });

  it('does not change the number of attempts if stopRetrying is true', () => {
    const client = freshIPC({ stopRetrying: true, maxRetries: 3 }).connectTo('nobody', freshPath());
    expect(client.retriesRemaining).toBe(3);
  });
});
