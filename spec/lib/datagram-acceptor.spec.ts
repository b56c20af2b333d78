import { createSocket, type Socket } from 'node:dgram';
import { once as nodeOnce } from 'node:events';
import type { Endpoint } from '../../entities/address.js';
import type { Encoding } from '../../entities/config/wire.js';
import type { DatagramServer } from '../../lib/server.js';
import { noStats } from '../../lib/stats.js';
import { afterwards } from '../support/afterwards.js';
import { ipcError } from '../support/errors.js';
import { failure, heard, once } from '../support/events.js';
import { datagrams, freshIPC } from '../support/instances.js';
import { freePort } from '../support/network.js';

/** Where a server can be reached. */
function at(server: DatagramServer): Endpoint {
  return { address: server.path, port: server.port };
}

/** A bare UDP socket, with what has come to it. */
async function barePeer() {
  const socket = createSocket('udp4');
  const received: string[] = [];
  socket.on('message', (bytes) => received.push(bytes.toString()));
  socket.bind(0, '127.0.0.1');
  await nodeOnce(socket, 'listening');
  afterwards(() => new Promise<void>((resolve) => socket.close(() => resolve())));
  const send = (text: string | Buffer, to: DatagramServer) => socket.send(text, to.port, '127.0.0.1');
  return { socket, received, send, endpoint: { address: '127.0.0.1', port: socket.address().port } };
}

async function message(socket: Socket): Promise<string> {
  const [bytes] = await nodeOnce(socket, 'message');
  return String(bytes);
}

describe('A UDP server', () => {
  it('is bound when start() resolves, and reports its address', async () => {
    const server = freshIPC().serveNet('127.0.0.1', 0, 'udp4');
    expect([server.udp4, server.udp6, server.server]).toEqual([true, false, false]);
    const started = once(server, 'start');
    expect(await server.start()).toBe(server);
    expect(server.port).toBeGreaterThan(0);
    expect(await started).toEqual([{ address: '127.0.0.1', port: server.port }]);
    expect((server.server as Socket).address().port).toBe(server.port);
  });

  it('keeps the process running unless unref() was called last, also before it starts', async () => {
    // Compared within one turn, in which no socket of another spec closes.
    const handles = () => process.getActiveResourcesInfo().filter((name) => name === 'UDPWrap').length;
    const server = freshIPC().serveNet('127.0.0.1', 0, 'udp4').unref().ref();
    await server.start();
    const kept = handles();
    server.unref();
    expect(handles()).toBe(kept - 1);
    const other = freshIPC().serveNet('127.0.0.1', 0, 'udp4').unref();
    await other.start();
    const free = handles();
    other.ref();
    expect(handles()).toBe(free + 1);
  });

  it('starts once however often it is asked to, and again after a stop', async () => {
    const server = await datagrams();
    const log: string[] = [];
    server.on('start', () => log.push('start'));
    server.on('close', () => log.push('close'));
    await Promise.all([server.start(), server.start()]);
    server.stop();
    server.stop();
    await server.start();
    expect(log).toEqual(['close', 'start']);
    const peer = await barePeer();
    const arrived = once(server, 'message');
    peer.send('{"type":"message","data":1}\f', server);
    expect((await arrived)[0]).toBe(1);
  });

  it('fails if the port is taken: the promise and `error` report it, and it can be retried', async () => {
    const port = await freePort('127.0.0.1', 'udp4');
    const first = await freshIPC().serveNet('127.0.0.1', port, 'udp4').start();
    const second = freshIPC().serveNet('127.0.0.1', port, 'udp4');
    const reported = once(second, 'error');
    const error = await failure(second.start());
    expect(error).toEqual(ipcError('ERR_IPC_IN_USE', String(first.port)));
    expect((await reported)[0]).toBe(error);
    await first.stop();
    expect(await second.start()).toBe(second);
  });

  it('may fail without a listener', async () => {
    const server = freshIPC().serveNet('192.0.2.1', 0, 'udp4');
    await jasmine.spyOnGlobalErrorsAsync(async (errors) => {
      const reported = once(server, 'error');
      server.start();
      expect((await reported)[0]).toEqual(ipcError('ERR_IPC_ADDRESS', '192.0.2.1'));
      await new Promise(setImmediate);
      expect(errors).not.toHaveBeenCalled();
    });
  });

  it('binds the IPv4 loopback if the IPv6 one is asked for, as node-ipc 9 does', async () => {
    const server = await freshIPC().serveNet('::1', 0, 'udp4').start();
    expect((server.server as Socket).address().address).toBe('127.0.0.1');
  });

  it('is stopped by `await using`', async () => {
    const ended = await (async () => {
      await using server = freshIPC().serveNet('127.0.0.1', 0, 'udp4');
      return server.start();
    })();
    expect(ended.server).toBeFalse();
  });

  it('uses the config of the time when it was created', async () => {
    const ipc = freshIPC();
    const server = ipc.serveNet('127.0.0.1', 0, 'udp4');
    ipc.config.requestTimeout = -1;
    await server.start();
    expect(server.config.requestTimeout).toBeGreaterThan(0);
  });
});

