import { connect as connectNet, type Socket, type TcpSocketConnectOpts } from 'node:net';
import { pack } from 'msgpackr';
import { defaults } from '../../../entities/config.js';
import type { IPCError } from '../../../entities/errors.js';
import type { CloseInfo, Packet } from '../../../entities/packet.js';
import { NodeIpcDialect } from '../../../lib/dialects/node-ipc.js';
import { BytePipe } from '../../../lib/pipes/byte-pipe.js';
import { afterwards } from '../../support/afterwards.js';
import { steadyTime } from '../../support/clock.js';
import { published } from '../../support/diagnostics.js';
import { ipcError } from '../../support/errors.js';
import { heard, once } from '../../support/events.js';
import { datagrams, freshIPC, join, local, pair, streams, tcp } from '../../support/instances.js';
import { BareServer, barePeer } from '../../support/peers.js';
import { bytePipe, Listening } from '../../support/pipes.js';
import { freshDirectory } from '../../support/places.js';
import { start } from '../../support/processes.js';
import { socketPair } from '../../support/sockets.js';

describe('A connection', () => {
  it('delivers complete frames at once, although the chunk ends inside the next one', async () => {
    const server = await local.serve();
    const arrived = once(server, 'one');
    const peer = await barePeer(server);
    peer.write('{"type":"one","data":1}\f{"type":"two","da');
    expect((await arrived)[0]).toBe(1);
    const second = once(server, 'two');
    peer.write('ta":2}\f');
    expect((await second)[0]).toBe(2);
  });

  it('continues after a frame that is not a packet, and reports its length', async () => {
    const server = await local.serve();
    const errors = heard(server, 'error', 2);
    const arrived = once(server, 'good');
    const peer = await barePeer(server);
    peer.write('what is this\f{"data":"no type"}\f').emit('good', 1);
    expect(await errors).toEqual([
      ipcError('ERR_IPC_DECODE', 'A frame is not JSON; it was dropped (length 12).'),
      ipcError('ERR_IPC_DECODE', 'no "type"'),
    ]);
    expect((await arrived)[0]).toBe(1);
    expect(server.sockets.length).toBe(1);
  });

  it('ends if a frame exceeds maxMessageSize, without an effect on other connections', async () => {
    const { server, client } = await pair({ server: { maxMessageSize: 1000 } });
    const reported = once<[Error, Socket]>(server, 'error');
    const peer = await barePeer(server);
    const left = once(server, 'disconnect');
    peer.write('x'.repeat(1001));
    await left;
    expect((await reported)[0]).toEqual(ipcError('ERR_IPC_TOO_LARGE', 'config.maxMessageSize'));
    const arrived = once(server, 'message');
    client.emit('message', 'still here');
    expect((await arrived)[0]).toBe('still here');
    expect(server.sockets.length).toBe(1);
  });

  it('sends bye with the reason before it ends, and drops later bytes', async () => {
    const server = await local.serve({ maxMessageSize: 1000 });
    const peer = await barePeer(server);
    peer.write('x'.repeat(500_000)).emit('message', 'never heard');
    await peer.ended();
    const [bye] = peer.packets;
    expect(bye?.type).toBe('ipc:bye');
    expect(bye?.data).toEqual({
      reason: jasmine.stringContaining('1000 bytes'),
      reconnect: true,
      code: 'ERR_IPC_TOO_LARGE',
    });
    expect(server.stats().packetsIn).toBe(0);
  });

  it('reports the reason of the server at the client, which reconnects', async () => {
    const { server, client } = await pair({ server: { maxMessageSize: 1000 } });
    const codes: string[] = [];
    client.on('error', ({ code }) => codes.push(code));
    const left = once<[CloseInfo]>(client, 'disconnect');
    const back = Promise.all([
      once(client, 'ipc:reconnect'),
      once(server, 'disconnect'),
      once(server, 'connect'),
    ]);
    client.emit('message', 'x'.repeat(1000));
    expect((await left)[0]).toEqual(jasmine.objectContaining({ code: 'ERR_IPC_TOO_LARGE', reconnect: true }));
    await back;
    expect(codes).toEqual(['ERR_IPC_TOO_LARGE']);
    expect(server.sockets.length).toBe(1);
  });

  it('ends even if the other side continues to send', async () => {
    const server = await local.serve({ maxMessageSize: 1000 });
    const peer = await barePeer(server);
    const left = once(server, 'disconnect');
    const flood = setInterval(() => peer.write('x'.repeat(10_000)), 1);
    peer.socket.pause();
    await left;
    clearInterval(flood);
    expect(server.sockets).toEqual([]);
  });

  it('ends at the client, too, and the client reconnects', async () => {
    const { server, client } = await pair({ client: { maxMessageSize: 1000 } });
    const reported = once(client, 'error');
    const retry = once<[number, number, { error: Error }]>(client, 'ipc:retry');
    const back = once(client, 'ipc:reconnect');
    server.broadcast('message', 'x'.repeat(1000));
    expect((await reported)[0]).toEqual(ipcError('ERR_IPC_TOO_LARGE'));
    expect((await retry)[2].error).toEqual(ipcError('ERR_IPC_TOO_LARGE'));
    await back;
  });

  it('reports that the peer reset it', async () => {
    const server = await tcp.serve();
    const accepted = once(server, 'connect');
    const socket = connectNet({ host: server.path, port: server.port } as TcpSocketConnectOpts);
    afterwards(() => socket.destroy());
    await accepted;
    const reported = once<[IPCError]>(server, 'error');
    const left = once(server, 'disconnect');
    socket.resetAndDestroy();
    const [error] = await reported;
    expect(error).toEqual(ipcError('ERR_IPC_SOCKET', 'The connection broke'));
    expect(error.cause).toEqual(jasmine.objectContaining({ code: 'ECONNRESET' }));
    await left;
  });

  it('reports unsent bytes when it is lost', async () => {
    const server = await local.serve();
    const accepted = once<[Socket]>(server, 'connect');
    const peer = await barePeer(server);
    peer.socket.pause();
    const [socket] = await accepted;
    const errors: { code: string; message: string }[] = [];
    server.on('error', (error) => errors.push(error));
    const left = once(server, 'disconnect');
    server.emit(socket, 'message', 'x'.repeat(5_000_000));
    await new Promise(setImmediate);
    peer.socket.destroy();
    await left;
    expect(errors.map(({ code }) => code)).toContain('ERR_IPC_UNSENT');
  });

  it('reports no unsent bytes if all were sent', async () => {
    const { server, client } = await pair();
    const errors = jasmine.createSpy();
    server.on('error', errors);
    client.on('error', errors);
    for (let i = 0; i < 1000; i++) client.emit('message', i);
    await heard(server, 'message', 1000);
    await server.stop();
    expect(errors).not.toHaveBeenCalled();
  });

  for (const [who, end] of [
    ['we end', (client: { disconnect(): void }, _peer: Socket) => client.disconnect()],
    ['the other side ends, and goes on reading', (_client: unknown, peer: Socket) => peer.end()],
  ] as const) {
    it(`sends a long message completely although ${who}`, async () => {
      if (process.platform === 'win32') pending('Windows pipes have no half-closed connections');
      const listening = await new BareServer({ allowHalfOpen: true }).listen();
      const ipc = freshIPC();
      const client = await ipc.connectTo('world', listening.path).ready();
      const errors: Error[] = [];
      client.on('error', (error) => errors.push(error));
      const peer = await listening.peer();
      peer.socket.pause();
      const text = 'é'.repeat(1_000_000);
      client.emit('message', { text });
      end(client, peer.socket);
      if (!client.explicitlyDisconnected) await once(client.socket as Socket, 'end');
      peer.socket.resume();
      expect((await peer.receive(1))[0]).toEqual({ type: 'message', data: { text } });
      expect(errors).toEqual([]);
      client.disconnect();
    });
  }

  it('reads bytes that follow a hello in the negotiated dialect', async () => {
    const server = await local.serve({ authorize: () => true });
    const arrived = once(server, 'message');
    const peer = await barePeer(server);
    const hello = { type: 'ipc:hello', data: { session: 's', codecs: ['msgpack'] } };
    const body = pack(['message', 'packed', null, null, null]);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(body.length);
    peer.write(Buffer.concat([Buffer.from(`${JSON.stringify(hello)}\f`), length, body]));
    expect((await arrived)[0]).toBe('packed');
  });

  it('answers a ping by itself', async () => {
    const { server, client } = await pair();
    const any = jasmine.createSpy();
    server.on('*', any);
    client.on('*', any);
    expect(await client.ping()).toBeGreaterThan(0);
    const [result] = await server.ping();
    expect(result?.socket).toBe(server.sockets[0] as Socket);
    expect(result?.status).toBe('fulfilled');
    expect(any).not.toHaveBeenCalled();
  });

  it('ignores a ping that asks for no answer', async () => {
    const server = await local.serve();
    const errors = jasmine.createSpy();
    server.on('error', errors);
    const peer = await barePeer(server);
    peer.emit('ipc:ping').emit('ipc:ping', 0, { id: 3 });
    expect(await peer.receive(1)).toEqual([{ type: 'ipc:ping', data: {}, re: 3 }]);
    expect(errors).toHaveBeenCalledTimes(1);
  });

  it('accepts internal packets of a decoder only from the decoder, not from a peer', async () => {
    const server = await local.serve();
    const errors = heard(server, 'error', 2);
    const arrived = once(server, 'x');
    const peer = await barePeer(server);
    peer.emit('ipc:dialect', { name: 'raw' }).emit('ipc:upgrade', 'x').emit('x', 1);
    expect(await errors).toEqual([ipcError('ERR_IPC_PROTOCOL'), ipcError('ERR_IPC_PROTOCOL')]);
    expect((await arrived)[0]).toBe(1);
  });

  it('reports a stream that the peer ends within a frame, on either side', async () => {
    const server = await local.serve();
    const cut = once(server, 'error');
    const peer = await barePeer(server);
    peer.socket.end('{"type":"whole","data":1}\f{"type":"cut"');
    expect((await cut)[0]).toEqual(ipcError('ERR_IPC_DECODE', 'ended with 13 bytes of a frame'));
  });

  it('reports such an end after earlier packets, even if these were held back', async () => {
    const server = await local.serve();
    const order: string[] = [];
    const connected = once<[Socket]>(server, 'connect');
    server.on('whole', () => order.push('whole'));
    const failed = once(server, 'error').then(() => order.push('error'));
    const peer = await barePeer(server);
    await connected;
    server.pause();
    peer.socket.end('{"type":"whole","data":1}\f{"type":"cut"');
    await new Promise((resolve) => setImmediate(resolve));
    expect(order).toEqual([]);
    server.resume();
    await failed;
    expect(order).toEqual(['whole', 'error']);
  });

  it('delivers packets that the peer sends after our end', async () => {
    const server = await tcp.serve();
    const accepted = once<[Socket]>(server, 'connect');
    const peer = await barePeer(server, { allowHalfOpen: true });
    const [socket] = await accepted;
    server.close(socket);
    await peer.ended();
    const arrived = once(server, 'last');
    peer.emit('last', 'word');
    expect((await arrived)[0]).toBe('word');
    peer.socket.end();
    await once(server, 'disconnect');
  });
});

