import { fork } from 'node:child_process';
import { EventEmitter, once as nodeOnce } from 'node:events';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { type Config, defaults } from '../../../entities/config.js';
import { IPCError } from '../../../entities/errors.js';
import { BYE, HELLO, PUBLISH, SUBSCRIBE, WELCOME } from '../../../entities/packet.js';
import { CANCEL, CREDIT, ITEM, STREAM } from '../../../entities/stream.js';
import type { Client } from '../../../lib/client.js';
import type { Server } from '../../../lib/server.js';
import { checkPortLike, port } from '../../../lib/transports/port.js';
import type { MessageCarrier } from '../../../lib/transports/transport.js';
import { afterwards } from '../../support/afterwards.js';
import { ipcError } from '../../support/errors.js';
import { heard, once } from '../../support/events.js';
import { freshIPC, type Settings } from '../../support/instances.js';

const program = new URL('../../fixtures/port-worker.js', import.meta.url);

/** The two ends of a fresh channel. */
function channel(): { port1: MessagePort; port2: MessagePort } {
  const ports = new MessageChannel();
  afterwards(() => ports.port1.close());
  return ports;
}

async function portPair(settings: { server?: Settings; client?: Settings } = {}) {
  const { port1, port2 } = channel();
  const server = freshIPC(settings.server).servePort(port1);
  await server.start();
  const client = freshIPC(settings.client).connectToPort('port', port2);
  await client.ready();
  return { server, client, port1, port2 };
}