describe('A UDP server that is bound', () => {
  it('emits connect once, with Node’s own socket, as node-ipc does', async () => {
    const server = freshIPC().serveNet('127.0.0.1', 0, 'udp4');
    const order: unknown[] = [];
    server.on('start', () => order.push('start'));
    server.on('connect', (socket) => order.push(socket));
    await server.start();
    expect(order).toEqual(['start', server.server]);
    const peer = await barePeer();
    const arrived = heard(server, 'message', 1);
    peer.send('{"type":"message","data":1}\f', server);
    await arrived;
    expect(order.length).toBe(2);
  });

  it('has as its path the bound address if IPv4 is asked for the IPv6 loopback', async () => {
    const server = freshIPC().serveNet('::1', 0, 'udp4');
    expect(server.path).toBe('127.0.0.1');
    await server.start();
    expect((server.server as Socket).address().address).toBe('127.0.0.1');
  });

  for (const [key, value] of Object.entries({ authorize: () => true, tls: {} })) {
    it(`refuses ${key}, which it cannot support`, async () => {
      const server = freshIPC({ [key]: value }).serveNet('127.0.0.1', 0, 'udp4');
      const refused = ipcError('ERR_IPC_CONFIG', `config.${key} has no effect over UDP`);
      expect(await failure(server.start())).toEqual(refused);
    });
  }

  it('sends no more than config.udp.maxAnswerRatio times the bytes of the request, and reports the rest', async () => {
    const server = await datagrams('udp4', { udp: { maxAnswerRatio: 3 } });
    server.handle('small', () => 'x');
    server.handle('large', () => 'x'.repeat(1000));
    const peer = await datagrams();
    const to = { address: '127.0.0.1', port: server.port };
    expect(await peer.request(to, 'small')).toBe('x');
    const refused = once(server, 'error');
    const unanswered = failure(peer.request(to, 'large', undefined, { timeout: 50 }));
    expect((await refused)[0]).toEqual(ipcError('ERR_IPC_TOO_LARGE', 'config.udp.maxAnswerRatio allows'));
    expect(await unanswered).toEqual(ipcError('ERR_IPC_TIMEOUT'));
    expect(await peer.request(to, 'large', 'y'.repeat(1000))).toBe('x'.repeat(1000));
  });

  it('applies the settings of config.udp', async () => {
    const udp = { reuseAddr: true };
    const first = await freshIPC({ udp }).serveNet('0.0.0.0', 0, 'udp4').start();
    const second = await freshIPC({ udp }).serveNet('0.0.0.0', first.port, 'udp4').start();
    expect(second.port).toBe(first.port);
  });
});

