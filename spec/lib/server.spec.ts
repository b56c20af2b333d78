import type { Socket } from 'node:net';
import type { Client } from '../../lib/client.js';
import type { StandardSchema } from '../../lib/schemas.js';
import type { Server } from '../../lib/server.js';
import { noStats } from '../../lib/stats.js';
import { steadyTime } from '../support/clock.js';
import { ipcError } from '../support/errors.js';
import { failure, heard, once } from '../support/events.js';
import { datagrams, freshIPC, join, local, pair, type Settings, streams } from '../support/instances.js';
import { BareServer, barePeer, type Peer } from '../support/peers.js';
import { freshPath } from '../support/places.js';

/** A server, a bare peer of it, and the server's own socket for that. */
async function withPeer(settings?: Settings): Promise<{ server: Server; peer: Peer; socket: Socket }> {
  const server = await local.serve(settings);
  const accepted = once<[Socket]>(server, 'connect');
  const peer = await barePeer(server);
  return { server, peer, socket: (await accepted)[0] };
}

/** So many clients of a server. */
async function crowd(server: Server, size: number): Promise<Client[]> {
  const clients: Client[] = [];
  for (let i = 0; i < size; i++) clients.push(await join(local, server));
  return clients;
}

describe('A server’s emit', () => {
  it('writes node-ipc’s frame to one client only', async () => {
    const { server, peer, socket } = await withPeer();
    const other = await barePeer(server);
    expect(server.emit(socket, 'message', { a: 1 })).toBeTrue();
    expect(server.emit(socket, 'nothing')).toBeTrue();
    await peer.receive(2);
    expect(peer.text).toBe('{"type":"message","data":{"a":1}}\f{"type":"nothing","data":{}}\f');
    expect(other.text).toBe('');
  });

  it('is reported if the client has disconnected', async () => {
    const { server, peer, socket } = await withPeer();
    const left = once(server, 'disconnect');
    peer.socket.destroy();
    await left;
    const reported = once(server, 'error');
    expect(server.emit(socket, 'message')).toBeFalse();
    expect(await reported).toEqual([ipcError('ERR_IPC_DISCONNECTED', 'message was not sent'), socket]);
    expect(server.emit(undefined as never, 'message')).toBeFalse();
  });

  it('throws for data that cannot be encoded', async () => {
    const { server, socket } = await withPeer();
    expect(() => server.emit(socket, 'message', 1n)).toThrow(ipcError('ERR_IPC_ENCODE'));
    expect(() => server.broadcast('message', 1n)).toThrow(ipcError('ERR_IPC_ENCODE'));
    expect(() => server.emit(socket, {} as never)).toThrow(ipcError('ERR_IPC_ARGUMENT'));
    expect(() => server.broadcast('ipc:bye')).toThrow(ipcError('ERR_IPC_ARGUMENT'));
  });
});

describe('A server’s onStart', () => {
  it('calls the handlers of start, as with node-ipc', async () => {
    const server = await local.serve();
    const started = once(server, 'start');
    server.onStart('socket');
    expect(await started).toEqual(['socket']);
  });
});

describe('A broadcast', () => {
  it('reaches all clients, encoded once', async () => {
    const server = await local.serve();
    const peers = [await barePeer(server), await barePeer(server), await barePeer(server)];
    for (const peer of peers) {
      peer.emit('ipc:ping', 0, { id: 1 });
      await peer.receive(1);
    }
    let encoded = 0;
    server.broadcast('message', { toJSON: () => ++encoded });
    for (const peer of peers) expect((await peer.receive(2))[1]).toEqual({ type: 'message', data: 1 });
    expect(encoded).toBe(1);
  });

  it('reaches nobody if no client is connected', async () => {
    const server = await local.serve();
    expect(server.broadcast('message', 1)).toBe(server);
  });
});