describe('Over a message port', () => {
  it('events go both ways in their order, as values', async () => {
    const { server, client } = await portPair();
    server.on('value', (data, port) => server.emit(port, 'back', data));
    const values = [1, 'a', undefined, null, new Map([[1, 2n]]), new Date(0), { deep: [new Set(['x'])] }];
    const back = heard(client, 'back', values.length);
    for (const value of values) client.emit('value', value);
    expect(await back).toEqual(values);
  });

  it('requests, pings, subscriptions and broadcasts work as over sockets', async () => {
    const { server, client } = await portPair();
    server.handle('add', ([a, b]: [number, number]) => a + b);
    client.handle('who', () => 'me');
    expect(await client.request('add', [1, 2])).toBe(3);
    expect((await server.survey('who')).map((one) => one.status === 'fulfilled' && one.value)).toEqual([
      'me',
    ]);
    expect(await client.ping()).toBeGreaterThan(0);
    const published = new Promise(
      (resolve) => void client.subscribe('news', resolve).then(() => server.publish('news', 7)),
    );
    expect(await published).toBe(7);
    const all = once(client, 'all');
    server.broadcast('all', 1);
    expect((await all)[0]).toBe(1);
  });

  it('messages wait until the other end is served', async () => {
    const { port1, port2 } = channel();
    const client = freshIPC().connectToPort('port', port2);
    client.emit('early', { n: 1 });
    const server = freshIPC().servePort(port1);
    const arrived = once(server, 'early');
    await server.start();
    expect((await arrived)[0]).toEqual({ n: 1 });
  });

  it('buffers are transferred if that is asked for, and otherwise copied', async () => {
    const { server, client } = await portPair();
    const arrived = heard(server, 'bytes', 2);
    const copied = new Uint8Array([1, 2, 3]);
    const given = new Uint8Array([4, 5, 6]);
    client.emit('bytes', copied);
    client.emit('bytes', freshIPC().transfer(given, [given.buffer]));
    expect(await arrived).toEqual([new Uint8Array([1, 2, 3]), new Uint8Array([4, 5, 6])]);
    expect([copied.length, given.length]).toEqual([3, 0]);
  });

  it('data that cannot be cloned is refused, without another effect', async () => {
    const { server, client } = await portPair();
    expect(() => client.emit('function', () => {})).toThrow(ipcError('ERR_IPC_ENCODE'));
    const arrived = once(server, 'next');
    client.emit('next', 1);
    expect((await arrived)[0]).toBe(1);
  });

  it('authorize admits a client, or refuses it for good', async () => {
    const authorize = (credentials: unknown) => credentials === 'right';
    const { client } = await portPair({ server: { authorize }, client: { credentials: 'right' } });
    expect(client.connected).toBeTrue();
    const { port1, port2 } = channel();
    await freshIPC({ authorize }).servePort(port1).start();
    const stranger = freshIPC({ credentials: 'wrong', maxRetries: 0 }).connectToPort('port', port2);
    await expectAsync(stranger.ready()).toBeRejectedWith(ipcError('ERR_IPC_REFUSED'));
  });

  it('a reason is transmitted, and a client reconnects to a server that starts again', async () => {
    const { server, client } = await portPair({ client: { retry: 1 } });
    const gone = once(client, 'disconnect');
    const back = once(client, 'ipc:reconnect');
    await server.stop({ reason: 'a break', reconnect: true });
    expect((await gone)[0]).toEqual({ reason: 'a break', reconnect: true });
    await server.start();
    await back;
  });

  it('a paused client receives nothing, and its server sees back-pressure', async () => {
    const { server, client } = await portPair({ server: { maxPendingBytes: 10_000 } });
    const failed = once(server, 'error');
    const arrived = jasmine.createSpy();
    client.on('data!', arrived);
    client.pause();
    for (let i = 0; i < 100; i++) server.broadcast('data!', 'x'.repeat(1000));
    expect((await failed)[0]).toEqual(ipcError('ERR_IPC_BACKPRESSURE', 'config.maxPendingBytes'));
    expect(arrived).not.toHaveBeenCalled();
  });

  it('the end of the port is the end of the connection', async () => {
    const { server, client, port1 } = await portPair({ client: { maxRetries: 0 } });
    const left = once(server, 'disconnect');
    const over = once(client, 'destroy');
    port1.close();
    await left;
    await over;
    expect(server.sockets).toEqual([]);
  });

  /** Posts packets of any shape to one end of a port, and waits until that ends the connection. */
  async function disturb(victim: Server | Client, post: (kind: string, value?: unknown) => void) {
    const errors: unknown[] = [];
    victim.on('error', (error: unknown) => errors.push(error));
    const left = new Promise((resolve) => victim.on('disconnect', resolve));
    for (const strange of [null, 5, '', [], {}, new Map(), Number.NaN, 10n, new Date(0)]) {
      for (const type of ['event', 'ask', HELLO, WELCOME, BYE, SUBSCRIBE, PUBLISH, ITEM, CREDIT, CANCEL]) {
        for (const key of ['data', 'id', 're', 'error', 'meta']) {
          post('packet', { type, data: 1, [key]: strange });
        }
      }
      post('packet', strange);
      post('taken', strange);
    }
    post('packet', { type: STREAM, id: 1, data: { type: 5 } });
    await left;
    expect(errors.filter((error) => !(error instanceof IPCError))).toEqual([]);
    expect(errors.at(-1)).toEqual(ipcError('ERR_IPC_PROTOCOL', 'the connection is closed'));
  }

  it('packets of any shape cost a server no more than the connection', async () => {
    const { port1, port2 } = channel();
    const server = freshIPC()
      .servePort(port2)
      .handle('ask', (data) => data);
    await server.start();
    const post = (kind: string, value?: unknown) =>
      port1.postMessage({ 'omni-ipc': 'server', n: 1, kind, value });
    post('open');
    await disturb(server, post);
  });

  it('packets of any shape cost a client no more than the connection', async () => {
    const { port1, port2 } = channel();
    let n = 0;
    const post = (kind: string, value?: unknown) =>
      port1.postMessage({ 'omni-ipc': 'client', n, kind, value });
    port1.on('message', (message) => {
      if (message.kind !== 'open') return;
      n = message.n;
      post('opened');
    });
    const client = freshIPC({ maxRetries: 0 })
      .connectToPort('port', port2)
      .handle('ask', (data) => data);
    await client.ready();
    await disturb(client as Client, post);
  });

  it('a message that the port cannot deserialize is reported and acknowledged, and the next one arrives', async () => {
    const worker = new Worker(program, { resourceLimits: { stackSizeMb: 100 } });
    afterwards(async () => void (await worker.terminate()));
    const client = freshIPC().connectToPort('worker', worker);
    const reported = once<[IPCError]>(client, 'error');
    const next = once(client, 'next');
    client.emit('nest', 50_000);
    expect((await reported)[0]).toEqual(ipcError('ERR_IPC_DECODE', 'could not deserialize it'));
    await next;
    await new Promise(setImmediate);
    expect(await client.request('pending')).toBe(0);
  });

  it('the end of the port ends a client, however often it may retry', async () => {
    const { client, port1, port2 } = await portPair();
    const over = once(client, 'destroy');
    port1.close();
    await over;
    const closed = ipcError('ERR_IPC_CONNECT', 'The message port is closed; connect over another one');
    await expectAsync(client.ready()).toBeRejectedWith(closed);
    await expectAsync(freshIPC().connectToPort('late', port2).ready()).toBeRejectedWith(closed);
  });

  it('a second client over the same port waits until the first one has closed', async () => {
    const { server, client, port2 } = await portPair();
    server.handle('who', () => 'server');
    const second = freshIPC().connectToPort('second', port2);
    expect((await once<[IPCError]>(second, 'error'))[0]).toEqual(
      ipcError('ERR_IPC_IN_USE', 'connected over the message port already; close it first'),
    );
    expect(await client.request('who')).toBe('server');
    await client.close();
    expect(await second.request('who')).toBe('server');
  });

  it('other messages on the port are not affected', async () => {
    const { server, client, port1, port2 } = await portPair();
    const foreign = nodeOnce(port2, 'message');
    port1.postMessage({ 'omni-ipc': 'nobody' });
    expect(await foreign).toEqual([{ 'omni-ipc': 'nobody' }]);
    port2.postMessage({ 'omni-ipc': 'server', n: 99, kind: 'packet', value: { type: 'forged', data: 1 } });
    port2.postMessage({ 'omni-ipc': 'server', n: 1, kind: 'packet', value: 'no packet' });
    const arrived = once(server, 'next');
    server.on('forged', fail);
    client.emit('next', 1);
    await arrived;
  });

  it('a worker thread and its parent exchange messages', async () => {
    const worker = new Worker(program);
    afterwards(async () => void (await worker.terminate()));
    const client = freshIPC().connectToPort('worker', worker);
    const answered = once(client, 'message');
    client.emit('message', 'hello');
    expect((await answered)[0]).toBe('hello world!');
    expect(await client.request('add', [1, 2])).toBe(3);
  });

  it('a worker thread ends by itself when its server has stopped', async () => {
    const worker = new Worker(program);
    const exited = nodeOnce(worker, 'exit');
    const client = freshIPC({ maxRetries: 0 }).connectToPort('worker', worker);
    await client.ready();
    client.emit('bye');
    expect(await exited).toEqual([0]);
  });

  for (const serialization of ['json', 'advanced'] as const) {
    it(`a forked child and its parent exchange messages, by ${serialization} serialization`, async () => {
      const child = fork(program, { serialization });
      afterwards(() => child.kill());
      const client = freshIPC({ maxRetries: 0 }).connectToPort('child', child);
      const echoed = once(client, 'echo');
      client.emit('echo', { a: [1, 'b'] });
      expect((await echoed)[0]).toEqual({ a: [1, 'b'] });
      const exited = nodeOnce(child, 'exit');
      client.emit('bye');
      expect(await exited).toEqual([0, null]);
    });
  }

  it('a port by Electron’s shape works: postMessage, start, and events with data', async () => {
    class MainPort extends EventEmitter {
      other: MainPort | undefined;
      postMessage(message: unknown): void {
        const data = structuredClone(message);
        setImmediate(() => this.other?.emit('message', { data, ports: [] }));
      }
      start(): void {}
    }
    const [one, two] = [new MainPort(), new MainPort()];
    one.other = two;
    two.other = one;
    const server = freshIPC().servePort(one);
    await server.start();
    const client = freshIPC().connectToPort('main', two);
    server.handle('twice', (n: number) => 2 * n);
    expect(await client.request('twice', 4)).toBe(8);
    await client.close();
  });

  it('a value that is not a port is refused, with a list of what is accepted', () => {
    const refused = ipcError('ERR_IPC_ARGUMENT', 'MessagePort');
    expect(() => freshIPC().connectToPort('x', {})).toThrow(refused);
    expect(() => freshIPC().servePort(5)).toThrow(refused);
  });

  it('a port can be served only once at a time', async () => {
    const { port1 } = await portPair();
    await expectAsync(freshIPC().servePort(port1).start()).toBeRejectedWith(ipcError('ERR_IPC_IN_USE'));
  });

  it('a client of a worker that has ended ends at once', async () => {
    const worker = new Worker('', { eval: true });
    await nodeOnce(worker, 'exit');
    const client = freshIPC().connectToPort('x', worker);
    const ended = once(client, 'destroy');
    await expectAsync(client.ready()).toBeRejectedWith(
      ipcError('ERR_IPC_CONNECT', 'The message port is closed'),
    );
    await ended;
  });

  it('a client waits without limit for a server if handshakeTimeout is 0', async () => {
    const { port1, port2 } = channel();
    const client = freshIPC({ handshakeTimeout: 0 }).connectToPort('x', port2);
    const errors: unknown[] = [];
    client.on('error', (error) => errors.push(error));
    // A timer without a delay that the client had set would have ended before this one.
    await new Promise((resolve) => setTimeout(resolve, 0));
    await freshIPC().servePort(port1).start();
    await client.ready();
    expect(errors).toEqual([]);
  });

  it('a client stops waiting for a server that does not start', async () => {
    const { port2 } = channel();
    const client = freshIPC({ handshakeTimeout: 5, maxRetries: 0 }).connectToPort('x', port2);
    await expectAsync(client.ready()).toBeRejectedWith(
      ipcError('ERR_IPC_CONNECT', 'No server at the other end'),
    );
  });
});