describe('A connection whose other side ends', () => {
  for (const [what, prepare] of [
    ['', () => {}],
    [', also where somebody else listens', (socket: Socket) => socket.on('end', () => {})],
  ] as const) {
    it(`sends what was emitted before, and then cannot be written to${what}`, async () => {
      if (process.platform === 'win32') pending('Windows pipes have no half-closed connections');
      const { socket, peer } = await socketPair();
      prepare(socket);
      const pipe = bytePipe(socket);
      socket.prependOnceListener('end', () => pipe.send({ type: 'last', data: 1 }));
      const ended = once(socket, 'end');
      peer.socket.end();
      await ended;
      await peer.ended();
      expect(peer.packets).toEqual([{ type: 'last', data: 1 }]);
      expect(Object.hasOwn(socket, 'write')).toBeTrue();
    });
  }
});

describe('A connection with unsent data', () => {
  it('makes no sender wait once the socket is destroyed, as nothing drains then', async () => {
    const { socket, peer } = await socketPair();
    peer.socket.pause();
    const pipe = bytePipe(socket);
    while (!pipe.congested) {
      pipe.send({ type: 'big', data: 'x'.repeat(100_000) });
      pipe.buffer.flush(true);
    }
    const drained = jasmine.createSpy();
    socket.destroy();
    pipe.drained(drained);
    expect(drained).toHaveBeenCalledOnceWith(true);
    expect(pipe.congested).toBeFalse();
  });
});

