import { existsSync } from 'node:fs';
import { connect as connectNet, type Server as NetServer, type Socket } from 'node:net';
import { afterwards } from '../support/afterwards.js';
import { stopTime } from '../support/clock.js';
import { ipcError } from '../support/errors.js';
import { failure, heard, once } from '../support/events.js';
import { freshIPC, join, local, pair, streams, tcp, tls } from '../support/instances.js';
import { BareServer, barePeer } from '../support/peers.js';
import { freshPath } from '../support/places.js';
import { start } from '../support/processes.js';

describe('Starting a server', () => {
  for (const over of streams) {
    it(`resolves with the server when it listens, over ${over.name}`, async () => {
      const server = await over.serve();
      expect((server.server as NetServer).listening).toBeTrue();
      expect(server.path.length).toBeGreaterThan(0);
      if (over === local) expect(server.port).toBeUndefined();
      else expect(server.port).toBeGreaterThan(0);
    });
  }

  it('emits start once for each start', async () => {
    const path = freshPath();
    const server = freshIPC().serve(path);
    const started = jasmine.createSpy();
    server.on('start', started);
    await Promise.all([server.start(), server.start()]);
    await server.start();
    expect(started).toHaveBeenCalledTimes(1);
    await server.stop();
    await server.start();
    expect(started).toHaveBeenCalledTimes(2);
  });

  it('fails if another server listens: the promise and `error` report it, and it can be retried', async () => {
    const first = await local.serve();
    const second = freshIPC().serve(first.path);
    const reported = once<[Error]>(second, 'error');
    const error = await failure(second.start());
    expect(error).toEqual(ipcError('ERR_IPC_IN_USE', first.path));
    expect((await reported)[0]).toBe(error);
    await first.stop();
    expect(await second.start()).toBe(second);
  });

  it('may fail without a listener of error', async () => {
    const first = await tcp.serve();
    const second = freshIPC().serveNet('127.0.0.1', first.port);
    await jasmine.spyOnGlobalErrorsAsync(async (errors) => {
      const reported = once(second, 'error');
      second.start();
      await reported;
      await new Promise(setImmediate);
      expect(errors).not.toHaveBeenCalled();
    });
  });

  for (const over of [local, tcp]) {
    it(`keeps the process running unless unref() was called last, over ${over.name}`, async () => {
      // Compared within one turn, in which no socket of another spec closes.
      const handles = () =>
        process.getActiveResourcesInfo().filter((name) => /^(Pipe|TCP)ServerWrap$|^PipeWrap$/.test(name))
          .length;
      const server = await over.serve();
      const kept = handles();
      server.unref();
      expect(handles()).toBe(kept - 1);
      server.ref();
      expect(handles()).toBe(kept);
      await server.stop();
      await server.unref().start();
      const free = handles();
      server.ref();
      expect(handles()).toBe(free + 1);
    });
  }

  it('uses the config of the time when it was created', async () => {
    const path = freshPath();
    const ipc = freshIPC();
    const server = ipc.serve(path);
    ipc.config.maxMessageSize = -1;
    await server.start();
    expect(server.config.maxMessageSize).toBeGreaterThan(0);
  });

  it('reports later errors of its socket', async () => {
    const server = await local.serve();
    const reported = once(server, 'error');
    const cause = new Error('accept EMFILE');
    (server.server as NetServer).emit('error', cause);
    const [error] = await reported;
    expect(error).toEqual(ipcError('ERR_IPC_LISTEN', 'accept EMFILE'));
    expect((error as Error).cause).toBe(cause);
  });

  it('reports invalid keys with the reason', async () => {
    const server = freshIPC({ tls: { key: '-----NO KEY-----', cert: '-----NONE-----' } }).serveNet(
      '127.0.0.1',
      0,
    );
    const error = await failure(server.start());
    expect(error).toEqual(ipcError('ERR_IPC_CONFIG', 'config.tls cannot be used'));
    expect(error.cause).toBeInstanceOf(Error);
  });
});