describe('Peers over UDP', () => {
  it('are reported at their first datagram, and keep their object and label', async () => {
    const server = await datagrams();
    const peer = await barePeer();
    const connected = jasmine.createSpy();
    server.on('ipc:peer', connected);
    const arrived: unknown[] = [];
    server.on('message', (_data, socket) => arrived.push(socket));
    const all = heard(server, 'message', 3);
    peer.send('{"type":"message","data":{"id":"me"}}\f', server);
    peer.send('{"type":"message","data":1}\f{"type":"message","data":2}\f', server);
    await all;
    const [socket] = server.sockets;
    expect(server.sockets.length).toBe(1);
    expect(socket).toEqual({ ...peer.endpoint, family: 'IPv4', id: 'me' });
    expect(connected).toHaveBeenCalledOnceWith(socket);
    expect(arrived).toEqual([socket, socket, socket]);
  });

  it('have no labels if config.identifyPeer is off', async () => {
    const server = await datagrams('udp4', { identifyPeer: false });
    const arrived = once<[unknown, Endpoint]>(server, 'message');
    (await barePeer()).send('{"type":"message","data":{"id":"me"}}\f', server);
    expect((await arrived)[1].id).toBeUndefined();
  });

  it('get a broadcast once each, whether they have sent or received something', async () => {
    const [server, speaker, listener] = await Promise.all([datagrams(), datagrams(), datagrams()]);
    const spoken = once(server, 'hello');
    speaker.emit(at(server), 'hello');
    await spoken;
    server.emit(at(listener), 'hello');
    // The same one by its name: it answers from its address.
    server.emit({ address: 'localhost', port: listener.port }, 'hello');
    const answered = once(server, 'answer');
    listener.broadcast('answer');
    listener.emit(at(server), 'answer');
    await answered;
    expect(server.sockets.map(({ port }) => port)).toEqual([speaker.port, listener.port]);
    const counts = [0, 0];
    for (const [i, peer] of [speaker, listener].entries()) {
      peer.on('announcement', () => (counts[i] = (counts[i] ?? 0) + 1));
    }
    const ends = Promise.all([once(speaker, 'end'), once(listener, 'end')]);
    expect(server.broadcast('announcement', 1)).toBe(server);
    server.broadcast('end');
    await ends;
    expect(counts).toEqual([1, 1]);
  });

  it('all receive an emit without a receiver, as with node-ipc 9', async () => {
    const [server, one, other] = await Promise.all([datagrams(), datagrams(), datagrams()]);
    server.emit(at(one), 'hello');
    server.emit(at(other), 'hello');
    const both = Promise.all([once(one, 'news'), once(other, 'news')]);
    for (const nobody of [{}, undefined, null]) expect(server.emit(nobody as never, 'news', 1)).toBeTrue();
    expect((await both).map(([data]) => data)).toEqual([1, 1]);
  });

  it('can be addressed by a host name', async () => {
    const [server, other] = await Promise.all([datagrams(), datagrams()]);
    const arrived = once(other, 'hello');
    server.emit({ address: 'localhost', port: other.port }, 'hello', 1);
    expect((await arrived)[0]).toBe(1);
  });

  it('under a host name that does not resolve cause an error, and are not remembered', async () => {
    const server = await datagrams();
    const reported = once(server, 'error');
    server.emit({ address: 'no.such.host.invalid', port: 9 }, 'hello');
    expect((await reported)[0]).toEqual(ipcError('ERR_IPC_SOCKET', 'no.such.host.invalid:9 was not sent'));
    expect(server.sockets).toEqual([]);
  });
});