describe('A packet that a server receives', () => {
  const reserved = ['start', 'connect', 'disconnect', 'socket.disconnected', 'close', 'error'];

  for (const type of reserved) {
    it(`does not pass for its own ${type}`, async () => {
      const { server, peer, socket } = await withPeer();
      const handler = jasmine.createSpy();
      if (type !== 'error') server.on(type, handler);
      const reported = once(server, 'error');
      peer.emit(type, { fake: true });
      expect(await reported).toEqual([ipcError('ERR_IPC_RESERVED', `"${type}"`), socket]);
      expect(handler).not.toHaveBeenCalled();
    });
  }

  it('is reported at most a hundred times a minute for each client if it is refused', async () => {
    const { server, peer, socket } = await withPeer();
    const other = await barePeer(server);
    const reported: [code: string, socket: unknown][] = [];
    server.on('error', ({ code }, of) => reported.push([code, of]));
    const done = heard(server, 'last', 2);
    for (let i = 0; i < 100; i++) {
      peer.emit('error', i).emit('ipc:welcome', i).emit('ipc:subscribe', i).emit('ipc:publish', i);
    }
    peer.emit('last', 1);
    await once(server, 'last');
    other.emit('error', 1).emit('last', 2);
    await done;
    expect(reported.length).toBe(102);
    const [code, of] = reported[100] as [string, unknown];
    expect([code, of === socket]).toEqual(['ERR_IPC_PROTOCOL', true]);
    expect(reported[101]).toEqual(['ERR_IPC_RESERVED', server.sockets[1]]);
  });

  it('may have those names if config.allowReservedEvents is set', async () => {
    const { server, peer, socket } = await withPeer({ allowReservedEvents: true });
    for (const type of reserved) {
      const arrived = once(server, type);
      peer.emit(type, { fake: true });
      expect(await arrived).toEqual([{ fake: true }, socket]);
    }
  });

  it('is logged with its payload if config.logPayloads is set, and not otherwise', async () => {
    for (const logPayloads of [true, false]) {
      const lines: string[] = [];
      const { server, peer, socket } = await withPeer({
        logPayloads,
        silent: false,
        logger: (line) => lines.push(line),
      });
      const arrived = once(server, 'in');
      peer.emit('in', 'secret');
      await arrived;
      server.emit(socket, 'out', 'secret');
      server.broadcast('all', 'secret');
      await peer.receive(2);
      const seen = lines.filter((line) => line.includes('secret'));
      expect(seen).toEqual(
        logPayloads ? ['received in secret', 'sending out secret', 'broadcasting all secret'] : [],
      );
    }
  });

  it('is reported if only a client may receive it, and answered if it is a request', async () => {
    const { server, peer } = await withPeer();
    const reported = once(server, 'error');
    peer.emit('ipc:welcome', {}).emit('ipc:message', {}, { id: 4 });
    expect((await reported)[0]).toEqual(ipcError('ERR_IPC_PROTOCOL', 'ipc:welcome'));
    const [answer] = await peer.receive(1);
    expect(answer).toEqual({
      type: 'ipc:message',
      data: {},
      re: 4,
      error: jasmine.objectContaining({ code: 'ERR_IPC_PROTOCOL' }),
    });
  });

  it('is harmless if expected members are missing', async () => {
    const { server, peer } = await withPeer();
    const errors: unknown[] = [];
    server.on('error', (error) => errors.push(error));
    peer.write('{"type":"ipc:publish"}\f{"type":"ipc:publish","data":null}\f{"type":"ipc:bye"}\f');
    peer.write('{"type":"ipc:subscribe","data":7}\f{"type":"ipc:unsubscribe"}\f{"type":"ipc:hello"}\f');
    peer
      .emit('ipc:subscribe', [''], { id: 1 })
      .emit('x', 0, { re: 77 })
      .emit('y', 0, { re: 78, error: null });
    const [welcome, refused] = await peer.receive(2);
    expect(welcome?.type).toBe('ipc:welcome');
    expect(refused).toEqual(
      jasmine.objectContaining({ re: 1, error: jasmine.objectContaining({ code: 'ERR_IPC_ARGUMENT' }) }),
    );
    expect(errors).toEqual([
      ipcError('ERR_IPC_PROTOCOL', 'publish was ignored'),
      ipcError('ERR_IPC_PROTOCOL', 'publish was ignored'),
      ipcError('ERR_IPC_ARGUMENT'),
      ipcError('ERR_IPC_ARGUMENT'),
    ]);
    expect(server.sockets.length).toBe(1);
  });
});

