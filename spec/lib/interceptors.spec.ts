import { inspect } from 'node:util';
import type { InterceptedMessage, Interceptor } from '../../lib/interceptors.js';
import { intercept, interceptors, optionsWith } from '../../lib/interceptors.js';
import { afterwards } from '../support/afterwards.js';
import { ipcError } from '../support/errors.js';
import { failure, once } from '../support/events.js';
import { freshIPC, local } from '../support/instances.js';
import { barePeer } from '../support/peers.js';

/** Installs an interceptor for the time of a spec. */
function installed(interceptor: Interceptor): void {
  afterwards(intercept(interceptor));
}

/** What surfaces as an uncaught exception right after an action, if anything does. */
async function uncaught(act: () => void): Promise<unknown> {
  const listeners = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  let surfaced: unknown;
  process.once('uncaughtException', (error) => {
    surfaced = error;
  });
  act();
  await new Promise(setImmediate);
  process.removeAllListeners('uncaughtException');
  for (const listener of listeners) process.on('uncaughtException', listener);
  return surfaced;
}

const MESSAGE: InterceptedMessage = {
  kind: 'event',
  side: 'client',
  type: 'hello',
  id: 'world',
  peer: undefined,
  meta: undefined,
};

describe('Interceptors', () => {
  it('are undefined if none is installed, also after removal', () => {
    const remove = intercept({ send: (_message, next) => next() });
    expect(interceptors.send).toBeDefined();
    expect(interceptors.receive).toBeUndefined();
    remove();
    remove();
    expect(interceptors).toEqual({ send: undefined, receive: undefined });
  });

  for (const bad of [
    undefined,
    null,
    'send',
    1n,
    {},
    { sends: () => true },
    { send: 1, receive: () => true },
  ]) {
    it(`are refused if they are ${inspect(bad)}, and then none is installed`, () => {
      expect(() => intercept(bad as never)).toThrow(ipcError('ERR_IPC_ARGUMENT', 'send, receive or both'));
      expect(interceptors).toEqual({ send: undefined, receive: undefined });
    });
  }

  it('are nested in the order in which they were installed, and merge their meta', () => {
    const order: string[] = [];
    for (const name of ['outer', 'inner']) {
      installed({
        send: (_message, next) => {
          order.push(name);
          return next({ [name]: true, last: name });
        },
      });
    }
    const meta = interceptors.send?.(MESSAGE, (given) => given);
    expect(order).toEqual(['outer', 'inner']);
    expect(meta).toEqual({ outer: true, inner: true, last: 'inner' });
  });

  it('are removed alone, however often', () => {
    const order: string[] = [];
    const passing = (name: string): Interceptor => ({
      send(_message, next) {
        order.push(name);
        return next();
      },
    });
    installed(passing('first'));
    const remove = intercept(passing('second'));
    installed(passing('third'));
    remove();
    remove();
    expect(interceptors.send?.(MESSAGE, () => 5)).toBe(5);
    expect(order).toEqual(['first', 'third']);
  });

  it('may replace a return value', () => {
    installed({ receive: (_message, next) => [next()] as never });
    expect(interceptors.receive?.(MESSAGE, () => 1)).toEqual([1] as never);
  });

  it('do not lose a message if they throw, do not call next, or call it twice', async () => {
    const next = jasmine.createSpy('next').and.returnValue(42);
    const surfaced: unknown[] = [];
    const faulty: Interceptor['send'][] = [
      () => {
        throw new Error('before');
      },
      (_message, go) => {
        go();
        throw new Error('after');
      },
      () => undefined as never,
      (_message, go) => {
        go();
        return go();
      },
    ];
    for (const send of faulty) {
      const remove = intercept({ send } as Interceptor);
      let result: unknown;
      const error = await uncaught(() => {
        result = interceptors.send?.(MESSAGE, next);
      });
      expect(result).toBe(42);
      surfaced.push((error as Error | undefined)?.message);
      remove();
    }
    expect(surfaced).toEqual(['before', 'after', undefined, undefined]);
    expect(next).toHaveBeenCalledTimes(faulty.length);
  });

  it('receive what sending throws, and cannot suppress it', () => {
    const heard: unknown[] = [];
    installed({
      send: (_message, next) => {
        try {
          return next();
        } catch (error) {
          heard.push(error);
          return undefined as never;
        }
      },
    });
    const error = new Error('no JSON');
    const fails = () => {
      throw error;
    };
    expect(() => interceptors.send?.(MESSAGE, fails)).toThrow(error);
    expect(heard).toEqual([error]);
  });

  it('pass on what sending throws, which does not become an uncaught exception', async () => {
    installed({ send: (_message, next) => next() });
    const error = new Error('no JSON');
    const fails = () => {
      throw error;
    };
    const surfaced = await uncaught(() => {
      expect(() => interceptors.send?.(MESSAGE, fails)).toThrow(error);
    });
    expect(surfaced).toBeUndefined();
  });

  it('add no meta if none of them has any', () => {
    for (let i = 0; i < 2; i++) installed({ send: (_message, next) => next() });
    const next = jasmine.createSpy('next');
    interceptors.send?.(MESSAGE, next);
    expect(next.calls.allArgs()).toEqual([[undefined]]);
  });

  it('keep the meta that the user has passed to a call', () => {
    const options = { timeout: 5, meta: { a: 1, b: 1 } };
    expect(optionsWith(options, undefined)).toBe(options);
    expect(optionsWith(options, { b: 2 })).toEqual({ timeout: 5, meta: { a: 1, b: 2 } });
  });
});