describe('A message emitted over UDP', () => {
  it('is refused if its endpoint has no valid address or port, and the server stops nevertheless', async () => {
    const server = await datagrams();
    for (const [endpoint, says] of [
      [{ address: '127.0.0.1', port: 99_999 }, '99999 is not a port'],
      [{ address: '127.0.0.1', port: -1 }, '-1 is not a port'],
      [{ address: 5, port: 5 }, '{ address: 5, port: 5 } is not an endpoint'],
    ] as const)
      expect(() => server.emit(endpoint as never, 'message', 1)).toThrow(ipcError('ERR_IPC_ARGUMENT', says));
    await server.stop();
  });

  it('is reported as lost if the program closes the socket itself', async () => {
    const server = await datagrams();
    const reported = once(server, 'error');
    (server.server as Socket).close();
    server.emit({ address: '127.0.0.1', port: 9 }, 'message', 1);
    expect((await reported)[0]).toEqual(ipcError('ERR_IPC_SOCKET', 'Not running'));
    await server.flush();
  });

  it('is not reported each time if it is malformed', async () => {
    const server = await datagrams();
    const errors: string[] = [];
    server.on('error', ({ code }) => errors.push(code));
    const arrived = once(server, 'message');
    const sender = createSocket('udp4');
    afterwards(() => sender.close());
    const garbage = 'x\f'.repeat(300);
    await new Promise((resolve) => sender.send(garbage, server.port, '127.0.0.1', resolve));
    await new Promise((resolve) => sender.send('{"type":"message"}\f', server.port, '127.0.0.1', resolve));
    await arrived;
    expect([errors.length, errors[99], errors[100]]).toEqual([101, 'ERR_IPC_DECODE', 'ERR_IPC_PROTOCOL']);
  });

  it('before the start is held and sent first', async () => {
    const other = await datagrams();
    const server = freshIPC().serveNet('127.0.0.1', 0, 'udp4');
    const arrived = heard(other, 'message', 3);
    expect(server.emit(at(other), 'message', 1)).toBeTrue();
    expect(server.emit(at(other), 'message', 2)).toBeTrue();
    server.on('start', () => server.emit(at(other), 'message', 3));
    await server.start();
    expect(await arrived).toEqual([1, 2, 3]);
  });

  it('before the start is held up to maxPendingBytes', async () => {
    const server = freshIPC({ maxPendingBytes: 3000 }).serveNet('127.0.0.1', 0, 'udp4');
    const errors: unknown[] = [];
    server.on('error', (error) => errors.push(error));
    const peer = { address: '127.0.0.1', port: 9 };
    expect(server.emit(peer, 'message', 'x'.repeat(2000))).toBeTrue();
    expect(server.emit(peer, 'message', 'x'.repeat(2000))).toBeFalse();
    expect(errors).toEqual([ipcError('ERR_IPC_BACKPRESSURE', 'wait for the server to start')]);
  });

  it('is sent before the socket is closed', async () => {
    const [server, other] = await Promise.all([datagrams(), datagrams()]);
    const arrived = heard(other, 'message', 20);
    for (let i = 0; i < 20; i++) server.emit(at(other), 'message', i);
    await server.stop();
    expect(await arrived).toEqual([...Array(20).keys()]);
  });

  it('is refused if it is too long for a datagram', async () => {
    const server = await datagrams();
    const reported = once(server, 'error');
    expect(server.emit({ address: '127.0.0.1', port: 9 }, 'message', 'x'.repeat(65_600))).toBeFalse();
    expect((await reported)[0]).toEqual(ipcError('ERR_IPC_TOO_LARGE', 'does not fit a datagram'));
  });

  it('throws if it cannot be encoded', async () => {
    const server = await datagrams();
    const peer = { address: '127.0.0.1', port: 9 };
    expect(() => server.emit(peer, 'message', 1n)).toThrow(ipcError('ERR_IPC_ENCODE'));
    expect(() => server.emit(peer, 'ipc:x')).toThrow(ipcError('ERR_IPC_ARGUMENT'));
    expect(() => server.broadcast({} as never)).toThrow(ipcError('ERR_IPC_ARGUMENT'));
  });

  it('has node-ipc’s frame', async () => {
    const [server, peer] = await Promise.all([datagrams(), barePeer()]);
    const came = message(peer.socket);
    server.emit(peer.endpoint, 'message', { a: 'ü' });
    expect(await came).toBe('{"type":"message","data":{"a":"ü"}}\f');
  });

  it('arrives unchanged as raw bytes, in each encoding', async () => {
    const encodings: [Encoding, string, number[]][] = [
      ['utf8', 'é', [0xc3, 0xa9]],
      ['latin1', 'é', [0xe9]],
      ['hex', 'ff00', [0xff, 0]],
      ['base64', '/wA=', [0xff, 0]],
      ['utf16le', 'é', [0xe9, 0]],
    ];
    for (const [encoding, text, bytes] of encodings) {
      const raw = { rawBuffer: true, encoding };
      const [server, other] = await Promise.all([datagrams('udp4', raw), datagrams('udp4', raw)]);
      other.on('data', (data, peer) => other.emit(peer, data));
      const echoed = once<[Buffer]>(server, 'data');
      server.emit(at(other), text);
      expect((await echoed)[0])
        .withContext(encoding)
        .toEqual(Buffer.from(bytes));
      const all = once<[Buffer]>(other, 'data');
      server.broadcast([1, 0, 255]);
      expect((await all)[0]).toEqual(Buffer.from([1, 0, 255]));
    }
  });
});