describe('A server’s request', () => {
  it('to a client that is gone is rejected at once', async () => {
    const { server, peer, socket } = await withPeer();
    const left = once(server, 'disconnect');
    peer.socket.destroy();
    await left;
    const gone = ipcError('ERR_IPC_DISCONNECTED', 'The request question was not sent');
    await expectAsync(server.request(socket, 'question')).toBeRejectedWith(gone);
    await expectAsync(server.request(undefined as never, 'question')).toBeRejectedWith(gone);
  });

  it('is rejected when the client leaves', async () => {
    const { server, peer, socket } = await withPeer();
    const asked = server.request(socket, 'question');
    await peer.receive(1);
    peer.socket.destroy();
    await expectAsync(asked).toBeRejectedWith(ipcError('ERR_IPC_DISCONNECTED', 'the client was lost'));
  });

  it('times out, and can be aborted', async () => {
    const { server, peer, socket } = await withPeer({ requestTimeout: 10 });
    await expectAsync(server.request(socket, 'question')).toBeRejectedWith(ipcError('ERR_IPC_TIMEOUT'));
    const control = new AbortController();
    const asked = server.request(socket, 'question', 1, { signal: control.signal, timeout: 0 });
    await peer.receive(2);
    control.abort();
    await expectAsync(asked).toBeRejectedWith(ipcError('ERR_IPC_ABORTED'));
    expect(server.stats().openRequests).toBe(0);
  });

  it('does not crash the process if its rejection is not handled', async () => {
    const { server, peer, socket } = await withPeer();
    await jasmine.spyOnGlobalErrorsAsync(async (errors) => {
      server.request(socket, 'question');
      server.request(undefined as never, 'question');
      server.subscribe('', () => {});
      server.unsubscribe('>.>');
      server.survey('question');
      server.ping();
      await peer.receive(3);
      await server.stop({ timeout: 1 });
      await new Promise(setImmediate);
      expect(errors).not.toHaveBeenCalled();
    });
  });
});

describe('A survey', () => {
  it('asks all clients, and resolves with the answer and the socket of each', async () => {
    steadyTime();
    const server = await local.serve({ requestTimeout: 500 });
    const [good, bad] = (await crowd(server, 3)) as [Client, Client, Client];
    good.handle('question', (n: number) => n + 1);
    bad.handle('question', () => {
      throw new RangeError('no');
    });
    const silent = await barePeer(server);
    await silent.emit('ipc:ping', 0, { id: 1 }).receive(1);
    const results = await server.survey('question', 1);
    expect(results.map(({ socket }) => socket)).toEqual(server.sockets);
    expect(results.map((result) => (result.status === 'fulfilled' ? result.value : result.reason))).toEqual([
      2,
      jasmine.objectContaining({ name: 'RangeError', message: 'no' }),
      ipcError('ERR_IPC_NO_HANDLER'),
      ipcError('ERR_IPC_TIMEOUT'),
    ]);
  });

  it('of no clients has no results', async () => {
    const server = await local.serve();
    expect(await server.survey('question')).toEqual([]);
    expect(await server.ping()).toEqual([]);
  });

  it('may have a shorter timeout', async () => {
    const { server } = await withPeer();
    const [result] = await server.survey('question', 1, { timeout: 5 });
    expect(result?.status).toBe('rejected');
  });

  it('of pings reports the round-trip time of each client', async () => {
    const server = await local.serve();
    await crowd(server, 2);
    const results = await server.ping();
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
    for (const result of results) if (result.status === 'fulfilled') expect(result.value).toBeGreaterThan(0);
  });
});

