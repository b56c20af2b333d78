import type { Socket } from 'node:net';
import { defaults } from '../../entities/config.js';
import { ClientStatus } from '../../entities/events.js';
import { Client } from '../../lib/client.js';
import { noStats } from '../../lib/stats.js';
import { adapterConfig } from '../../services/adapter/config.js';
import { afterwards } from '../support/afterwards.js';
import { clientAt } from '../support/engines.js';
import { ipcError } from '../support/errors.js';
import { failure, heard, once } from '../support/events.js';
import { freshIPC, local, pair, type Settings, streams } from '../support/instances.js';
import { BareServer, Cutter, type Peer } from '../support/peers.js';
import { freshDirectory, freshPath } from '../support/places.js';
import { start } from '../support/processes.js';

/** A client of a bare server, and the bare socket at the other end. */
async function withPeer(settings: Settings = {}) {
  const bare = await new BareServer().listen();
  const client = await freshIPC(settings).connectTo('world', bare.path).ready();
  return { bare, client, peer: await bare.peer() };
}

describe('A client that uses node-ipc’s API only', () => {
  it('puts node-ipc’s bytes on the wire and no others', async () => {
    const { client, peer } = await withPeer();
    client.emit('message', 'hello');
    client.emit('object', { id: 'me', n: [1, null] });
    client.emit('nothing');
    client.emit('empty', '');
    client.disconnect();
    await peer.ended();
    expect(peer.text).toBe(
      '{"type":"message","data":"hello"}\f' +
        '{"type":"object","data":{"id":"me","n":[1,null]}}\f' +
        '{"type":"nothing","data":{}}\f' +
        '{"type":"empty","data":""}\f',
    );
  });

  it('keeps to that through reconnects', async () => {
    const { bare, client, peer } = await withPeer();
    client.emit('message', 1);
    await peer.receive(1);
    const away = once(client, 'disconnect');
    peer.socket.destroy();
    await away;
    client.emit('message', 2);
    const next = await bare.peer(1);
    await next.receive(1);
    await client.close();
    expect(next.text).toBe('{"type":"message","data":2}\f');
  });

  it('gives handlers the data only', async () => {
    const { client, peer } = await withPeer();
    const arrived = once(client, 'message');
    peer.emit('message', { a: 1 });
    expect(await arrived).toEqual([{ a: 1 }]);
  });
});

describe('A client', () => {
  it('has the config and the log of its instance', () => {
    const lines: string[] = [];
    const ipc = freshIPC({
      silent: false,
      requestTimeout: 77,
      logInColor: false,
      logger: (line) => lines.push(line),
    });
    const client = ipc.connectTo('nobody', freshPath());
    expect([client.config.requestTimeout, client.config.retry]).toEqual([77, 5]);
    lines.length = 0;
    client.log('seen', 1);
    expect(lines).toEqual([jasmine.stringContaining('seen 1')]);
  });

  it('refuses requests with retries at once in a dialect that cannot express them', async () => {
    const client = clientAt({ ...adapterConfig({}), dialect: 'net-ipc' }, freshPath());
    const refused = ipcError(
      'ERR_IPC_UNSUPPORTED',
      /^The request order was not sent: .* speaks net-ipc .* leave out options.retries/,
    );
    await expectAsync(client.request('order', 1, { retries: 1 })).toBeRejectedWith(refused);
    expect(client.stats().openRequests).toBe(0);
    const asked = client.request('order', 1, { retries: 0 });
    expect(client.stats().openRequests).toBe(1);
    client.destroy();
    await expectAsync(asked).toBeRejectedWith(ipcError('ERR_IPC_CLOSED'));
  });

  it('that replaces another waits before its first attempt only if that one has tried', async () => {
    const options = {
      id: 'nobody',
      address: { transport: 'unix', path: freshPath() },
      log: () => {},
    } as const;
    const make = (replaced?: Client) => {
      const config = { ...defaults(), silent: true, retry: 60_000 };
      const client = new Client({ ...options, config }, replaced);
      afterwards(() => client.destroy());
      return client;
    };
    const untried = make();
    const first = make(untried).connect();
    expect(first.status).toBe(ClientStatus.CONNECTING);
    const second = await new Promise<Client>((resolve) => {
      first.on('error', () => resolve(make(first).connect()));
    });
    expect([second.status, second.socket]).toEqual([ClientStatus.RECONNECTING, false]);
  });
});