describe('A received datagram', () => {
  it('is reported with its sender if it is not a packet, and the next one is read', async () => {
    const server = await datagrams();
    const peer = await barePeer();
    const errors = heard(server, 'error', 3);
    const arrived = once(server, 'good');
    peer.send('no json\f{"type":"go', server);
    peer.send('od","data":0}\f', server);
    peer.send('{"type":"good","data":1}\f', server);
    const [noJson, cut, rest] = await errors;
    expect([noJson, cut, rest]).toEqual([
      ipcError('ERR_IPC_DECODE', 'length 7'),
      ipcError('ERR_IPC_DECODE', /was dropped in part: The stream ended with 11 bytes/),
      ipcError('ERR_IPC_DECODE', 'length 13'),
    ]);
    expect((await arrived)[0]).toBe(1);
  });

  it('is reported if it is longer than maxMessageSize, and the next one is read', async () => {
    const server = await datagrams('udp4', { maxMessageSize: 50 });
    const peer = await barePeer();
    const errors = heard(server, 'error', 2);
    const arrived = once(server, 'good');
    peer.send('x'.repeat(51), server);
    peer.send(`${'x'.repeat(51)}\f`, server);
    peer.send('{"type":"good","data":1}\f', server);
    for (const error of await errors) expect(error).toEqual(ipcError('ERR_IPC_TOO_LARGE'));
    expect((await arrived)[0]).toBe(1);
  });

  it('is reported if it has the name of a lifecycle event, or another reserved name', async () => {
    const server = await datagrams();
    const peer = await barePeer();
    const closed = jasmine.createSpy();
    server.on('close', closed);
    const errors = heard(server, 'error', 2);
    peer.send('{"type":"close"}\f{"type":"ipc:subscribe","data":["a"]}\f', server);
    for (const error of await errors) expect(error).toEqual(ipcError('ERR_IPC_RESERVED'));
    expect(closed).not.toHaveBeenCalled();
    const open = await datagrams('udp4', { allowReservedEvents: true });
    const arrived = once(open, 'close');
    peer.send('{"type":"close","data":1}\f', open);
    expect((await arrived)[0]).toBe(1);
  });

  it('is logged with its payload if config.logPayloads is set', async () => {
    const lines: string[] = [];
    const settings = { logPayloads: true, silent: false, logger: (line: string) => lines.push(line) };
    const server = await datagrams('udp4', settings);
    const peer = await barePeer();
    const arrived = once(server, 'in');
    peer.send('{"type":"in","data":"secret"}\f', server);
    await arrived;
    server.emit(peer.endpoint, 'out', 'secret');
    server.broadcast('all', 'secret');
    await message(peer.socket);
    expect(lines.filter((line) => line.includes('secret'))).toEqual([
      'received in secret',
      'sending out secret',
      'broadcasting all secret',
    ]);
  });

  it('reaches all handlers, even if one throws', async () => {
    const server = await datagrams();
    const fault = new Error('fault');
    const got: unknown[] = [];
    server.on('message', () => {
      throw fault;
    });
    server.on('message', (data) => got.push(data));
    await jasmine.spyOnGlobalErrorsAsync(async (errors) => {
      const both = heard(server, 'message', 2);
      (await barePeer()).send('{"type":"message","data":1}\f{"type":"message","data":2}\f', server);
      await both;
      await new Promise(setImmediate);
      expect(got).toEqual([1, 2]);
      expect(errors).toHaveBeenCalledTimes(2);
    });
  });
});