for (const settings of [{}, { codec: 'msgpack' }, { compress: true }]) {
  describe(`Meta, with ${JSON.stringify(settings)}`, () => {
    let received: (readonly [string, string, string, unknown])[];

    beforeEach(() => {
      received = [];
      let count = 0;
      installed({
        send: ({ side, kind, type }, next) => next({ traceparent: `${side} ${kind} ${type} ${++count}` }),
        receive: ({ side, kind, type, meta }, next) => {
          received.push([side, kind, type, meta?.traceparent]);
          return next();
        },
      });
    });

    it('travels with events, requests, streams and topics, both ways', async () => {
      const server = await local.serve();
      server.handle('add', (_data, _peer, { meta }) => meta);
      server.handle('count', async function* (_data, _peer, { meta }) {
        yield meta;
      });
      server.on('hello', () => {});
      const client = local.connect(server, settings);
      const [socket] = await once(server, 'connect');
      await client.ready();
      client.emit('hello');
      expect(await client.request('add')).toEqual({ traceparent: 'client request add 2' });
      expect(await client.stream('count').next()).toEqual({
        done: false,
        value: { traceparent: 'client stream count 3' },
      });
      const told = new Promise((resolve) => void client.subscribe('news.*', resolve));
      await client.ping();
      client.publish('news.today');
      await told;
      client.handle('sub', (_data, _peer, { meta }) => meta);
      client.on('back', () => {});
      server.broadcast('back');
      expect(await server.request(socket as never, 'sub')).toEqual({ traceparent: 'server request sub 6' });
      expect(received).toEqual([
        ['server', 'event', 'hello', 'client event hello 1'],
        ['server', 'request', 'add', 'client request add 2'],
        ['server', 'stream', 'count', 'client stream count 3'],
        ['client', 'topic', 'news.today', 'client topic news.today 4'],
        ['client', 'event', 'back', 'server event back 5'],
        ['client', 'request', 'sub', 'server request sub 6'],
      ]);
    });

    it('waits for a connection with its event', async () => {
      const ipc = freshIPC(settings);
      const server = await local.serve();
      const client = ipc.connectTo('world', server.path);
      client.emit('early');
      server.on('early', () => {});
      await client.request('add').catch(() => {});
      expect(received[0]).toEqual(['server', 'event', 'early', 'client event early 1']);
    });
  });
}

describe('A receiver of meta', () => {
  it('sees the outcome of a handler, and its exception', async () => {
    const outcomes: unknown[] = [];
    installed({
      receive: (_message, next) => {
        const outcome = next();
        void Promise.resolve(outcome).then(
          (value) => outcomes.push(value),
          (error) => outcomes.push(error.message),
        );
        return outcome;
      },
    });
    const server = await local.serve();
    server.handle('add', (data) => data);
    server.handle('fail', async () => {
      throw new Error('no');
    });
    const client = local.connect(server);
    expect(await client.request('add', 42)).toBe(42);
    expect((await failure(client.request('fail'))).message).toBe('no');
    expect(outcomes).toEqual([42, 'no']);
  });

  it('sees no meta if a peer has sent an invalid one', async () => {
    const metas: unknown[] = [];
    installed({
      receive: ({ meta }, next) => {
        metas.push(meta);
        return next();
      },
    });
    const server = await local.serve();
    const heard = jasmine.createSpy('heard');
    server.on('hello', heard);
    server.handle('add', (_data, _peer, { meta }) => meta ?? 'none');
    const peer = await barePeer({ path: server.path });
    for (const meta of ['text', 5, null, [1], { traceparent: 'mine' }]) peer.emit('hello', 1, { meta });
    peer.emit('add', 1, { id: 1, meta: true });
    const [answer] = await peer.receive(1);
    expect(answer?.data).toBe('none');
    expect(heard).toHaveBeenCalledTimes(5);
    expect(metas).toEqual([undefined, undefined, undefined, undefined, { traceparent: 'mine' }, undefined]);
  });
});

describe('node-ipc’s bytes', () => {
  it('stay unchanged if no meta is set', async () => {
    installed({ send: (_message, next) => next(), receive: (_message, next) => next() });
    const server = await local.serve();
    const connected = once(server, 'connect');
    const peer = await barePeer({ path: server.path });
    const [socket] = await connected;
    server.emit(socket as never, 'hello', { a: 1 });
    server.broadcast('all');
    await peer.receive(2);
    expect(peer.text).toBe('{"type":"hello","data":{"a":1}}\f{"type":"all","data":{}}\f');
  });

  it('have meta after all other members if it is set', async () => {
    installed({ send: (_message, next) => next({ traceparent: '00-a-b-01' }) });
    const server = await local.serve();
    const connected = once(server, 'connect');
    const peer = await barePeer({ path: server.path });
    await connected;
    server.broadcast('all', [1]);
    await peer.receive(1);
    expect(peer.text).toBe('{"type":"all","data":[1],"meta":{"traceparent":"00-a-b-01"}}\f');
  });
});