describe('emit', () => {
  it('returns true for a packet that was accepted', async () => {
    const { client } = await withPeer();
    expect(client.emit('message', 1)).toBeTrue();
  });

  it('throws for data that cannot be encoded, and continues to send', async () => {
    const { client, peer } = await withPeer();
    const circle: { self?: unknown } = {};
    circle.self = circle;
    expect(() => client.emit('message', circle)).toThrow(
      ipcError('ERR_IPC_ENCODE', 'The payload is not JSON'),
    );
    expect(() => client.emit('message', 1n)).toThrow(ipcError('ERR_IPC_ENCODE'));
    client.emit('message', 'fine');
    expect(await peer.receive(1)).toEqual([{ type: 'message', data: 'fine' }]);
  });

  it('throws while there is no connection, too', () => {
    const held = freshIPC().connectTo('nobody', freshPath());
    expect(() => held.emit('message', 1n)).toThrow(ipcError('ERR_IPC_ENCODE'));
    const greeting = freshIPC({ credentials: 1 }).connectTo('nobody', freshPath());
    expect(() => greeting.emit('message', 1n)).toThrow(ipcError('ERR_IPC_ENCODE'));
    const packing = freshIPC({ codec: 'msgpack' }).connectTo('nobody', freshPath());
    expect(() => packing.emit('message', new Map([[1, () => {}]]))).toThrow(ipcError('ERR_IPC_ENCODE'));
  });

  it('refuses names that are not strings, or are reserved', async () => {
    const { client } = await withPeer();
    expect(() => client.emit({} as never)).toThrow(
      ipcError('ERR_IPC_ARGUMENT', 'must be a string, not object'),
    );
    expect(() => client.emit('ipc:hello')).toThrow(ipcError('ERR_IPC_ARGUMENT', "begin with 'ipc:'"));
    await expectAsync(Promise.resolve().then(() => client.request('ipc:ping'))).toBeRejectedWith(
      ipcError('ERR_IPC_ARGUMENT'),
    );
    expect(() => client.handle('ipc:ping', () => 1)).toThrow(ipcError('ERR_IPC_ARGUMENT'));
  });
});

describe('A packet that a client receives', () => {
  const reserved = ['connect', 'disconnect', 'destroy', 'error'];

  for (const type of reserved) {
    it(`does not pass for its own ${type}`, async () => {
      const { client, peer } = await withPeer();
      const handler = jasmine.createSpy();
      if (type !== 'error') client.on(type, handler);
      const reported = once(client, 'error');
      peer.emit(type, { fake: true });
      expect((await reported)[0]).toEqual(ipcError('ERR_IPC_RESERVED', `"${type}"`));
      expect(handler).not.toHaveBeenCalled();
    });
  }

  it('is reported at most a hundred times a minute if it is refused or cannot be read', async () => {
    const { client, peer } = await withPeer({ maxDepth: 10 });
    const reported: string[] = [];
    client.on('error', ({ code }) => reported.push(code));
    const done = once(client, 'last');
    const deep = `{"type":"a","data":${'['.repeat(20)}${']'.repeat(20)}}\f`;
    for (let i = 0; i < 100; i++) peer.emit('error', i).emit('ipc:subscribe', i).write(`x\f${deep}`);
    peer.emit('last', 1);
    await done;
    expect(reported.length).toBe(101);
    expect(reported.slice(0, 4)).toEqual([
      'ERR_IPC_RESERVED',
      'ERR_IPC_PROTOCOL',
      'ERR_IPC_DECODE',
      'ERR_IPC_TOO_DEEP',
    ]);
    expect(reported.at(-1)).toBe('ERR_IPC_PROTOCOL');
  });

  it('may have those names if config.allowReservedEvents is set', async () => {
    const { client, peer } = await withPeer({ allowReservedEvents: true });
    for (const type of reserved) {
      const arrived = once(client, type);
      peer.emit(type, { fake: true });
      expect((await arrived)[0]).toEqual({ fake: true });
    }
  });

  it('is logged with its payload if config.logPayloads is set, and not otherwise', async () => {
    for (const logPayloads of [true, false]) {
      const lines: string[] = [];
      const { client, peer } = await withPeer({
        logPayloads,
        silent: false,
        logger: (line) => lines.push(line),
      });
      client.emit('out', 'secret');
      await peer.receive(1);
      const arrived = once(client, 'in');
      peer.emit('in', 'secret');
      await arrived;
      const seen = lines.filter((line) => line.includes('secret'));
      expect(seen).toEqual(
        logPayloads ? ['sending to world : out secret', 'received from world : in secret'] : [],
      );
    }
  });

  it('is reported if only a server may receive it', async () => {
    const { client, peer } = await withPeer();
    const reported = once(client, 'error');
    peer.emit('ipc:subscribe', ['a'], { id: 1 });
    expect((await reported)[0]).toEqual(ipcError('ERR_IPC_PROTOCOL', 'ipc:subscribe'));
  });

  it('may be a control packet without data', async () => {
    const { client, peer } = await withPeer();
    const errors = jasmine.createSpy();
    client.on('error', errors);
    peer.write(
      '{"type":"ipc:message"}\f{"type":"ipc:welcome","data":null}\f{"type":"ipc:bye","data":null}\f',
    );
    peer.emit('ipc:message', { topic: 7 });
    const arrived = once(client, 'message');
    peer.emit('message', 1);
    expect((await arrived)[0]).toBe(1);
    expect(errors).not.toHaveBeenCalled();
    const left = once(client, 'disconnect');
    peer.socket.end();
    expect(await left).toEqual([{ reason: undefined, reconnect: true }]);
  });
});