describe('Topics of a server', () => {
  it('send nothing if there is no subscriber', async () => {
    const { server, peer } = await withPeer();
    server.publish('t', 1);
    peer.emit('ipc:subscribe', ['t'], { id: 1 });
    await peer.receive(1);
    server.publish('t', 2).publish('u', 3);
    peer.emit('ipc:ping', 0, { id: 2 });
    await peer.receive(3);
    expect(peer.packets).toEqual([
      { type: 'ipc:subscribe', data: { result: true }, re: 1 },
      { type: 'ipc:message', data: { topic: 't', data: 2 } },
      { type: 'ipc:ping', data: {}, re: 2 },
    ]);
  });

  it('send a message once to a client, however many of its patterns fit', async () => {
    const { server, peer } = await withPeer();
    peer.emit('ipc:subscribe', ['a.*', 'a.>', 'a.b', '>', 'a.b'], { id: 1 });
    await peer.receive(1);
    server.publish('a.b', 1);
    peer.emit('ipc:ping', 0, { id: 2 });
    const packets = await peer.receive(3);
    expect(packets.map(({ type }) => type)).toEqual(['ipc:subscribe', 'ipc:message', 'ipc:ping']);
  });

  it('encode a message once for all', async () => {
    const server = await local.serve();
    const clients = await crowd(server, 3);
    const got: unknown[] = [];
    for (const client of clients) await client.subscribe('t', (data) => got.push(data));
    let encoded = 0;
    server.publish('t', { toJSON: () => ++encoded });
    await Promise.all(clients.map((client) => client.ping()));
    expect(got).toEqual([1, 1, 1]);
  });

  it('call the server’s own handlers, until they unsubscribe', async () => {
    const { server, client } = await pair();
    const got: unknown[] = [];
    const handler = (data: unknown, topic: string) => got.push([topic, data]);
    await server.subscribe(['a', 'b.*'], handler);
    server.publish('a', 1);
    client.publish('b.x', 2);
    await client.ping();
    await server.unsubscribe('b.*', handler);
    server.publish('b.x', 3).publish('a', 4);
    await server.unsubscribe('a');
    server.publish('a', 5);
    expect(got).toEqual([
      ['a', 1],
      ['b.x', 2],
      ['a', 4],
    ]);
    await expectAsync(server.subscribe('', handler)).toBeRejectedWith(ipcError('ERR_IPC_ARGUMENT'));
    await expectAsync(server.unsubscribe('')).toBeRejectedWith(ipcError('ERR_IPC_ARGUMENT'));
    expect(() => server.publish('*')).toThrow(ipcError('ERR_IPC_ARGUMENT'));
  });

  it('forget a client that has left', async () => {
    const { server, client } = await pair();
    await client.subscribe('t', () => {});
    const left = once(server, 'disconnect');
    await client.close();
    await left;
    const sent = jasmine.createSpy('toJSON');
    server.publish('t', { toJSON: sent });
    expect(sent).not.toHaveBeenCalled();
  });

  it('let one connection have ten thousand subscriptions at a time', async () => {
    const { peer } = await withPeer();
    const names = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `t.${from + i}`);
    peer.emit('ipc:subscribe', names(0, 10_000), { id: 1 });
    peer.emit('ipc:subscribe', names(0, 10_000), { id: 2 });
    peer.emit('ipc:subscribe', ['one.more'], { id: 3 });
    peer.emit('ipc:unsubscribe', names(0, 2), { id: 4 });
    peer.emit('ipc:subscribe', ['one.more'], { id: 5 });
    const answers = await peer.receive(5);
    expect(answers.map(({ re, error }) => [re, (error as { code?: string })?.code])).toEqual([
      [1, undefined],
      [2, undefined],
      [3, 'ERR_IPC_TOO_LARGE'],
      [4, undefined],
      [5, undefined],
    ]);
  });
});

describe('A server', () => {
  it('has the log of its instance', () => {
    const lines: string[] = [];
    const ipc = freshIPC({ silent: false, logInColor: false, logger: (line) => lines.push(line) });
    const server = ipc.serve(freshPath());
    lines.length = 0;
    server.log('seen', 1);
    expect(lines).toEqual([jasmine.stringContaining('seen 1')]);
    expect(server.config.logInColor).toBeFalse();
  });
});