describe('A byte pipe', () => {
  /** The frame of a packet in node-ipc's dialect. */
  const frame = (data: unknown) => `${JSON.stringify({ type: 'a', data })}\f`;

  it('refuses a packet that alone exceeds maxPendingBytes, and sends one that just fits', async () => {
    const { socket, peer } = await socketPair();
    const listener = new Listening();
    const pipe = bytePipe(socket, { maxPendingBytes: 1000 }, listener);
    const room = 'x'.repeat(1000 - frame('').length);
    expect([pipe.send({ type: 'a', data: `${room}x` }), pipe.stats.packetsOut]).toEqual([false, 0]);
    expect(listener.errors).toEqual([
      ipcError('ERR_IPC_TOO_LARGE', 'A message of 1001 bytes is longer than'),
    ]);
    expect([pipe.send({ type: 'a', data: room }), pipe.stats.packetsOut]).toEqual([true, 1]);
    expect(pipe.pendingBytes).toBe(1000);
    expect(pipe.send({ type: 'a', data: 1 })).toBeFalse();
    expect(listener.errors.slice(1)).toEqual([
      ipcError('ERR_IPC_BACKPRESSURE', 'More than 1000 bytes wait to be sent'),
    ]);
    expect(await peer.receive(1)).toEqual([{ type: 'a', data: room }]);
  });

  it('refuses a packet whose encoding depends on earlier ones without encoding it, if there is no room', async () => {
    const { socket } = await socketPair();
    const dialect = new NodeIpcDialect('\f');
    const capabilities = { ...dialect.capabilities, sharedEncoding: false };
    Object.defineProperty(dialect, 'capabilities', { value: capabilities });
    const listener = new Listening();
    const pipe = new BytePipe(socket, dialect, { ...defaults(), maxPendingBytes: 100 }, listener);
    const encode = spyOn(dialect, 'encode').and.callThrough();
    expect(pipe.send({ type: 'a', data: 'x'.repeat(200) })).toBeTrue();
    expect(pipe.send({ type: 'a', data: 1 })).toBeFalse();
    expect(encode).toHaveBeenCalledTimes(1);
    expect([listener.errors, pipe.stats.packetsOut]).toEqual([[ipcError('ERR_IPC_BACKPRESSURE')], 1]);
  });

  it('measures what it holds, unread and unsent, and reports further growth', async () => {
    const { socket, peer } = await socketPair();
    const grew = jasmine.createSpy();
    const listener = Object.assign(new Listening(), { grew });
    const pipe = bytePipe(socket, {}, listener);
    expect(pipe.measure()).toBe(0);
    peer.write('x'.repeat(100));
    await once(socket, 'data');
    expect([pipe.measure(), pipe.pendingBytes]).toEqual([100, 0]);
    const text = 'x'.repeat(20_000);
    pipe.send({ type: 'a', data: text });
    const size = frame(text).length;
    expect(grew).toHaveBeenCalledOnceWith(size);
  });

  it('accepts exactly as many bytes as it is allowed to, and is deaf from the next one on', async () => {
    const { socket, peer } = await socketPair();
    const listener = new Listening();
    const pipe = bytePipe(socket, {}, listener);
    const bytes = frame(1).length;
    pipe.allow(2 * bytes);
    for (const n of [1, 2]) {
      peer.write(frame(n));
      await once(socket, 'data');
    }
    expect([listener.packets.length, listener.excesses]).toEqual([2, 0]);
    peer.write('\f');
    await once(socket, 'data');
    expect([listener.packets.length, listener.excesses]).toEqual([2, 1]);
    peer.write(frame(3));
    await once(socket, 'data');
    expect([listener.packets.length, listener.excesses, pipe.measure()]).toEqual([2, 1, 0]);
  });

  it('accepts any number of bytes once the limit is lifted', async () => {
    const { socket, peer } = await socketPair();
    const listener = new Listening();
    const pipe = bytePipe(socket, {}, listener);
    pipe.allow(1);
    pipe.allow(Number.POSITIVE_INFINITY);
    peer.write(frame('x'.repeat(1000)));
    await once(socket, 'data');
    expect([listener.packets.length, listener.excesses]).toEqual([1, 0]);
  });

  it('counts its traffic from the time at which it was made', async () => {
    const { socket, peer } = await socketPair();
    const before = Date.now();
    const pipe = bytePipe(socket);
    const after = Date.now();
    pipe.send({ type: 'a', data: 1 });
    expect(pipe.stats.pendingBytes).toBe(frame(1).length);
    await peer.receive(1);
    peer.write(frame(1) + frame(2));
    await once(socket, 'data');
    expect(pipe.stats).toEqual({
      packetsIn: 2,
      packetsOut: 1,
      bytesIn: 2 * frame(1).length,
      bytesOut: frame(1).length,
      openRequests: 0,
      pendingBytes: 0,
      since: pipe.since,
    });
    // The start is kept in whole milliseconds.
    expect(pipe.since).toBeGreaterThanOrEqual(before - 1);
    expect(pipe.since).toBeLessThanOrEqual(after);
  });

  it('neither sends nor is open once it has ended, and reports each only once', async () => {
    const { socket, peer } = await socketPair();
    const listener = new Listening();
    const pipe = bytePipe(socket, {}, listener);
    const over = listener.over.wait();
    pipe.end();
    pipe.end();
    expect([pipe.open, pipe.destroyed, pipe.send({ type: 'a', data: 1 }), pipe.write('a\f')]).toEqual([
      false,
      false,
      false,
      false,
    ]);
    await peer.ended();
    await over;
    expect([pipe.destroyed, peer.packets, listener.errors]).toEqual([true, [], []]);
  });
});