describe('Stopping a server', () => {
  for (const over of streams) {
    it(`ends every connection, tells both sides, and frees the address, over ${over.name}`, async () => {
      const { server, client } = await pair({ over });
      const other = await join(over, server);
      const log: string[] = [];
      server.on('socket.disconnected', () => log.push('socket.disconnected'));
      server.on('close', () => log.push('close'));
      const ends = Promise.all([once(client, 'disconnect'), once(other, 'disconnect')]);
      await server.stop();
      expect(log).toEqual(['socket.disconnected', 'socket.disconnected', 'close']);
      expect(server.sockets).toEqual([]);
      expect(server.server).toBeFalse();
      await ends;
      if (over === local && process.platform !== 'win32') expect(existsSync(server.path)).toBeFalse();
      expect(await server.start()).toBe(server);
    });

    it(`sends first what was emitted, over ${over.name}`, async () => {
      const { server, client } = await pair({ over });
      const arrived = heard<string>(client, 'message', 2);
      server.broadcast('message', 'x'.repeat(2_000_000));
      server.broadcast('message', 'y');
      await server.stop();
      expect((await arrived).map((text) => text.length)).toEqual([2_000_000, 1]);
    });
  }

  for (const [options, bye] of [
    [{}, undefined],
    [{ timeout: 1000 }, undefined],
    [{ reason: 'maintenance' }, { reason: 'maintenance', reconnect: true }],
    [{ reconnect: false }, { reason: 'the server stopped', reconnect: false }],
    [{ reconnect: true }, { reason: 'the server stopped', reconnect: true }],
  ] as const) {
    it(`${bye ? 'tells clients the reason' : 'sends nothing, as node-ipc does,'} with ${JSON.stringify(options)}`, async () => {
      const server = await local.serve();
      const connected = once(server, 'connect');
      const peer = await barePeer(server);
      await connected;
      await server.stop(options);
      await peer.ended();
      expect(peer.packets as unknown[]).toEqual(bye === undefined ? [] : [{ type: 'ipc:bye', data: bye }]);
    });
  }

  it('can be done twice, and before it was started', async () => {
    const path = freshPath();
    const server = freshIPC().serve(path);
    const closed = jasmine.createSpy();
    server.on('close', closed);
    await server.stop();
    expect(closed).not.toHaveBeenCalled();
    await server.start();
    await Promise.all([server.stop(), server.stop()]);
    await server.stop();
    expect(closed).toHaveBeenCalledTimes(1);
  });

  it('waits for a start under way, and a start waits for it', async () => {
    const path = freshPath();
    const server = freshIPC().serve(path);
    const log: string[] = [];
    server.on('start', () => log.push('start'));
    server.on('close', () => log.push('close'));
    server.start();
    server.stop();
    await server.start();
    expect(log).toEqual(['start', 'close', 'start']);
    const client = await freshIPC().connectTo('world', path).ready();
    expect(client.connected).toBeTrue();
  });

  it('completes requests that have begun, and refuses new ones', async () => {
    const { server, client } = await pair();
    let answer: ((value: string) => void) | undefined;
    const begun = new Promise<void>((resolve) => {
      server.handle('slow', () => {
        resolve();
        return new Promise((answered) => {
          answer = answered;
        });
      });
    });
    const slow = client.request('slow');
    await begun;
    const stopped = server.stop();
    await expectAsync(client.request('slow')).toBeRejectedWith(ipcError('ERR_IPC_CLOSED', 'the server'));
    answer?.('done');
    expect(await slow).toBe('done');
    await stopped;
    expect(server.sockets).toEqual([]);
  });

  it('waits for the answers of clients, too', async () => {
    const { server, client } = await pair();
    client.handle('question', () => 'answer');
    const asked = server.request(server.sockets[0] as Socket, 'question');
    await server.stop();
    expect(await asked).toBe('answer');
  });

  it('destroys connections that do not end in time, such as those of clients that never close their side', async () => {
    const server = await local.serve();
    const connected = once(server, 'connect');
    const peer = await barePeer(server, { allowHalfOpen: true });
    await connected;
    const pass = stopTime();
    const stopped = server.stop({ timeout: 50 });
    await new Promise(setImmediate);
    expect(server.sockets.length).toBe(1);
    pass(50);
    await stopped;
    expect(server.sockets).toEqual([]);
    await peer.ended();
  });

  it('does not wait longer for handlers that never answer', async () => {
    const { server, client } = await pair();
    const begun = new Promise<void>((resolve) => {
      server.handle('never', () => {
        resolve();
        return new Promise(() => {});
      });
    });
    const asked = client.request('never', undefined, { timeout: 0 });
    await begun;
    await server.stop({ timeout: 20 });
    await expectAsync(asked).toBeRejectedWith(ipcError('ERR_IPC_DISCONNECTED'));
  });

  it('destroys connections of clients that do not read', async () => {
    const server = await local.serve();
    const connected = once<[Socket]>(server, 'connect');
    const peer = await barePeer(server);
    peer.socket.pause();
    const [socket] = await connected;
    const failed = once(server, 'error');
    server.emit(socket, 'message', 'x'.repeat(10_000_000));
    await server.stop({ timeout: 50 });
    expect((await failed)[0]).toEqual(ipcError('ERR_IPC_UNSENT', 'before everything was sent'));
    expect(socket.destroyed).toBeTrue();
  });

  it('works under load: it delivers what has arrived, and nothing after the end', async () => {
    const server = await local.serve();
    const clients = await Promise.all(Array.from({ length: 20 }, () => join(local, server)));
    let stopped = false;
    let late = 0;
    server.on('message', () => {
      if (stopped) late++;
    });
    const flowing = heard(server, 'message', 1000);
    const payload = 'x'.repeat(1000);
    const timers = clients.map((client) =>
      setInterval(() => {
        for (let i = 0; i < 50; i++) client.emit('message', payload);
      }, 1),
    );
    afterwards(() => timers.forEach(clearInterval));
    await flowing;
    await server.stop({ timeout: 2000 });
    stopped = true;
    expect(server.sockets).toEqual([]);
    await new Promise(setImmediate);
    expect(late).toBe(0);
  });

  it('disconnects clients during their handshake', async () => {
    const server = await tls.serve();
    const carrier = connectNet({ host: server.path, port: server.port as number });
    afterwards(() => carrier.destroy());
    carrier.on('error', () => {});
    await once(server.server as never, 'connection');
    const closed = once(carrier, 'close');
    carrier.resume();
    await server.stop();
    await expectAsync(closed).toBeResolved();
    expect(server.sockets).toEqual([]);
  });

  it('does not admit a client whose handshake completes during the stop', async () => {
    const { server, client } = await pair({ over: tls });
    let answer: (() => void) | undefined;
    server.handle('slow', () => {
      return new Promise<void>((resolve) => {
        answer = resolve;
      });
    });
    const asked = client.request('slow');
    await client.ping();
    const connected = jasmine.createSpy();
    server.on('connect', connected);
    let stopped: Promise<void> | undefined;
    (server.server as NetServer).once('connection', () => {
      stopped = server.stop();
    });
    const late = tls.connect(server);
    await Promise.race([once(late, 'error'), once(late, 'disconnect')]);
    answer?.();
    await asked;
    await stopped;
    expect(connected).not.toHaveBeenCalled();
  });

  it('admits no more clients', async () => {
    const { server } = await pair();
    const connected = jasmine.createSpy();
    server.on('connect', connected);
    const stopped = server.stop();
    const late = local.connect(server);
    await once(late, 'error');
    await stopped;
    expect(connected).not.toHaveBeenCalled();
  });

  it('makes clients reconnect unless told otherwise', async () => {
    const server = await local.serve();
    const [first, second] = [await join(local, server), await join(local, server)];
    const back = Promise.all([once(first, 'ipc:reconnect'), once(second, 'ipc:reconnect')]);
    await server.stop();
    const accepted = heard(server, 'connect', 2);
    await server.start();
    await Promise.all([back, accepted]);

    const gone = Promise.all([once(first, 'disconnect'), once(second, 'destroy')]);
    await server.stop({ reconnect: false });
    expect((await gone)[0]).toEqual([{ reason: 'the server stopped', reconnect: false }]);
    expect(first.status).toBe(0);
  });

  for (const [options, reason] of [
    [{ reconnect: true }, 'the server stopped'],
    [{ reason: 'an update' }, 'an update'],
  ] as const) {
    it(`tells clients to reconnect, and why it stops, if it is given ${JSON.stringify(options)}`, async () => {
      const { server, client } = await pair();
      const left = once(client, 'disconnect');
      await server.stop(options);
      expect(await left).toEqual([{ reason, reconnect: true }]);
      await server.start();
      await client.ready();
      expect(client.connected).toBeTrue();
    });
  }

  it('lets the process exit', async () => {
    const path = freshPath();
    const program = start('spec/fixtures/serve.ts', [path]);
    await program.waitForLine(/^started$/);
    const client = await freshIPC().connectTo('world', path).ready();
    client.emit('stop');
    expect(await program.exited).toEqual({ code: 0, signal: null });
    expect(program.stdout).toBe('started\nstopped\n');
  });

  it('is what `await using` does at the end of a block', async () => {
    const path = freshPath();
    const ended = await (async () => {
      await using server = freshIPC().serve(path);
      await server.start();
      await using client = freshIPC().connectTo('world', path);
      await client.ready();
      return { server, client };
    })();
    expect(ended.server.server).toBeFalse();
    expect(ended.client.connected).toBeFalse();
    expect(ended.client.explicitlyDisconnected).toBeTrue();
  });
});