describe('A request', () => {
  for (const over of streams) {
    it(`is answered, both ways, over ${over.name}`, async () => {
      const { server, client } = await pair({ over });
      server.handle('add', ([a, b]: [number, number]) => a + b);
      client.handle('double', async (n: number) => {
        await new Promise(setImmediate);
        return 2 * n;
      });
      expect(await client.request('add', [1, 2])).toBe(3);
      expect(await server.request(server.sockets[0] as Socket, 'double', 4)).toBe(8);
    });
  }

  it('may be answered with undefined, which is not the same as null', async () => {
    for (const settings of [{}, { codec: 'msgpack' }, { delimiter: '§' }] as const) {
      const delimiter = 'delimiter' in settings ? { delimiter: '§' } : {};
      const { server, client } = await pair({ server: delimiter, client: settings });
      server.handle('nothing§', () => {});
      server.handle('null', () => null);
      expect(await client.request('nothing§')).toBeUndefined();
      expect(await client.request('null')).toBeNull();
    }
  });

  it('passes its sender to its handler', async () => {
    const { server, client } = await pair();
    server.handle('who', (_data, socket) => socket === server.sockets[0]);
    client.handle('who', (_data, socket) => socket === client.socket);
    expect(await client.request('who')).toBeTrue();
    expect(await server.request(server.sockets[0] as Socket, 'who')).toBeTrue();
  });

  it('is answered by the handler that was set last', async () => {
    const { server, client } = await pair();
    expect(server.handle('n', () => 1)).toBe(server);
    server.handle('n', () => 2);
    expect(await client.request('n')).toBe(2);
    expect(client.handle('n', () => 3)).toBe(client);
  });

  it('does not reach listeners of events, and an event does not reach request handlers', async () => {
    const { server, client } = await pair();
    const event = jasmine.createSpy();
    const handler = jasmine.createSpy().and.returnValue('answer');
    server.on('question', event);
    server.handle('question', handler);
    await client.request('question', 1);
    expect(event).not.toHaveBeenCalled();
    const arrived = once(server, 'question');
    client.emit('question', 2);
    await arrived;
    expect(handler).toHaveBeenCalledTimes(1);
  });

  it('is refused at once if it has no handler', async () => {
    const { server, client } = await pair();
    const refused = ipcError('ERR_IPC_NO_HANDLER', 'There is no handler for the request question');
    await expectAsync(client.request('question')).toBeRejectedWith(refused);
    await expectAsync(server.request(server.sockets[0] as Socket, 'question')).toBeRejectedWith(refused);
  });

  it('is rejected with the name, message and code of what its handler threw', async () => {
    class Strange extends Error {
      override name = 'Strange';
      code = 'E_STRANGE';
    }
    const { server, client } = await pair();
    server.handle('sync', () => {
      throw new Strange('sync');
    });
    server.handle('async', async () => {
      throw new TypeError('async');
    });
    server.handle('text', () => Promise.reject('only a text'));
    server.handle('undefined', () => Promise.reject());
    const [sync, async, text, nothing] = await Promise.all(
      ['sync', 'async', 'text', 'undefined'].map((type) => failure(client.request(type))),
    );
    const facts = (error: Error & { code?: string }) => [error.name, error.message, error.code];
    expect(facts(sync as never)).toEqual(['Strange', 'sync', 'E_STRANGE']);
    expect(facts(async as never)).toEqual(['TypeError', 'async', 'ERR_IPC_REMOTE']);
    expect(facts(text as never)).toEqual(['Error', 'only a text', 'ERR_IPC_REMOTE']);
    expect(nothing?.message).toBe('The handler threw undefined.');
    expect(sync).toBeInstanceOf(Error);
  });

  it('is rejected if the answer cannot be encoded', async () => {
    const { server, client } = await pair();
    server.handle('big', () => 1n);
    client.handle('big', () => 1n);
    await expectAsync(client.request('big')).toBeRejectedWith(ipcError('ERR_IPC_ENCODE', 'not JSON'));
    await expectAsync(server.request(server.sockets[0] as Socket, 'big')).toBeRejectedWith(
      ipcError('ERR_IPC_ENCODE', 'not JSON'),
    );
  });

  it('is rejected if its data cannot be encoded', async () => {
    const { client } = await withPeer();
    await expectAsync(client.request('question', 1n)).toBeRejectedWith(ipcError('ERR_IPC_ENCODE'));
    expect(client.stats().openRequests).toBe(0);
  });

  it('is rejected after its timeout; an answer that comes later is ignored', async () => {
    const { client, peer } = await withPeer();
    const late = client.request('slow', 1, { timeout: 10 });
    const [asked] = await peer.receive(1);
    await expectAsync(late).toBeRejectedWith(ipcError('ERR_IPC_TIMEOUT', 'within 10 ms'));
    const any = jasmine.createSpy();
    client.on('*', any);
    peer.emit('slow', 'too late', { re: asked?.id });
    peer.emit('ipc:ping', 0, { id: 5 });
    await peer.receive(2);
    expect(any).not.toHaveBeenCalled();
  });

  it('takes its timeout from the config, and waits forever if that is 0', async () => {
    const { client } = await withPeer({ requestTimeout: 10 });
    await expectAsync(client.request('slow')).toBeRejectedWith(ipcError('ERR_IPC_TIMEOUT'));
    const { client: patient, peer } = await withPeer({ requestTimeout: 0 });
    const asked = patient.request('slow');
    await expectAsync(client.request('slow')).toBeRejectedWith(ipcError('ERR_IPC_TIMEOUT'));
    peer.emit('slow', 'at last', { re: 1 });
    expect(await asked).toBe('at last');
  });

  it('is rejected when it is aborted, before or after it was sent', async () => {
    const { client, peer } = await withPeer();
    const control = new AbortController();
    const asked = client.request('slow', 1, { signal: control.signal });
    await peer.receive(1);
    const reason = new Error('enough');
    control.abort(reason);
    const error = await failure(asked);
    expect(error).toEqual(ipcError('ERR_IPC_ABORTED', 'The request slow was aborted'));
    expect(error.cause).toBe(reason);
    await expectAsync(client.request('never', 1, { signal: control.signal })).toBeRejectedWith(
      ipcError('ERR_IPC_ABORTED'),
    );
    expect(peer.packets.length).toBe(1);
    expect(client.stats().openRequests).toBe(0);
  });

  it('keeps no state after its end, however it ends', async () => {
    const { server, client } = await pair();
    server.handle('good', () => 1);
    const control = new AbortController();
    const added = spyOn(control.signal, 'addEventListener').and.callThrough();
    const removed = spyOn(control.signal, 'removeEventListener').and.callThrough();
    await client.request('good', 1, { signal: control.signal });
    await failure(client.request('bad', 1, { signal: control.signal }));
    await failure(client.request('bad', 1n, { signal: control.signal }));
    expect(added).toHaveBeenCalledTimes(3);
    expect(removed).toHaveBeenCalledTimes(3);
    expect(client.stats().openRequests).toBe(0);
    await client.close();
  });

  it('is rejected when the connection is lost', async () => {
    const { client, peer } = await withPeer();
    const asked = client.request('slow');
    await peer.receive(1);
    peer.socket.destroy();
    await expectAsync(asked).toBeRejectedWith(ipcError('ERR_IPC_DISCONNECTED', 'use retries'));
  });

  it('waits for a connection if there is none', async () => {
    const path = freshPath();
    const client = freshIPC().connectTo('world', path);
    const asked = client.request('question');
    await heard(client, 'ipc:retry', 3);
    const server = freshIPC().serve(path);
    server.handle('question', () => 'answer');
    await server.start();
    expect(await asked).toBe('answer');
  });

  it('is not sent after it has timed out without a connection', async () => {
    const path = freshPath();
    const client = freshIPC().connectTo('world', path);
    await expectAsync(client.request('late', 1, { timeout: 5 })).toBeRejectedWith(
      ipcError('ERR_IPC_TIMEOUT'),
    );
    const server = freshIPC().serve(path);
    const handler = jasmine.createSpy();
    server.handle('late', handler);
    await server.start();
    await client.ready();
    await client.ping();
    expect(handler).not.toHaveBeenCalled();
  });

  it('is rejected with the reason if the client is closed', async () => {
    const { client } = await withPeer();
    await client.close();
    await expectAsync(client.request('question')).toBeRejectedWith(
      ipcError('ERR_IPC_CLOSED', 'world is closed'),
    );
  });

  it('is rejected if it exceeds the queue of a client without a connection', async () => {
    const client = freshIPC({ maxPendingBytes: 200 }).connectTo('nobody', freshPath());
    client.emit('message', 'x'.repeat(100));
    const reported = once(client, 'error');
    const unsent = ipcError('ERR_IPC_UNSENT', "the event 'error' gives the reason");
    await expectAsync(client.request('question', 'x'.repeat(100))).toBeRejectedWith(unsent);
    expect((await reported)[0]).toEqual(ipcError('ERR_IPC_BACKPRESSURE'));
  });

  it('does not crash the process if its rejection is not handled', async () => {
    const { client, peer } = await withPeer();
    await jasmine.spyOnGlobalErrorsAsync(async (errors) => {
      client.request('question');
      client.ping();
      client.subscribe('topic', () => {});
      client.subscribe('', () => {});
      client.unsubscribe('>.>');
      await peer.receive(3);
      const over = once(client, 'destroy');
      client.destroy();
      await over;
      client.request('question');
      client.ping();
      client.subscribe('topic', () => {});
      await new Promise(setImmediate);
      expect(errors).not.toHaveBeenCalled();
    });
  });

  it('gets its own answer among ten thousand at once', async () => {
    const { server, client } = await pair();
    server.handle('double', async (n: number) => {
      if (n % 3 === 0) await new Promise(setImmediate);
      if (n % 1000 === 0) throw new Error(`not ${n}`);
      return 2 * n;
    });
    const results = await Promise.allSettled(
      Array.from({ length: 10_000 }, (_, n) => client.request('double', n)),
    );
    const wrong = results.filter((result, n) =>
      n % 1000 === 0
        ? result.status !== 'rejected' || result.reason.message !== `not ${n}`
        : result.status !== 'fulfilled' || result.value !== 2 * n,
    );
    expect(wrong).toEqual([]);
    expect(client.stats().openRequests).toBe(0);
  });

  it('has node-ipc’s frame, with a number', async () => {
    const { client, peer } = await withPeer();
    client.request('one', { a: 1 }).catch(() => {});
    client.request('two').catch(() => {});
    await peer.receive(2);
    expect(peer.text).toBe('{"type":"one","data":{"a":1},"id":1}\f{"type":"two","data":{},"id":2}\f');
  });
});