describe('An incomplete frame', () => {
  beforeEach(steadyTime);

  /** Waits until a frame begun now has timed out: one begun before would have, too. */
  async function outlast(messageTimeout: number): Promise<void> {
    const peer = await barePeer(await local.serve({ messageTimeout }));
    peer.write('{');
    await peer.ended();
  }

  it('ends the connection after messageTimeout', async () => {
    const server = await local.serve({ messageTimeout: 30 });
    const reported = once(server, 'error');
    const peer = await barePeer(server);
    peer.write('{"type":');
    await peer.ended();
    expect((await reported)[0]).toEqual(
      ipcError('ERR_IPC_TIMEOUT', 'A message was incomplete, and no further byte of it came for 30 ms'),
    );
    expect(peer.packets[0]).toEqual({
      type: 'ipc:bye',
      data: { reason: jasmine.stringContaining('30 ms'), reconnect: true, code: 'ERR_IPC_TIMEOUT' },
    });
  });

  it('does not end the connection while its bytes arrive', async () => {
    const server = await local.serve({ messageTimeout: 300 });
    const errors = jasmine.createSpy();
    server.on('error', errors);
    const arrived = once(server, 'slow');
    const peer = await barePeer(server);
    const bytes = [...'{"type":"slow","data":"drop by drop"}\f'];
    const timer = setInterval(() => {
      const byte = bytes.shift();
      if (byte === undefined) clearInterval(timer);
      else peer.write(byte);
    }, 20);
    afterwards(() => clearInterval(timer));
    expect((await arrived)[0]).toBe('drop by drop');
    expect(errors).not.toHaveBeenCalled();
  });

  it('does not count while the connection is paused, and silence between frames does not count', async () => {
    const server = await local.serve({ messageTimeout: 20 });
    const errors = jasmine.createSpy();
    server.on('error', errors);
    const accepted = once(server, 'whole');
    const peer = await barePeer(server);
    peer.emit('whole').write('{"type":"part"');
    await accepted;
    server.pause();
    peer.write(',"data":1}\f');
    await outlast(20);
    const arrived = once(server, 'part');
    server.resume();
    expect((await arrived)[0]).toBe(1);
    await outlast(20);
    expect(server.sockets.length).toBe(1);
    expect(errors).not.toHaveBeenCalled();
  });

  it('never ends the connection if messageTimeout is 0', async () => {
    const server = await local.serve({ messageTimeout: 0 });
    const peer = await barePeer(server);
    peer.write('{"type":"part"');
    await outlast(20);
    const arrived = once(server, 'part');
    peer.write(',"data":1}\f');
    expect((await arrived)[0]).toBe(1);
  });
});