describe('The clients of a server', () => {
  it('are reported when they connect and disconnect, with their sockets and the labels that they gave themselves', async () => {
    const server = await local.serve();
    const connected = heard<Socket & { id?: unknown }>(server, 'connect', 3);
    const clients = await Promise.all([1, 2, 3].map(() => local.connect(server).ready()));
    const sockets = await connected;
    expect(server.sockets).toEqual(sockets);
    const named = heard(server, 'name', 2);
    clients[0]?.emit('name', { id: 'first' });
    clients[1]?.emit('name', { id: 'second' });
    await named;
    const gone: unknown[][] = [];
    server.on('disconnect', (socket) => gone.push(['disconnect', socket.id]));
    server.on('socket.disconnected', (socket, id) => gone.push(['socket.disconnected', socket.id, id]));
    const left = heard(server, 'socket.disconnected', 3);
    for (const client of clients) client.destroy();
    await left;
    const expected = ['first', 'second', undefined].flatMap((id) => [
      ['disconnect', id],
      ['socket.disconnected', id, id ?? false],
    ]);
    expect(gone).toEqual(jasmine.arrayWithExactContents(expected));
    expect(server.sockets).toEqual([]);
  });

  it('have no labels if config.identifyPeer is off', async () => {
    const { server, client } = await pair({ server: { identifyPeer: false } });
    const arrived = once<[unknown, { id?: unknown }]>(server, 'name');
    client.emit('name', { id: 'first' });
    expect((await arrived)[1].id).toBeUndefined();
  });

  it('are not read while the server is paused, also new ones, and lose nothing', async () => {
    const { server, client } = await pair();
    const got = jasmine.createSpy();
    server.on('message', got);
    server.pause();
    const second = await join(local, server);
    client.emit('message', 1);
    second.emit('message', 2);
    // A round trip over a connection that is read again shows that the first was not.
    const probe = await pair();
    await probe.client.ping();
    expect(got).not.toHaveBeenCalled();
    const both = heard<number>(server, 'message', 2);
    server.resume();
    expect((await both).sort()).toEqual([1, 2]);
  });
});