describe('Requests over UDP', () => {
  it('are answered both ways', async () => {
    const [server, other] = await Promise.all([datagrams(), datagrams()]);
    other.handle('add', ([a, b]: [number, number]) => a + b);
    server.handle('slow', async (data, peer) => {
      await new Promise(setImmediate);
      return [data, peer.port];
    });
    expect(await server.request(at(other), 'add', [1, 2])).toBe(3);
    expect(await other.request(at(server), 'slow', 'x')).toEqual(['x', other.port]);
  });

  it('are refused if their handler throws, is missing, or returns what cannot be encoded', async () => {
    const [server, other] = await Promise.all([datagrams(), datagrams()]);
    other.handle('throw', () => {
      throw new RangeError('no');
    });
    other.handle('big', () => 1n);
    const error = await failure(server.request(at(other), 'throw'));
    expect([error.name, error.message]).toEqual(['RangeError', 'no']);
    await expectAsync(server.request(at(other), 'big')).toBeRejectedWith(ipcError('ERR_IPC_ENCODE'));
    await expectAsync(server.request(at(other), 'nobody')).toBeRejectedWith(ipcError('ERR_IPC_NO_HANDLER'));
  });

  it('check their data by a schema', async () => {
    const [server, other] = await Promise.all([datagrams(), datagrams()]);
    const validate = (value: unknown) =>
      value === 1 ? { value: 'one' } : { issues: [{ message: 'not 1' }] };
    other.handle('q', { input: { '~standard': { version: 1, vendor: 'spec', validate } } }, (text) => text);
    expect(await server.request(at(other), 'q', 1)).toBe('one');
    await expectAsync(server.request(at(other), 'q', 2)).toBeRejectedWith(ipcError('ERR_IPC_INVALID_INPUT'));
  });

  it('are answered only by the peer that was asked', async () => {
    const [server, asked, other] = await Promise.all([datagrams(), barePeer(), barePeer()]);
    const answer = server.request(asked.endpoint, 'question');
    const { id } = JSON.parse((await message(asked.socket)).slice(0, -1));
    // Heard in order: what comes from one socket after the other's is read after it.
    const heardOther = once(server, 'done');
    other.send(`{"type":"question","data":"false","re":${id}}\f{"type":"done"}\f`, server);
    await heardOther;
    asked.send(`{"type":"question","data":"true","re":${id}}\f`, server);
    expect(await answer).toBe('true');
  });

  it('to a host name are answered, too', async () => {
    const [server, other] = await Promise.all([datagrams(), datagrams()]);
    other.handle('question', () => 'answer');
    expect(await server.request({ address: 'localhost', port: other.port }, 'question')).toBe('answer');
    // The same, but no name that is known here.
    expect(await server.request({ address: 'LOCALHOST', port: other.port }, 'question')).toBe('answer');
  });

  it('time out without an answer', async () => {
    const server = await datagrams('udp4', { requestTimeout: 10 });
    const peer = await barePeer();
    await expectAsync(server.request(peer.endpoint, 'q')).toBeRejectedWith(ipcError('ERR_IPC_TIMEOUT'));
    expect(server.stats().openRequests).toBe(0);
  });

  it('are rejected when the server stops, and handlers that answer later cause no error', async () => {
    const [server, other] = await Promise.all([datagrams(), datagrams()]);
    let answer: (() => void) | undefined;
    const begun = new Promise<void>((resolve) => {
      other.handle('slow', () => {
        resolve();
        return new Promise<void>((answered) => {
          answer = answered;
        });
      });
    });
    const asked = server.request(at(other), 'slow');
    await begun;
    await other.stop();
    answer?.();
    await new Promise(setImmediate);
    await server.stop();
    await expectAsync(asked).toBeRejectedWith(ipcError('ERR_IPC_DISCONNECTED', 'the peer'));
  });

  it('are rejected if they are too long', async () => {
    const server = await datagrams();
    server.on('error', () => {});
    const asked = server.request({ address: '127.0.0.1', port: 9 }, 'q', 'x'.repeat(70_000));
    await expectAsync(asked).toBeRejectedWith(ipcError('ERR_IPC_UNSENT'));
  });

  it('do not crash the process if their rejections are not handled', async () => {
    const server = await datagrams();
    await jasmine.spyOnGlobalErrorsAsync(async (errors) => {
      server.request({ address: '127.0.0.1', port: 9 }, 'q');
      server.subscribe('a', () => {});
      server.unsubscribe('a');
      await server.stop();
      await new Promise(setImmediate);
      expect(errors).not.toHaveBeenCalled();
    });
  });

  it('reach all known peers by survey and ping', async () => {
    const [server, one, other] = await Promise.all([datagrams(), datagrams(), datagrams()]);
    one.handle('q', (n: number) => n + 1);
    server.emit(at(one), 'hello');
    server.emit(at(other), 'hello');
    const answers = await server.survey('q', 1);
    expect(answers.map(({ socket }) => socket)).toEqual(server.sockets);
    expect(answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : answer.reason))).toEqual([
      2,
      ipcError('ERR_IPC_NO_HANDLER'),
    ]);
    const pings = await server.ping();
    expect(pings.length).toBe(2);
    for (const ping of pings) if (ping.status === 'fulfilled') expect(ping.value).toBeGreaterThan(0);
    expect(pings.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
  });
});