describe('A handler that throws', () => {
  for (const side of ['server', 'client'] as const) {
    it(`loses no other packet on the ${side}, and other handlers are called`, async () => {
      const { server, client } = await pair();
      const [to, from] = side === 'server' ? [server, client] : [client, server];
      const got: unknown[] = [];
      const faults = [new Error('first'), new Error('second')];
      to.on('message', (data: number) => {
        if (data < 2) throw faults[data];
      });
      to.on('message', (data: unknown) => got.push(data));
      to.on('*', (type, data) => got.push(`${type} ${data}`));
      await jasmine.spyOnGlobalErrorsAsync(async (errors) => {
        const all = heard(to, 'message', 4);
        for (const n of [0, 1, 2, 3]) {
          if (from === client) client.emit('message', n);
          else server.broadcast('message', n);
        }
        await all;
        expect(got).toEqual([0, 1, 2, 3].flatMap((n) => [n, `message ${n}`]));
        await new Promise(setImmediate);
        expect(errors.calls.allArgs().map(([error]) => error)).toEqual(faults);
      });
      expect(client.connected).toBeTrue();
    });
  }

  it('on a lifecycle event does not change the lifecycle', async () => {
    const server = await local.serve();
    const fault = new Error('fault');
    server.on('connect', () => {
      throw fault;
    });
    await jasmine.spyOnGlobalErrorsAsync(async (errors) => {
      const client = await local.connect(server).ready();
      await client.ping();
      await server.stop();
      await new Promise(setImmediate);
      expect(errors).toHaveBeenCalledOnceWith(fault);
    });
  });
});

