import { EventEmitter } from 'node:events';
import { MESSAGE, PUBLISH } from '../../../entities/packet.js';
import { forgetLosses, lookAtFirst } from '../../../lib/codecs/lost-values.js';
import { ipcError } from '../../support/errors.js';
import { failure, once } from '../../support/events.js';
import { join, local, pair } from '../../support/instances.js';
import { warningsOf } from '../../support/warnings.js';

describe('What JSON has no form for', () => {
  let last = 0;
  /** A name that no spec has used. */
  const fresh = () => `lost ${process.pid} ${++last}`;

  /** The texts of the warnings during a function. */
  const messagesOf = async (act: () => void) => (await warningsOf(act)).map((one) => (one as Error).message);

  // Other specs of this process have names and losses of their own.
  beforeEach(forgetLosses);

  it('is a warning, once for each name and kind of value', async () => {
    const { client } = await pair();
    const values: readonly (readonly [unknown, string])[] = [
      [
        new Map(),
        'a Map, which JSON sends as {}; send Object.fromEntries(map) or [...map], or set config.codec',
      ],
      [new Set(), 'a Set, which JSON sends as {}; send [...set], or set config.codec'],
      [new Error('no'), 'an Error, which JSON sends without its name and message; send its name and message'],
      [() => {}, 'a function, which JSON leaves out'],
      [Symbol('a'), 'a symbol, which JSON leaves out'],
      [/a/, 'a RegExp, which JSON sends as {}'],
      [new ArrayBuffer(1), 'an ArrayBuffer, which JSON sends as {}; send a Buffer of it'],
      [Promise.resolve(), 'a promise, which JSON sends as {}; await it first'],
    ];
    for (const [value, says] of values) {
      const names = [fresh(), fresh()] as const;
      const warnings = await warningsOf(() => {
        for (let i = 0; i < 3; i++) client.emit(names[0], value);
        for (let i = 0; i < 3; i++) client.emit(names[1], { here: value });
      });
      expect(warnings).toEqual([
        ipcError('ERR_IPC_ENCODE', `The data of ${names[0]} have ${says}`),
        ipcError('ERR_IPC_ENCODE', `The data of ${names[1]} have ${says.replace(',', ' in here,')}`),
      ]);
    }
  });

  it('is null in an array, and omitted in an object', async () => {
    const { server } = await pair();
    expect(await warningsOf(() => server.broadcast(fresh(), [1, () => {}]))).toEqual([
      ipcError('ERR_IPC_ENCODE', 'a function in 1, which JSON sends as null; send what it stands for'),
    ]);
  });

  it('is one whenever the data as a whole are lost, and for members with the first of a name alone', async () => {
    const { client } = await pair();
    const name = fresh();
    client.emit(name, 1);
    expect(await warningsOf(() => client.emit(name, { here: new Map() }))).toEqual([]);
    expect(await warningsOf(() => client.emit(name, new Map()))).toEqual([
      ipcError('ERR_IPC_ENCODE', 'a Map'),
    ]);
  });

  it('is one in responses, topics, and with compression or a length before each frame', async () => {
    for (const settings of [{}, { framing: 'length-prefixed' as const }, { compress: true }]) {
      const { server, client } = await pair({ server: settings, client: settings });
      const [asked, topic] = [fresh(), fresh().replaceAll(' ', '.')];
      server.handle(asked, () => new Set());
      const warnings = await warningsOf(async () => {
        await client.request(asked);
        if (Object.keys(settings).length === 0) server.publish(topic, new Set());
      });
      expect(warnings)
        .withContext(JSON.stringify(settings))
        .toEqual([ipcError('ERR_IPC_ENCODE', `The data of ${asked} have a Set`)]);
    }
  });

  it('is looked for without calls of getters and of the traps of proxies, and not in what is inherited', async () => {
    const { server } = await pair();
    let calls = 0;
    const given = {
      get here() {
        return ++calls;
      },
    };
    const proxy = new Proxy(
      { a: 1 },
      {
        getPrototypeOf: (target) => {
          calls++;
          return Object.getPrototypeOf(target);
        },
      },
    );
    const warnings = await warningsOf(() => {
      for (const value of [given, proxy, { proxy }, new EventEmitter()]) {
        const name = fresh();
        calls = 0;
        server.broadcast(name, value);
        const first = calls;
        server.broadcast(name, value);
        expect(first).toBe(calls - first);
      }
    });
    expect(warnings).toEqual([]);
  });

  it('is left to JSON if it cannot be looked at', async () => {
    const server = await local.serve();
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const boom = () => {
      throw new Error('boom');
    };
    const values = [proxy, { proxy }, Object.defineProperty({}, 'here', { enumerable: true, get: boom })];
    await join(local, server);
    for (const value of values) {
      expect(() => server.broadcast(fresh(), value)).toThrow(ipcError('ERR_IPC_ENCODE'));
    }
  });

  it('is not given for values that JSON can represent, or with MessagePack', async () => {
    const { client } = await pair();
    class Point {
      x = 1;
    }
    const told = Object.assign(new Map(), { toJSON: () => [] });
    const fine = [
      undefined,
      null,
      {},
      [],
      '',
      new Date(0),
      Buffer.from('a'),
      new Point(),
      told,
      { deep: { er: 1 } },
    ];
    expect(
      await warningsOf(() => {
        for (const value of fine) client.emit(fresh(), value);
        for (const here of fine) client.emit(fresh(), { here });
      }),
    ).toEqual([]);
    const server = await local.serve({ codec: 'msgpack' });
    const packed = await join(local, server, { codec: 'msgpack' });
    const came = once(server, 'packed');
    expect(await warningsOf(() => packed.emit('packed', new Map()))).toEqual([]);
    expect((await came)[0]).toEqual(new Map());
  });

  it('is told with a remedy, and with MessagePack where that keeps the value and can be chosen', async () => {
    const msgpack = ", or set config.codec to 'msgpack', which keeps it";
    const values: readonly (readonly [unknown, string, string])[] = [
      [new Map(), 'a Map, which JSON sends as {}; send Object.fromEntries(map) or [...map]', msgpack],
      [new Set(), 'a Set, which JSON sends as {}; send [...set]', msgpack],
      [
        new TypeError('no'),
        'an Error, which JSON sends without its name and message; send its name and message',
        msgpack,
      ],
      [/a/, 'a RegExp, which JSON sends as {}; send its source', msgpack],
      [new ArrayBuffer(1), 'an ArrayBuffer, which JSON sends as {}; send a Buffer of it', ''],
      [Promise.resolve(), 'a promise, which JSON sends as {}; await it first', ''],
      [() => {}, 'a function, which JSON leaves out; send what it stands for', ''],
      [Symbol('a'), 'a symbol, which JSON leaves out; send what it stands for', ''],
    ];
    for (const [value, says, or] of values) {
      const messages = await messagesOf(() => {
        lookAtFirst('chosen', value);
        lookAtFirst('fixed', value, false);
      });
      expect(messages).toEqual([`The data of chosen have ${says}${or}.`, `The data of fixed have ${says}.`]);
      forgetLosses();
    }
  });

  it('is looked for in the first of each topic, of a thousand topics, which do not count as names', async () => {
    const messages = await messagesOf(() => {
      for (const type of [PUBLISH, MESSAGE]) {
        for (const topic of ['a', 'b']) lookAtFirst(type, { topic, data: new Map() });
      }
      for (let i = 2; i < 1000; i++) lookAtFirst(MESSAGE, { topic: `topic ${i}`, data: i });
      lookAtFirst(MESSAGE, { topic: 'late', data: new Map() });
      lookAtFirst('event', new Map());
    });
    expect(messages.map((message) => message.split(',')[0])).toEqual([
      'The data of a have a Map',
      'The data of b have a Map',
      'The data of event have a Map',
    ]);
  });

  it('is looked for in each topic that a client publishes to, one after the other', async () => {
    const { client } = await pair();
    const messages = await messagesOf(() => {
      for (const topic of ['one', 'two']) client.publish(topic, { here: new Map() });
    });
    expect(messages.map((message) => message.split(',')[0])).toEqual([
      'The data of one have a Map in here',
      'The data of two have a Map in here',
    ]);
  });

  it('is told of a published message by its topic', async () => {
    for (const type of [PUBLISH, MESSAGE]) {
      forgetLosses();
      const messages = await messagesOf(() => lookAtFirst(type, { topic: 'news', data: { all: new Set() } }));
      expect(messages.map((message) => message.slice(0, 38))).toEqual([
        'The data of news have a Set in all, wh',
      ]);
      forgetLosses();
      expect(await messagesOf(() => lookAtFirst(type, null))).toEqual([]);
      forgetLosses();
      expect(await messagesOf(() => lookAtFirst(type, { data: new Set() }))).toEqual([]);
    }
  });

  it('is not a promise if it is a plain object that has a method named then', async () => {
    const plain = Object.fromEntries([['then', () => {}]]);
    const bare = Object.assign(Object.create(null), plain);
    const messages = await messagesOf(() => {
      for (const [name, value] of Object.entries({ plain, bare })) lookAtFirst(name, value);
    });
    expect(messages.map((message) => message.split(',')[0])).toEqual([
      'The data of plain have a function in then',
      'The data of bare have a function in then',
    ]);
  });

  it('is looked for in the first of a name, of a thousand names, and in a hundred members of each', async () => {
    const members = (count: number) =>
      Object.fromEntries(
        Array.from({ length: count }, (_, i) => [`m${i + 1}`, i + 1 < count ? i : new Map()]),
      );
    const messages = await messagesOf(() => {
      lookAtFirst('hundred', members(100));
      lookAtFirst('more', members(101));
      for (let i = 0; i < 3; i++) lookAtFirst('twice', i === 0 ? 0 : members(1));
      for (let i = 4; i < 1000; i++) lookAtFirst(`name ${i}`, i);
      lookAtFirst('none', undefined);
      lookAtFirst('last', members(1));
      lookAtFirst('late', members(1));
    });
    expect(messages.map((message) => message.split(',')[0])).toEqual([
      'The data of hundred have a Map in m100',
      'The data of last have a Map in m1',
    ]);
  });

  it('is told a hundred times, and after that no more', async () => {
    const messages = await messagesOf(() => {
      for (let i = 1; i <= 102; i++) lookAtFirst(`name ${i}`, new Map());
    });
    expect(messages.length).toBe(100);
    expect(messages.at(-1)).toContain('name 100 ');
  });

  it('is still checked after a peer has sent a thousand requests without handlers', async () => {
    const { server, client } = await pair();
    const refused = Array.from({ length: 1000 }, () => failure(client.request(fresh(), undefined)));
    await Promise.all(refused);
    expect(await warningsOf(() => server.broadcast(fresh(), { here: new Map() }))).toEqual([
      ipcError('ERR_IPC_ENCODE', 'a Map in here'),
    ]);
  });
});