describe('What UDP cannot do', () => {
  it('is refused with a clear error', async () => {
    const server = await datagrams();
    const unsupported = ipcError('ERR_IPC_UNSUPPORTED', 'does not exist over UDP');
    await expectAsync(server.subscribe('a', () => {})).toBeRejectedWith(unsupported);
    await expectAsync(server.unsubscribe('a')).toBeRejectedWith(unsupported);
    expect(() => server.publish('a')).toThrow(unsupported);
    expect(() => server.pause()).toThrow(unsupported);
    expect(() => server.resume()).toThrow(unsupported);
  });
});

describe('A UDP server’s figures', () => {
  it('count packets and bytes', async () => {
    const [server, other] = await Promise.all([datagrams(), datagrams()]);
    const before = server.stats();
    expect(before).toEqual({ ...noStats(), since: jasmine.any(Number) as never, connections: 0 });
    const arrived = heard(other, 'message', 2);
    server.emit(at(other), 'message', 1);
    server.emit(at(other), 'message', 2);
    await arrived;
    const size = '{"type":"message","data":1}\f'.length;
    const [out, came] = [server.stats(), other.stats()];
    expect([out.packetsOut, out.bytesOut, came.packetsIn, came.bytesIn]).toEqual([2, 2 * size, 2, 2 * size]);
    expect(out.pendingBytes).toBe(0);
    expect(out.since).toBeGreaterThan(0);
  });
});