describe('A port’s transport', () => {
  /** A port that keeps what is posted, and emits what arrives. */
  class FakePort extends EventEmitter {
    readonly posted: unknown[] = [];
    readonly calls: string[] = [];
    postMessage(message: unknown): void {
      this.posted.push(message);
    }
    ref(): void {
      this.calls.push('ref');
    }
    unref(): void {
      this.calls.push('unref');
    }
    arrive(end: 'client' | 'server', n: number, kind: string, value?: unknown): void {
      this.emit('message', { 'omni-ipc': end, n, kind, value });
    }
  }

  /** Receives, and keeps what came. */
  function receiver() {
    const heard: unknown[][] = [];
    return {
      heard,
      message: (kind: string, value: unknown) => heard.push([kind, value]),
      misread: (cause: unknown) => heard.push(['misread', cause]),
      closed: () => heard.push(['closed']),
    };
  }

  async function serving(from = new FakePort()) {
    const carriers: MessageCarrier[] = [];
    const listener = await port.listen({ transport: 'port', port: from }, defaults(), {
      socket: (carrier) => carriers.push(carrier),
      error: fail,
    });
    return { from, listener, carriers };
  }

  function dialling(settings: Partial<Config> = {}, over = new FakePort()) {
    const outcome: unknown[] = [];
    const carriers: MessageCarrier[] = [];
    const dial = port.dial(
      { transport: 'port', port: over },
      { ...defaults(), handshakeTimeout: 0, ...settings },
      { opened: (carrier) => carriers.push(carrier), failed: (error) => outcome.push(error) },
    );
    const { n } = (over.posted[0] ?? {}) as { n: number };
    return { over, dial, n, carriers, outcome };
  }

  it('announces a listener, which is the port, and keeps or releases the process by that', async () => {
    const { from, listener } = await serving();
    expect(from.posted).toEqual([{ 'omni-ipc': 'client', n: 0, kind: 'listening' }]);
    expect([listener.server, listener.port]).toEqual([from, undefined]);
    listener.unref();
    listener.ref();
    expect(from.calls).toEqual(['unref', 'ref']);
    await listener.close();
    expect(from.eventNames()).toEqual([]);
  });

  it('opens a connection once for each number, and keeps what arrives until there is a receiver', async () => {
    const { from, listener, carriers } = await serving();
    from.emit('messageerror', 'too early');
    from.arrive('server', 4, 'packet', 'too early');
    for (const n of [5, 5]) from.arrive('server', n, 'open');
    expect(from.posted.slice(1)).toEqual([{ 'omni-ipc': 'client', n: 5, kind: 'opened' }]);
    from.arrive('server', 5, 'packet', 'early');
    from.arrive('server', 4, 'packet', 'of another');
    const [carrier] = carriers as [MessageCarrier];
    const end = receiver();
    carrier.receive(end);
    from.arrive('server', 5, 'packet', 'late');
    from.emit('messageerror', 'why');
    expect(end.heard).toEqual([
      ['packet', 'early'],
      ['packet', 'late'],
      ['misread', 'why'],
    ]);
    expect([carrier.socket, carrier.bytes, carriers.length]).toEqual([from, true, 1]);
    carrier.post('packet', 'back');
    expect(from.posted.at(-1)).toEqual({ 'omni-ipc': 'client', n: 5, kind: 'packet', value: 'back' });
    await listener.close();
    expect(from.listenerCount('message')).toBe(1);
    from.arrive('server', 6, 'open');
    for (let i = 0; i < 2; i++) carrier.close();
    carrier.post('packet', 'too late');
    from.arrive('server', 5, 'packet', 'too late');
    expect([carriers.length, end.heard.length, from.posted.length]).toEqual([1, 3, 3]);
    expect(from.eventNames()).toEqual([]);
  });

  it('ends a connection when its client opens another, or when the port is closed', async () => {
    const { from, listener, carriers } = await serving();
    const ends = [receiver(), receiver()];
    for (const [index, end] of ends.entries()) {
      from.arrive('server', index + 1, 'open');
      carriers[index]?.receive(end);
    }
    from.arrive('server', 1, 'packet', 'late');
    from.arrive('server', 2, 'packet', 'next');
    expect(ends.map(({ heard }) => heard)).toEqual([[['closed']], [['packet', 'next']]]);
    from.emit('close');
    expect(ends.map(({ heard }) => heard)).toEqual([[['closed']], [['packet', 'next'], ['closed']]]);
    await listener.close();
    expect(from.eventNames()).toEqual([]);
  });

  it('asks a server for a connection, again when it begins to listen, and keeps what arrives early', () => {
    const { over, dial, n, carriers, outcome } = dialling();
    expect(dial.socket).toBe(over);
    const open = { 'omni-ipc': 'server', n, kind: 'open' };
    over.arrive('client', 0, 'listening');
    expect(over.posted).toEqual([open, open]);
    over.emit('messageerror', 'too early');
    over.arrive('client', n + 1, 'opened');
    over.arrive('client', n, 'packet', 'too early');
    expect(carriers).toEqual([]);
    over.arrive('client', n, 'opened');
    over.arrive('client', n, 'packet', 'early');
    const end = receiver();
    const [carrier] = carriers as [MessageCarrier];
    carrier.receive(end);
    over.emit('messageerror', 'why');
    expect(end.heard).toEqual([
      ['packet', 'early'],
      ['misread', 'why'],
    ]);
    carrier.post('packet', 'to it');
    expect(over.posted.slice(2)).toEqual([{ 'omni-ipc': 'server', n, kind: 'packet', value: 'to it' }]);
    over.emit('close');
    expect([end.heard.length, end.heard[2], outcome, over.eventNames()]).toEqual([3, ['closed'], [], []]);
    expect(dialling().n).toBe(n + 1);
  });

  it('reports the end of an attempt once, later than it is abandoned, and leaves the port', async () => {
    const { over, dial, n, carriers, outcome } = dialling();
    for (let i = 0; i < 2; i++) dial.abandon();
    expect(outcome).toEqual([]);
    await new Promise(setImmediate);
    expect([outcome, over.eventNames()]).toEqual([[undefined], []]);
    over.arrive('client', n, 'opened');
    expect(carriers).toEqual([]);
  });

  it('does not abandon a connection that was opened at the same time', async () => {
    const { over, dial, n, carriers, outcome } = dialling();
    dial.abandon();
    over.arrive('client', n, 'opened');
    await new Promise(setImmediate);
    expect([carriers.length, outcome]).toEqual([1, []]);
    carriers[0]?.close();
    expect(over.eventNames()).toEqual([]);
  });

  it('fails an attempt over a port that is closed meanwhile, and later ones at once', async () => {
    const { over, outcome } = dialling();
    over.emit('close');
    const closed = 'The message port is closed; ';
    expect(outcome).toEqual([ipcError('ERR_IPC_CONNECT', `${closed}connect over another one.`)]);
    expect(() => dialling({}, over)).toThrow(ipcError('ERR_IPC_CONNECT', closed));
    await expectAsync(serving(over)).toBeRejectedWith(
      ipcError('ERR_IPC_ADDRESS', `${closed}serve another one.`),
    );
  });

  it('fails a second attempt over a port without disturbing the first', async () => {
    const { over, n, carriers } = dialling();
    const second = dialling({}, over);
    expect(second.outcome).toEqual([]);
    await new Promise(setImmediate);
    expect(second.outcome).toEqual([ipcError('ERR_IPC_IN_USE', 'connected over the message port already')]);
    over.arrive('client', n, 'opened');
    expect([carriers.length, over.posted.length]).toEqual([1, 1]);
  });

  it('accepts what can both post and hear', () => {
    const hear = () => {};
    for (const posts of ['postMessage', 'send']) {
      for (const hears of ['on', 'addEventListener']) {
        const candidate = { [posts]: hear, [hears]: hear };
        expect(checkPortLike(candidate)).toBe(candidate);
      }
    }
    for (const other of [{ postMessage: hear }, { on: hear }, { send: 1, on: hear }, null, undefined, 5])
      expect(() => checkPortLike(other)).toThrow(ipcError('ERR_IPC_ARGUMENT', 'cannot carry messages'));
  });
});