describe('A request with retries', () => {
  async function throughCutter() {
    const server = await local.serve();
    const cutter = await new Cutter(server).listen();
    const client = await freshIPC().connectTo('world', cutter.path).ready();
    return { server, cutter, client };
  }

  it('is sent again after a lost connection; its handler runs once', async () => {
    const { server, cutter, client } = await throughCutter();
    let runs = 0;
    let answer: ((value: string) => void) | undefined;
    server.handle('slow', () => {
      runs++;
      cutter.cut();
      return new Promise<string>((resolve) => {
        answer = resolve;
      });
    });
    const back = once(client, 'ipc:reconnect');
    const asked = client.request('slow', 1, { retries: 1 });
    await back;
    await client.ping();
    answer?.('done');
    expect(await asked).toBe('done');
    expect(runs).toBe(1);
  });

  it('is answered again if the answer was lost, without another call of its handler', async () => {
    const { server, cutter, client } = await throughCutter();
    let runs = 0;
    server.handle('count', () => {
      // Cut before the answer is on its way.
      cutter.cut();
      return ++runs;
    });
    expect(await client.request('count', 1, { retries: 3 })).toBe(1);
    expect(runs).toBe(1);
    expect(cutter.connections).toBe(2);
  });

  it('is answered again with the error of its handler, too', async () => {
    const { server, cutter, client } = await throughCutter();
    let runs = 0;
    server.handle('fail', () => {
      runs++;
      cutter.cut();
      throw new RangeError('too far');
    });
    const error = await failure(client.request('fail', 1, { retries: 1 }));
    expect([error.name, error.message, runs]).toEqual(['RangeError', 'too far', 1]);
  });

  it('is one of many that survive repeated cuts, each handled once and answered correctly', async () => {
    const { server, cutter, client } = await throughCutter();
    const runs = new Map<number, number>();
    server.handle('n', async (n: number) => {
      runs.set(n, (runs.get(n) ?? 0) + 1);
      if (n % 50 === 25) cutter.cut();
      if (n % 2 === 0) await new Promise(setImmediate);
      return n + 1;
    });
    const answers = await Promise.all(
      Array.from({ length: 500 }, async (_, n) => {
        if (n % 20 === 0) await new Promise(setImmediate);
        return client.request('n', n, { retries: 1000 });
      }),
    );
    expect(answers).toEqual(answers.map((_, n) => n + 1));
    expect([...runs.values()].filter((count) => count !== 1)).toEqual([]);
    expect(runs.size).toBe(500);
    expect(cutter.connections).toBeGreaterThan(1);
  });

  it('is rejected after more lost connections than it has retries', async () => {
    const { server, cutter, client } = await throughCutter();
    server.handle('never', () => new Promise(() => {}));
    const asked = client.request('never', 1, { retries: 2 });
    let settled = false;
    asked.catch(() => {
      settled = true;
    });
    for (let i = 0; i < 2; i++) {
      await client.ping();
      const back = once(client, 'ipc:reconnect');
      cutter.cut();
      await back;
      await client.ping();
      expect(settled).toBeFalse();
    }
    cutter.cut();
    await expectAsync(asked).toBeRejectedWith(ipcError('ERR_IPC_DISCONNECTED'));
  });

  it('does not count attempts to connect as retries', async () => {
    const path = freshPath();
    const first = await freshIPC().serve(path).start();
    const client = await freshIPC().connectTo('world', path).ready();
    first.handle('question', () => new Promise(() => {}));
    const asked = client.request('question', 1, { retries: 1 });
    await client.ping();
    const away = heard(client, 'ipc:retry', 4);
    await first.stop({ timeout: 1 });
    await away;
    const second = freshIPC().serve(path);
    second.handle('question', () => 'answer');
    await second.start();
    expect(await asked).toBe('answer');
  });

  it('is handled once, too, if it is made while the client waits for its welcome', async () => {
    let decide: ((verdict: boolean) => void) | undefined;
    const waiting = new Promise<void>((resolve) => {
      authorize.and.callFake(
        () =>
          new Promise<boolean>((decided) => {
            decide = decided;
            resolve();
          }),
      );
    });
    const server = await local.serve({ authorize });
    const cutter = await new Cutter(server).listen();
    let runs = 0;
    server.handle('count', () => {
      authorize.and.resolveTo(true);
      cutter.cut();
      return ++runs;
    });
    const client = freshIPC({ credentials: 1 }).connectTo('world', cutter.path);
    await waiting;
    const asked = client.request('count', 1, { retries: 1 });
    decide?.(true);
    expect(await asked).toBe(1);
    expect(runs).toBe(1);
  });
  const authorize = jasmine.createSpy();

  it('makes the client send hello once, with the first request', async () => {
    const { bare, client, peer } = await withPeer();
    client.emit('before');
    client.request('one', 1, { retries: 1, timeout: 0 }).catch(() => {});
    client.request('two', 2, { retries: 1, timeout: 0 }).catch(() => {});
    await peer.receive(4);
    const hello = {
      type: 'ipc:hello',
      data: { session: jasmine.any(String), secret: jasmine.any(String), retries: true },
    };
    const [one, two] = [
      { type: 'one', data: 1, id: 1 },
      { type: 'two', data: 2, id: 2 },
    ];
    expect(peer.packets).toEqual([{ type: 'before', data: {} }, hello, one, two] as Peer['packets']);
    peer.socket.destroy();
    const next = await bare.peer(1);
    await next.receive(3);
    expect(next.packets).toEqual([peer.packets[1] as never, one, two]);
  });
});