describe('Admitting clients', () => {
  it('calls authorize with the credentials of the client, and its socket', async () => {
    const authorize = jasmine.createSpy().and.returnValue(true);
    const { server, client } = await pair({ server: { authorize }, client: { credentials: { key: 1 } } });
    expect(authorize).toHaveBeenCalledOnceWith({ key: 1 }, server.sockets[0]);
    expect(client.connected).toBeTrue();
  });

  const yes: [string, () => unknown][] = [
    ['true', () => true],
    ['a promise of true', () => Promise.resolve(true)],
    ['what is as good as a promise', () => thenable(true)],
  ];
  for (const [title, authorize] of yes) {
    it(`admits at ${title}`, async () => {
      const { client } = await pair({
        server: { authorize: authorize as () => boolean },
        client: { credentials: 1 },
      });
      expect(client.connected).toBeTrue();
    });
  }

  const no: [string, () => unknown, RegExp][] = [
    ['false', () => false, /no reason given/],
    ['undefined', () => undefined, /no reason given/],
    ['1', () => 1, /no reason given/],
    ['a text', () => 'no badge', /no badge/],
    ['an error', () => new Error('no badge'), /no badge/],
    ['a promise of false', () => Promise.resolve(false), /no reason given/],
  ];
  for (const [title, authorize, reason] of no) {
    it(`refuses at ${title}: the client gets the reason and does not reconnect`, async () => {
      const server = await local.serve({ authorize: authorize as () => boolean });
      const connected = jasmine.createSpy();
      server.on('connect', connected);
      server.on('socket.disconnected', connected);
      const refused = once(server, 'error');
      const client = local.connect(server, { credentials: 1 });
      const retried = jasmine.createSpy();
      client.on('ipc:retry', retried);
      client.on('connect', retried);
      const reported = once(client, 'error');
      await expectAsync(client.ready()).toBeRejectedWith(ipcError('ERR_IPC_REFUSED', reason));
      expect((await reported)[0]).toEqual(ipcError('ERR_IPC_REFUSED', reason));
      expect((await refused)[0]).toEqual(ipcError('ERR_IPC_REFUSED', 'A client was refused'));
      expect(client.status).toBe(0);
      expect(retried).not.toHaveBeenCalled();
      expect(connected).not.toHaveBeenCalled();
      expect(server.sockets).toEqual([]);
    });
  }

  it('delivers nothing of a client before its admission', async () => {
    const { asked, decide } = undecided(authorize);
    const server = await local.serve({ authorize });
    const log: string[] = [];
    server.on('connect', () => log.push('connect'));
    server.on('message', () => log.push('message'));
    server.handle('question', () => {
      log.push('question');
    });
    const peer = await barePeer(server);
    peer.emit('ipc:hello', { session: 's', credentials: 1 });
    peer.emit('message', 1).emit('question', 2, { id: 1 });
    await asked;
    const other = await pair();
    await other.client.ping();
    expect(log).toEqual([]);
    expect(server.sockets).toEqual([]);
    server.broadcast('announcement');
    decide(true);
    const packets = await peer.receive(2);
    expect(packets.map(({ type }) => type)).toEqual(['ipc:welcome', 'question']);
    expect(log).toEqual(['connect', 'message', 'question']);
  });
  const authorize = jasmine.createSpy();

  it('refuses a client that sends anything before its hello', async () => {
    const server = await local.serve({ authorize: () => true });
    const message = jasmine.createSpy();
    server.on('message', message);
    const peer = await barePeer(server);
    peer.emit('message', 1).emit('message', 2);
    await peer.ended();
    expect(peer.packets).toEqual([
      {
        type: 'ipc:bye',
        data: { reason: 'it sent a packet before its hello', reconnect: false, code: 'ERR_IPC_REFUSED' },
      },
    ]);
    expect(message).not.toHaveBeenCalled();
  });

  it('sends the reason also to a client of ours without credentials', async () => {
    const server = await local.serve({ authorize: () => true });
    const client = local.connect(server);
    const destroyed = once(client, 'destroy');
    const reported = once(client, 'error');
    client.emit('message', 'hello');
    expect((await reported)[0]).toEqual(ipcError('ERR_IPC_REFUSED', 'it sent a packet before its hello'));
    await destroyed;
    await expectAsync(client.ready()).toBeRejectedWith(ipcError('ERR_IPC_REFUSED'));
  });

  it('refuses a client that was not admitted within handshakeTimeout', async () => {
    const server = await local.serve({ authorize: () => true, handshakeTimeout: 20 });
    const refused = once(server, 'error');
    const peer = await barePeer(server);
    await peer.ended();
    expect((await refused)[0]).toEqual(ipcError('ERR_IPC_REFUSED', 'it sent no hello within 20 ms'));
    expect(peer.packets[0]?.type).toBe('ipc:bye');
  });

  it('waits forever if handshakeTimeout is 0', async () => {
    const server = await local.serve({ authorize: () => true, handshakeTimeout: 0 });
    const peer = await barePeer(server);
    const other = await pair();
    await other.client.ping();
    peer.emit('ipc:hello', { session: 's', credentials: 1 });
    expect((await peer.receive(1))[0]?.type).toBe('ipc:welcome');
  });

  it('ignores a client that has left before the decision', async () => {
    const { asked, decide } = undecided(authorize);
    const server = await local.serve({ authorize });
    const connected = jasmine.createSpy();
    server.on('connect', connected);
    const peer = await barePeer(server);
    peer.emit('ipc:hello', { session: 's', credentials: 1 });
    await asked;
    peer.socket.destroy();
    await server.stop();
    decide(true);
    await new Promise(setImmediate);
    expect(connected).not.toHaveBeenCalled();
  });

  it('sends nothing to a client that it has not admitted when it stops', async () => {
    const { asked } = undecided(authorize);
    const server = await local.serve({ authorize });
    const peer = await barePeer(server);
    peer.emit('ipc:hello', { session: 's', credentials: 1 });
    await asked;
    await server.stop({ reason: 'maintenance' });
    await peer.ended();
    expect(peer.packets).toEqual([]);
  });

  it('does not wait because of a second hello either', async () => {
    const server = await local.serve({ authorize: () => true });
    const peer = await barePeer(server);
    peer
      .emit('ipc:hello', { session: 's' })
      .emit('ipc:hello', { session: 's' })
      .emit('ipc:ping', 0, { id: 9 });
    const packets = await peer.receive(2);
    expect(packets.map(({ type }) => type)).toEqual(['ipc:welcome', 'ipc:ping']);
  });

  it('continues while the server is paused', async () => {
    const server = await local.serve({ authorize: () => true });
    server.pause();
    const client = await join(local, server, { credentials: 1 });
    const got = jasmine.createSpy();
    server.on('message', got);
    const arrived = once(server, 'message');
    client.emit('message', 1);
    await (await pair()).client.ping();
    expect(got).not.toHaveBeenCalled();
    server.resume();
    expect((await arrived)[0]).toBe(1);
  });

  it('needs no hello if no credentials are required', async () => {
    const { client } = await pair({ client: { credentials: 'unasked' } });
    expect(client.connected).toBeTrue();
  });

  it('makes a client with credentials give up if the server is too old to know a hello', async () => {
    const bare = await new BareServer().listen();
    const client = freshIPC({ credentials: 1, handshakeTimeout: 20, maxRetries: 0 }).connectTo(
      'old',
      bare.path,
    );
    await expectAsync(client.ready()).toBeRejectedWith(
      ipcError('ERR_IPC_HANDSHAKE', 'no welcome within 20 ms'),
    );
    const [hello] = await (await bare.peer()).receive(1);
    expect(hello?.type).toBe('ipc:hello');
  });
});