describe('A connection whose handler acts in the middle of a chunk', () => {
  const chunk = [1, 2, 3].map((n) => `{"type":"message","data":${n}}\f`).join('');

  it('delivers nothing after it is destroyed', async () => {
    const server = await local.serve();
    const got: number[] = [];
    server.on('message', (data, socket) => {
      got.push(data);
      if (data === 2) socket.destroy();
    });
    server.on('stop', () => got.push(0));
    const client = await join(local, server);
    const seen: number[] = [];
    client.on('message', (data) => {
      seen.push(data);
      if (data === 2) client.destroy();
    });
    const left = once(server, 'disconnect');
    for (const n of [1, 2, 3]) server.broadcast('message', n);
    await left;
    expect(seen).toEqual([1, 2]);
  });

  it('keeps the rest of the chunk while it is paused', async () => {
    const server = await local.serve();
    const got: number[] = [];
    server.on('message', (data) => {
      got.push(data);
      if (data === 1) server.pause();
    });
    const first = once(server, 'message');
    const peer = await barePeer(server);
    peer.write(chunk);
    await first;
    await new Promise(setImmediate);
    expect(got).toEqual([1]);
    server.resume();
    expect(got).toEqual([1, 2, 3]);
    const last = once(server, 'message');
    peer.emit('message', 4);
    await last;
    expect(got).toEqual([1, 2, 3, 4]);
  });

  it('continues if it is paused and resumed at once', async () => {
    const server = await local.serve();
    const got: number[] = [];
    server.on('message', (data) => {
      got.push(data);
      server.pause();
      server.resume();
    });
    const all = heard(server, 'message', 3);
    (await barePeer(server)).write(chunk);
    await all;
    expect(got).toEqual([1, 2, 3]);
  });

  it('reads none of the bytes of a connection whose handler resumes it', async () => {
    const held = await socketPair();
    const other = await socketPair();
    const seen: unknown[] = [];
    const framed = new NodeIpcDialect('\f', defaults(), 'little-endian');
    const heldListener = new Listening();
    const pipe = new BytePipe(held.socket, framed, defaults(), heldListener);
    pipe.pause();
    const listener = Object.assign(new Listening(), {
      packet: ({ data }: Packet) => {
        seen.push(data);
        if (data === 1) pipe.resume();
      },
    });
    new BytePipe(other.socket, framed, defaults(), listener);
    const frames = [0, 1, 2].map((data) => framed.encode({ type: 'x', data }) as Buffer);
    other.peer.socket.write(frames[0] as Buffer);
    await once(other.socket, 'data');
    other.peer.socket.write(Buffer.concat(frames.slice(1)));
    await once(other.socket, 'data');
    expect(seen).toEqual([0, 1, 2]);
    expect(heldListener.packets).toEqual([]);
  });

  it('continues to read if packets are taken one at a time', async () => {
    const server = await local.serve();
    const got: number[] = [];
    server.on('message', (data) => {
      got.push(data);
      server.pause();
      setImmediate(() => server.resume());
    });
    const all = heard(server, 'message', 6);
    const peer = await barePeer(server);
    peer.write(chunk).write(chunk);
    await all;
    expect(got).toEqual([1, 2, 3, 1, 2, 3]);
  });

  it('ends properly although it is paused', async () => {
    const server = await local.serve();
    const first = once(server, 'message');
    server.on('message', () => server.pause());
    const peer = await barePeer(server);
    peer.write(chunk);
    await first;
    await server.stop();
    await peer.ended();
    expect(server.sockets).toEqual([]);
  });
});