describe('Topics of a client', () => {
  it('need a handler, also on a server', async () => {
    const { client, server } = await pair();
    for (const side of [client, server]) {
      for (const handler of [undefined, null, 'handler', {}]) {
        expect(() => side.subscribe('topic', handler as never)).toThrow(
          ipcError('ERR_IPC_ARGUMENT', 'needs a function as its handler'),
        );
      }
    }
  });

  it('deliver what is published under them, with the topic', async () => {
    const { server, client } = await pair();
    const got: unknown[] = [];
    await client.subscribe('news.sport', (data, topic) => got.push([data, topic]));
    await client.subscribe(['a', 'b'], (data, topic) => got.push([data, topic]));
    server.publish('news.sport', 1).publish('a', { x: 2 }).publish('b').publish('c', 4).publish('news', 5);
    await client.ping();
    expect(got).toEqual([
      [1, 'news.sport'],
      [{ x: 2 }, 'a'],
      [undefined, 'b'],
    ]);
  });

  it('may be patterns, and a message is delivered once for each that matches', async () => {
    const { server, client } = await pair();
    const got: string[] = [];
    for (const pattern of ['news.*', 'news.>', '*.sport', '>']) {
      await client.subscribe(pattern, (data) => got.push(`${pattern} ${data}`));
    }
    server.publish('news.sport', 1).publish('news.sport.ball', 2).publish('news', 3);
    await client.ping();
    expect(got.sort()).toEqual(
      [...['news.* 1', 'news.> 1', '*.sport 1', '> 1'], ...['news.> 2', '> 2'], ...['> 3']].sort(),
    );
  });

  it('can be published to by clients; all subscribers receive it, also the publisher', async () => {
    const { server, client } = await pair();
    const other = await local.connect(server).ready();
    const heardThere: unknown[] = [];
    const heardHere: unknown[] = [];
    const heardByServer: unknown[] = [];
    await other.subscribe('t', (data) => heardThere.push(data));
    await client.subscribe('t', (data) => heardHere.push(data));
    await server.subscribe('t', (data, topic) => heardByServer.push([data, topic]));
    expect(client.publish('t', 'all')).toBeTrue();
    await client.ping();
    await other.ping();
    expect([heardHere, heardThere, heardByServer]).toEqual([['all'], ['all'], [['all', 't']]]);
  });

  it('can be unsubscribed, for one handler or for all', async () => {
    const { server, client } = await pair();
    const got: string[] = [];
    const first = () => got.push('first');
    await client.subscribe('t', first);
    await client.subscribe('t', () => got.push('second'));
    await client.unsubscribe('t', first);
    server.publish('t');
    await client.ping();
    expect(got).toEqual(['second']);
    await client.unsubscribe('t');
    await client.unsubscribe('t');
    await client.unsubscribe('never');
    server.publish('t');
    await client.ping();
    expect(got).toEqual(['second']);
  });

  it('are subscribed again after a reconnect, before connect is emitted', async () => {
    const { server, client } = await pair();
    const got: unknown[] = [];
    await client.subscribe(['a.*', 'b'], (data) => got.push(data));
    await client.subscribe('c', (data) => got.push(data));
    await client.unsubscribe('c');
    const back = once(client, 'ipc:reconnect');
    const accepted = once(server, 'connect');
    server.sockets[0]?.destroy();
    await Promise.all([back, accepted]);
    await client.ping();
    server.publish('a.x', 1).publish('b', 2).publish('c', 3);
    await client.ping();
    expect(got).toEqual([1, 2]);
  });

  it('resolve their promise when the server knows them, also if there was no connection', async () => {
    const path = freshPath();
    const client = freshIPC().connectTo('world', path);
    const got: unknown[] = [];
    const subscribed = client.subscribe('t', (data) => got.push(data));
    const server = await freshIPC().serve(path).start();
    await subscribed;
    server.publish('t', 1);
    await client.ping();

    const bare = await new BareServer().listen();
    const lossy = freshIPC().connectTo('bare', bare.path);
    const known = lossy.subscribe('t', () => {});
    const peer = await bare.peer();
    await peer.receive(1);
    peer.socket.destroy();
    const next = await bare.peer(1);
    const packets = await next.receive(2);
    for (const { type, id } of packets) if (id !== undefined) next.emit(type, {}, { re: id });
    await known;
    expect(got).toEqual([1]);
    expect(packets.map(({ type }) => type)).toEqual(['ipc:subscribe', 'ipc:subscribe']);
  });

  it('refuse what is not a topic', async () => {
    const { client } = await withPeer();
    for (const bad of ['', '>.a', 7, ['a', ''], {}]) {
      await expectAsync(client.subscribe(bad as string, () => {})).toBeRejectedWith(
        ipcError('ERR_IPC_ARGUMENT'),
      );
      await expectAsync(client.unsubscribe(bad as string)).toBeRejectedWith(ipcError('ERR_IPC_ARGUMENT'));
      expect(() => client.publish(bad as string)).toThrow(ipcError('ERR_IPC_ARGUMENT'));
    }
    expect(() => client.publish('a.*')).toThrow(ipcError('ERR_IPC_ARGUMENT', 'is a pattern'));
  });

  it('have handlers that may throw', async () => {
    const { server, client } = await pair();
    const fault = new Error('fault');
    const got: unknown[] = [];
    await client.subscribe('t', () => {
      throw fault;
    });
    await client.subscribe('t', (data) => got.push(data));
    await jasmine.spyOnGlobalErrorsAsync(async (errors) => {
      server.publish('t', 1).publish('t', 2);
      await client.ping();
      expect(got).toEqual([1, 2]);
      expect(errors).toHaveBeenCalledTimes(2);
    });
  });
});