/** No Promise, but awaited as one. */
function thenable<Value>(value: Value) {
  // biome-ignore lint/suspicious/noThenProperty: that is what it is
  return { then: (resolve: (value: Value) => void) => resolve(value) };
}

/** Has an authorizer wait for a decision; `asked` resolves when it has been asked. */
function undecided(authorize: jasmine.Spy): { asked: Promise<void>; decide: (verdict: boolean) => void } {
  let decide: (verdict: boolean) => void = () => {};
  const verdict = new Promise<boolean>((resolve) => {
    decide = resolve;
  });
  const asked = new Promise<void>((resolve) => {
    authorize.and.callFake(() => {
      resolve();
      return verdict;
    });
  });
  return { asked, decide };
}

describe('A server that accepts several dialects', () => {
  it('sends what is published to a client that was silent first, if its dialect turns out to have no subscriptions', async () => {
    const server = await local.serve({ accept: ['json', 'topic'] });
    const connected = [once(server, 'connect')];
    const silent = await barePeer(server);
    await connected[0];
    const other = once(server, 'connect');
    const plain = await barePeer(server);
    await other;
    const heard = [once(server, 'hello'), once(server, 'plain')];
    silent.write('{"topic":"hello","message":1}\0\0');
    plain.emit('plain', 2);
    expect((await Promise.all(heard)).map(([data]) => data)).toEqual([1, 2]);
    server.publish('news', 3);
    await silent.until(() => silent.text.endsWith('\0\0'), 'what is published');
    expect(silent.text).toBe('{"topic":"news","message":3}\0\0');
    plain.emit('ipc:ping', 0, { id: 1 });
    expect(await plain.receive(1)).toEqual([{ type: 'ipc:ping', data: {}, re: 1 }]);
  });
});