describe('A side that does not read fast enough', () => {
  for (const over of streams) {
    it(`as a server makes emit return false, with an error, and loses nothing that was accepted, over ${over.name}`, async () => {
      const { server, client } = await pair({ over, client: { maxPendingBytes: 1_000_000 } });
      server.pause();
      const errors: unknown[] = [];
      client.on('error', (error) => errors.push(error));
      const payload = 'x'.repeat(100_000);
      let taken = 0;
      while (client.emit('message', payload)) {
        taken++;
        if (taken % 10 === 0) await new Promise(setImmediate);
      }
      expect(errors).toEqual([ipcError('ERR_IPC_BACKPRESSURE', 'config.maxPendingBytes')]);
      expect(client.stats().pendingBytes).toBeLessThanOrEqual(1_000_000);
      expect(client.connected).toBeTrue();
      const all = heard(server, 'message', taken);
      server.resume();
      await all;
      expect(client.emit('message', 'more')).toBeTrue();
    });

    it(`as a client is disconnected, while others continue, over ${over.name}`, async () => {
      const server = await over.serve({ maxPendingBytes: 2_000_000 });
      const [slow, quick] = [await join(over, server), await join(over, server)];
      slow.pause();
      const errors: unknown[] = [];
      server.on('error', (error) => errors.push(error));
      const left = once<[Socket]>(server, 'disconnect');
      let received = 0;
      quick.on('message', () => received++);
      let sent = 0;
      const payload = 'x'.repeat(100_000);
      while (server.sockets.length === 2) {
        server.broadcast('message', payload);
        sent++;
        await quick.ping();
      }
      await left;
      expect(received).toBe(sent);
      expect(errors).toContain(ipcError('ERR_IPC_BACKPRESSURE', 'does not read fast enough'));
      const last = once(quick, 'last');
      server.broadcast('last');
      await last;
      slow.destroy();
    });
  }
});

describe('A message sent right before the process exits', () => {
  for (const how of ['exit', 'disconnect', 'close']) {
    it(`arrives from a client that ends by ${how}`, async () => {
      const server = await local.serve();
      const arrived = heard(server, 'message', 100);
      const program = start('spec/fixtures/last-words.ts', [server.path, how]);
      expect(await arrived).toEqual([...Array(100).keys()]);
      expect(await program.exited).toEqual({ code: 0, signal: null });
    });
  }

  for (const how of ['exit', 'stop']) {
    it(`arrives from a server that ends by ${how}`, async () => {
      const directory = freshDirectory();
      const program = start('spec/fixtures/last-words.ts', [`${directory}/s`, `server ${how}`]);
      await program.waitForLine(/^started$/);
      const client = freshIPC().connectTo('world', `${directory}/s`);
      const arrived = heard(client, 'message', 100);
      client.emit('go');
      expect(await arrived).toEqual([...Array(100).keys()]);
      expect(await program.exited).toEqual({ code: 0, signal: null });
    });
  }

  it('arrives over UDP', async () => {
    const server = await datagrams();
    const arrived = heard(server, 'message', 100);
    const program = start('spec/fixtures/last-words.ts', [String(server.port), 'udp']);
    expect(await arrived).toEqual([...Array(100).keys()]);
    expect(await program.exited).toEqual({ code: 0, signal: null });
  });
});