describe('A client whose server is another process', () => {
  it('exchanges every kind of message with it, and continues after it was killed and restarted', async () => {
    const path = `${freshDirectory()}/s`;
    const first = start('spec/fixtures/world.ts', [path]);
    await first.waitForLine(/^started$/);
    const client = await freshIPC().connectTo('world', path).ready();
    client.handle('question', (data) => `answer to ${data}`);
    const news: unknown[] = [];
    await client.subscribe('news.*', (data) => news.push(data));
    const talk = async (n: number) => {
      const answered = once(client, 'message');
      client.emit('message', `hello ${n}`);
      client.emit('publish', { topic: 'news.today', data: n });
      expect(await client.request('add', [n, 1])).toBe(n + 1);
      expect(await client.request('ask back', n)).toBe(`answer to ${n}`);
      expect((await answered)[0]).toBe(`hello ${n} world!`);
      expect(news).toContain(n);
    };
    await talk(1);

    const lost = client.request('slow', undefined, { timeout: 0 });
    const kept = client.request('add', [3, 4], { retries: 1 });
    const [away, pid] = [once(client, 'disconnect'), await client.request('pid')];
    expect(pid).toBe(first.process.pid);
    await kept;
    // A connection that the dying process's socket still takes is lost as well, and is one more try.
    const resent = client.request('slow', 1, { retries: 5, timeout: 0 });
    await first.kill();
    await away;
    await expectAsync(lost).toBeRejectedWith(ipcError('ERR_IPC_DISCONNECTED'));
    const echoes = heard(client, 'message', 3);
    for (const n of [1, 2, 3]) client.emit('message', n);
    const held = client.request('add', [5, 6], { timeout: 0 });

    const second = start('spec/fixtures/world.ts', [path]);
    expect(await held).toBe(11);
    expect(await echoes).toEqual(['1 world!', '2 world!', '3 world!']);
    expect(await client.request('pid')).toBe(second.process.pid);
    await talk(2);
    client.destroy();
    await expectAsync(resent).toBeRejectedWith(ipcError('ERR_IPC_CLOSED'));
  });
});