describe('Closing one client', () => {
  it('sends queued messages and the reason, and ends', async () => {
    const { server, peer, socket } = await withPeer();
    const left = once(server, 'disconnect');
    server.emit(socket, 'last', 'word');
    server.close(socket, 'bad manners');
    await peer.ended();
    expect(peer.packets).toEqual([
      { type: 'last', data: 'word' },
      { type: 'ipc:bye', data: { reason: 'bad manners', reconnect: false } },
    ]);
    await left;
  });

  it('sends nothing if there is no reason, as node-ipc does', async () => {
    const { server, peer, socket } = await withPeer();
    server.close(socket);
    await peer.ended();
    expect(peer.text).toBe('');
  });

  it('waits for its open requests', async () => {
    const { server, client } = await pair();
    const [socket] = server.sockets as [Socket];
    server.handle('slow', async () => {
      await new Promise(setImmediate);
      return 'answer';
    });
    const asked = client.request('slow');
    await client.ping();
    server.close(socket);
    expect(await asked).toBe('answer');
    await once(client, 'disconnect');
  });

  it('returns whether that client is connected, and logs it if not', async () => {
    const lines: string[] = [];
    const { server, socket } = await withPeer({ silent: false, logger: (line: string) => lines.push(line) });
    const { id } = (await server.clients())[0] as { id: string };
    const nobody = [{} as Socket, 'nobody\n', 5, `${id}0`, server.peer('nobody')];
    expect(nobody.map((client) => server.close(client, 'why'))).toEqual(nobody.map(() => false));
    expect(server.peer(`${id}0`).close()).toBeFalse();
    expect(lines.join(' ')).toContain("no connection to close: no client has 'nobody\\n' as its id");
    expect(lines.join(' ')).toContain('no connection to close: the client has disconnected');
    const left = once(server, 'disconnect');
    expect([server.close(id), server.close(socket)]).toEqual([true, false]);
    await left;
    expect([server.close(id), server.close(socket)]).toEqual([false, false]);
  });

  it('is refused over UDP, which has no connections', async () => {
    const server = await datagrams();
    const endpoint = { address: '127.0.0.1', port: 9 };
    for (const close of [() => server.close(endpoint), () => server.peer(endpoint).close()]) {
      expect(close).toThrow(ipcError('ERR_IPC_UNSUPPORTED'));
    }
  });

  it('leaves out a reason that cannot be encoded, and reports it', async () => {
    const { server, peer, socket } = await withPeer();
    const reported = once(server, 'error');
    server.close(socket, 1n, true);
    await peer.ended();
    expect((await reported)[0]).toEqual(ipcError('ERR_IPC_ENCODE'));
    expect(peer.packets).toEqual([{ type: 'ipc:bye', data: { reconnect: true } }]);
  });
});

describe('A request’s data', () => {
  /** As zod and the others make them: a number that is not negative, given as text. */
  function counted(later: boolean): StandardSchema<number> {
    const validate = (value: unknown) => {
      const result =
        typeof value === 'string' && Number(value) >= 0
          ? { value: Number(value) }
          : { issues: [{ message: 'not a count', path: ['n'] }] };
      return later ? Promise.resolve(result) : result;
    };
    return { '~standard': { version: 1, vendor: 'spec', validate } };
  }

  for (const later of [false, true]) {
    it(`is the output of its schema${later ? ', if that is asynchronous' : ''}`, async () => {
      const { server, client } = await pair();
      server.handle('double', { input: counted(later) }, (n) => 2 * n);
      client.handle('double', { input: counted(later) }, (n) => 2 * n);
      expect(await client.request('double', '4')).toBe(8);
      expect(await server.request(server.sockets[0] as Socket, 'double', '5')).toBe(10);
    });

    it(`is refused with the issues before the handler runs${later ? ', if the schema is asynchronous' : ''}`, async () => {
      const { server, client } = await pair();
      const handler = jasmine.createSpy();
      server.handle('double', { input: counted(later) }, handler);
      const error = await failure(client.request('double', '-4'));
      expect(error).toEqual(ipcError('ERR_IPC_INVALID_INPUT', 'not a count'));
      expect(error.issues).toEqual([{ message: 'not a count', path: ['n'] }]);
      expect(handler).not.toHaveBeenCalled();
    });
  }

  it('may go unchecked', async () => {
    const { server, client } = await pair();
    server.handle('double', {}, (n: number) => 2 * n);
    expect(await client.request('double', 4)).toBe(8);
  });

  it('is refused if the schema itself fails', async () => {
    const { server, client } = await pair();
    const input: StandardSchema = {
      '~standard': {
        version: 1,
        vendor: 'spec',
        validate: () => {
          throw new Error('broken schema');
        },
      },
    };
    server.handle('double', { input }, () => 1);
    expect((await failure(client.request('double', 4))).message).toContain('its schema threw broken schema');
  });

  it('cannot be checked by a value that is not a schema', async () => {
    const server = await local.serve();
    expect(() => server.handle('double', { input: {} as never }, () => 1)).toThrow(
      ipcError('ERR_IPC_ARGUMENT', 'Standard Schema'),
    );
    expect(() => server.handle('double', undefined as never)).toThrow(
      ipcError('ERR_IPC_ARGUMENT', 'needs a function'),
    );
  });
});