describe('A client that sends malformed frames', () => {
  for (const [what, milliseconds] of [
    ['ends after a hundred of them if they come within a minute', 60_000],
    ['continues if the next ones come later', 60_001],
  ] as const) {
    it(what, async () => {
      const pass = stopTime();
      const server = await local.serve();
      const codes: string[] = [];
      server.on('error', ({ code }) => codes.push(code));
      const peer = await barePeer(server);
      peer.write('no json\f'.repeat(100)).emit('ipc:ping', 0, { id: 1 });
      await peer.receive(1);
      pass(milliseconds);
      peer.write('no json\f'.repeat(100)).emit('ipc:ping', 0, { id: 2 });
      if (milliseconds > 60_000) await peer.receive(2);
      else await peer.ended();
      const most = milliseconds > 60_000 ? [] : ['ERR_IPC_PROTOCOL'];
      const malformed = milliseconds > 60_000 ? 200 : 101;
      expect(codes).toEqual([...Array(malformed).fill('ERR_IPC_DECODE'), ...most]);
    });
  }
});

describe('A full server whose refused clients do not leave', () => {
  it('tells the first hundred the reason, and drops further ones at once', async () => {
    stopTime();
    const server = await local.serve({ maxConnections: 1 });
    await join(local, server);
    const errors: string[] = [];
    server.on('error', ({ code }) => errors.push(code));
    const refused = heard(server, 'error', 100);
    const staying = await Promise.all(
      Array.from({ length: 100 }, () => barePeer(server, { allowHalfOpen: true })),
    );
    await refused;
    const last = once(server, 'error');
    const dropped = await barePeer(server, { allowHalfOpen: true });
    await last;
    await dropped.ended();
    expect(dropped.text).toBe('');
    for (const peer of staying) {
      const bye = jasmine.objectContaining({ code: 'ERR_IPC_FULL' });
      expect(await peer.receive(1)).toEqual([{ type: 'ipc:bye', data: bye }]);
    }
    expect(errors).toEqual(Array(101).fill('ERR_IPC_FULL'));
    expect(server.sockets.length).toBe(1);
  });
});