describe('The diagnostics channels', () => {
  it('report connections', async () => {
    const seen = published('omni-ipc:connection');
    const { server, client } = await pair();
    const [socket] = server.sockets;
    await client.close();
    await server.stop();
    const told = (side: string) => seen.filter((message) => message.side === side);
    expect(told('client')).toEqual([
      { state: 'open', side: 'client', socket: client.socket, dialect: 'json' },
      { state: 'close', side: 'client', socket: client.socket, dialect: 'json' },
    ]);
    expect(told('server')).toEqual([
      { state: 'open', side: 'server', socket, dialect: 'json' },
      { state: 'close', side: 'server', socket, dialect: 'json' },
    ]);
  });

  it('report packets both ways, broadcasts included', async () => {
    const { server, client } = await pair();
    const [socket] = server.sockets;
    const [came, went] = [published('omni-ipc:packet.in'), published('omni-ipc:packet.out')];
    const answered = once(client, 'answer');
    server.on('message', () => server.broadcast('answer', 2));
    client.emit('message', 1);
    await answered;
    const message = { type: 'message', data: 1 };
    const answer = { type: 'answer', data: 2 };
    expect(went).toEqual([
      { side: 'client', socket: client.socket, packet: message, bytes: 28 },
      { side: 'server', socket, packet: answer, bytes: 27 },
    ]);
    expect(came).toEqual([
      { side: 'server', socket, packet: message },
      { side: 'client', socket: client.socket, packet: answer },
    ]);
  });

  it('report errors', async () => {
    const seen = published('omni-ipc:error');
    const server = await local.serve();
    const peer = await barePeer(server);
    const reported = once(server, 'error');
    peer.write('no json\f');
    await reported;
    expect(seen).toEqual([
      { side: 'server', error: ipcError('ERR_IPC_DECODE'), socket: server.sockets[0] as never },
    ]);
    const client = freshIPC({ maxRetries: 0 }).connectTo('nobody', `${server.path}.not`);
    await once(client, 'destroy');
    expect(seen[1]).toEqual({ side: 'client', error: ipcError('ERR_IPC_CONNECT'), socket: client.socket });
  });

  it('report requests and their durations', async () => {
    const seen = published('omni-ipc:request');
    const { server, client } = await pair();
    server.handle('good', () => 1);
    await client.request('good');
    await expectAsync(client.request('bad')).toBeRejected();
    const common = { side: 'client', milliseconds: jasmine.any(Number) };
    expect(seen).toEqual([
      { ...common, type: 'good', id: 1, state: 'open', error: undefined },
      { ...common, type: 'good', id: 1, state: 'done', error: undefined },
      { ...common, type: 'bad', id: 2, state: 'open', error: undefined },
      { ...common, type: 'bad', id: 2, state: 'failed', error: ipcError('ERR_IPC_NO_HANDLER') },
    ]);
  });

  it('report datagrams and their errors', async () => {
    const [came, went, faults] = [
      published('omni-ipc:packet.in'),
      published('omni-ipc:packet.out'),
      published('omni-ipc:error'),
    ];
    const [world, hello] = await Promise.all([datagrams(), datagrams()]);
    const answered = once(hello, 'answer');
    world.on('message', () => world.broadcast('answer', 2));
    hello.emit({ address: world.path, port: world.port }, 'message', 1);
    await answered;
    const [toHello, toWorld] = [world.sockets[0], hello.sockets[0]];
    expect(went).toEqual([
      { side: 'server', socket: toWorld, packet: { type: 'message', data: 1 }, bytes: 28 },
      { side: 'server', socket: toHello, packet: { type: 'answer', data: 2 }, bytes: 27 },
    ]);
    expect(came).toEqual([
      { side: 'server', socket: toHello, packet: { type: 'message', data: 1 } },
      { side: 'server', socket: toWorld, packet: { type: 'answer', data: 2 } },
    ]);
    hello.emit({ address: world.path, port: world.port }, 'message', 'x'.repeat(70_000));
    expect(faults).toEqual([{ side: 'server', error: ipcError('ERR_IPC_TOO_LARGE'), socket: toWorld }]);
  });
});