describe('Old peers and new ones', () => {
  it('use one server at the same time', async () => {
    const { server, peer } = await withPeer();
    const client = await join(local, server);
    server.on('message', (data, socket) => server.emit(socket, 'message', `${data} world!`));
    server.handle('question', () => 'answer');
    await client.subscribe('t', () => {});
    const answered = once(client, 'message');
    client.emit('message', 'new');
    peer.emit('message', 'old');
    expect((await answered)[0]).toBe('new world!');
    expect(await client.request('question')).toBe('answer');
    const announced = once(client, 'announcement');
    server.broadcast('announcement', 1);
    server.publish('t', 1);
    await announced;
    await peer.receive(2);
    expect(peer.text).toBe('{"type":"message","data":"old world!"}\f{"type":"announcement","data":1}\f');
  });

  it('exchange messages if new clients must say hello to an old server', async () => {
    const bare = await new BareServer().listen();
    const client = freshIPC({ codec: 'msgpack', handshakeTimeout: 10 }).connectTo('old', bare.path);
    client.emit('message', 'hello');
    const peer = await bare.peer();
    const packets = await peer.receive(2);
    expect(packets.map(({ type }) => type)).toEqual(['ipc:hello', 'message']);
    const arrived = once(client, 'message');
    peer.emit('message', 'plain');
    expect((await arrived)[0]).toBe('plain');
  });

  for (const over of streams) {
    it(`and those of another codec share one server, over ${over.name}`, async () => {
      const server = await over.serve();
      const plain = await join(over, server);
      const packed = await join(over, server, { codec: 'msgpack' });
      const small = await join(over, server, { codec: 'msgpack', compress: true });
      const clients = [plain, packed, small];
      server.on('message', (data, socket) => server.emit(socket, 'message', data));
      server.handle('double', (n: number) => 2 * n);
      for (const client of clients) {
        const echoed = once(client, 'message');
        client.emit('message', { text: 'x'.repeat(1000) });
        expect((await echoed)[0]).toEqual({ text: 'x'.repeat(1000) });
        expect(await client.request('double', 4)).toBe(8);
        expect(await client.request('double', 5, { retries: 1 })).toBe(10);
        await client.subscribe('t', () => {});
      }
      const all = Promise.all(clients.map((client) => once(client, 'announcement')));
      server.broadcast('announcement', [1, 2]);
      for (const [data] of await all) expect(data).toEqual([1, 2]);
      expect((await server.ping()).every(({ status }) => status === 'fulfilled')).toBeTrue();
    });
  }
});

describe('A server’s figures', () => {
  it('add up those of all connections, also past ones', async () => {
    const server = await local.serve();
    const before = server.stats();
    expect(before).toEqual({ ...noStats(), since: jasmine.any(Number) as never, connections: 0 });
    const peers = [await barePeer(server), await barePeer(server)];
    const all = heard(server, 'message', 2);
    for (const peer of peers) peer.emit('message', 1);
    await all;
    server.broadcast('message', 2);
    for (const peer of peers) await peer.receive(1);
    server.request(server.sockets[0] as Socket, 'question').catch(() => {});
    await peers[0]?.receive(2);
    const now = server.stats();
    expect([now.packetsIn, now.packetsOut, now.openRequests, now.connections]).toEqual([2, 3, 1, 2]);
    expect(now.bytesIn).toBe(2 * '{"type":"message","data":1}\f'.length);
    const left = heard(server, 'disconnect', 2);
    for (const { socket } of peers) socket.destroy();
    await left;
    const after = server.stats();
    expect([after.packetsIn, after.packetsOut, after.openRequests, after.connections]).toEqual([2, 3, 0, 0]);
    expect(after.bytesIn).toBe(now.bytesIn);
    expect(after.since).toBe(before.since);
  });
});