describe('A client with rawBuffer', () => {
  const raw = { rawBuffer: true };

  it('refuses everything but bytes with a clear error', async () => {
    const { client } = await pair({ server: raw, client: raw });
    const unsupported = ipcError('ERR_IPC_UNSUPPORTED', 'there are only bytes');
    await expectAsync(client.request('question')).toBeRejectedWith(unsupported);
    await expectAsync(client.ping()).toBeRejectedWith(unsupported);
    await expectAsync(client.subscribe('topic', () => {})).toBeRejectedWith(unsupported);
    expect(() => client.publish('topic')).toThrow(unsupported);
    await client.close('a reason that cannot be said');
    expect(client.status).toBe(0);
  });
});

describe('A client’s figures', () => {
  it('count packets and bytes over all connections, and what is open just now', async () => {
    const { bare, client, peer } = await withPeer();
    expect(client.stats()).toEqual({ ...noStats(), since: jasmine.any(Number) as never });
    const arrived = once(client, 'in');
    client.emit('out');
    peer.emit('in', 1);
    await Promise.all([arrived, peer.receive(1)]);
    const { since } = client.stats();
    const away = once(client, 'disconnect');
    peer.socket.destroy();
    await away;
    client.request('question', 1).catch(() => {});
    const held = client.stats();
    expect([held.packetsIn, held.packetsOut, held.openRequests]).toEqual([1, 1, 1]);
    expect(held.pendingBytes).toBe('{"type":"question","data":1,"id":1}\f'.length);
    expect(held.since).toBe(since);
    const next = await bare.peer(1);
    await next.receive(1);
    const stats = client.stats();
    expect([stats.packetsIn, stats.packetsOut, stats.pendingBytes]).toEqual([1, 2, 0]);
    expect(stats.bytesIn).toBe('{"type":"in","data":1}\f'.length);
    expect(stats.bytesOut).toBe(peer.bytes.length + next.bytes.length);
    expect(stats.since).toBeGreaterThanOrEqual(since);
  });
});

describe('A client that is part of another API', () => {
  it('accepts nothing while there is no connection, and keeps nothing for the next one', async () => {
    const bare = await new BareServer().listen();
    const address = { transport: 'unix', path: bare.path } as const;
    const config = { ...defaults(), silent: true, retry: 5 };
    const client = new Client({ id: 'member', address, config, log: () => {}, internal: true });
    afterwards(() => client.destroy());
    expect(client.emit('early')).toBeFalse();
    client.connect();
    await client.ready();
    const lost = once(client, 'disconnect');
    (await bare.peer()).socket.destroy();
    expect(client.emit('first')).toBeTrue();
    await lost;
    expect(client.emit('late')).toBeFalse();
    await once(client, 'connect');
    client.emit('now');
    client.disconnect();
    const peer = await bare.peer(1);
    await peer.ended();
    expect(peer.text).toBe('{"type":"now","data":{}}\f');
  });
});
