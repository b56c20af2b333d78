import { hostname } from 'node:os';
import type { Endpoint } from '../../../entities/address.js';
import type { Encoding } from '../../../entities/config/wire.js';
import type { Config } from '../../../entities/config.js';
import { Client } from '../../../lib/client.js';
import { type DatagramServer, Server } from '../../../lib/server.js';
import { platformPath } from '../../../lib/transports/platform-path.js';
import { IPC } from '../../../services/ipc/index.js';
import { ipcError } from '../../support/errors.js';
import { heard, once } from '../../support/events.js';
import { datagrams, freshIPC, join, local, pair, streams, tcp } from '../../support/instances.js';
import { freePort } from '../../support/network.js';
import { freshDirectory, freshPath } from '../../support/places.js';
import { warningsOf } from '../../support/warnings.js';

describe('An IPC', () => {
  it('starts with node-ipc’s defaults, no clients and no server', () => {
    const ipc = new IPC();
    expect(ipc.config).toEqual(
      jasmine.objectContaining<Config>({
        appspace: 'app.',
        socketRoot: '/tmp/',
        id: hostname(),
        networkHost: 'localhost',
        networkPort: 8000,
        encoding: 'utf8',
        rawBuffer: false,
        delimiter: '\f',
        sync: false,
        silent: false,
        logInColor: true,
        logDepth: 5,
        maxConnections: 100,
        retry: 500,
        maxRetries: false,
        stopRetrying: false,
        unlink: true,
        readableAll: false,
        writableAll: false,
      }),
    );
    expect(ipc.of).toEqual({});
    expect(ipc.server as unknown).toBeFalse();
    expect(ipc.IPC).toBe(IPC);
  });

  it('logs as its own config says', () => {
    const ipc = new IPC();
    const lines: string[] = [];
    ipc.config.logger = (line) => lines.push(line);
    ipc.config.logInColor = false;
    ipc.log('one', 2, { three: 3 });
    ipc.config.silent = true;
    ipc.log('nothing');
    expect(lines).toEqual(['one 2 { three: 3 }']);
  });

  it('shares nothing with another one', () => {
    const one = new IPC();
    const other = new one.IPC();
    one.config.id = 'one';
    one.config.interfaces.localPort = 1;
    expect(other.config.id).toBe(hostname());
    expect(other.config.interfaces.localPort).toBeFalse();
    expect(other.of).not.toBe(one.of);
    expect(other).toBeInstanceOf(IPC);
  });

  it('separates the messages of several instances in one process', async () => {
    const [shout, whisper] = await Promise.all([
      pair({ server: { delimiter: '\n' }, client: { delimiter: '\n' } }),
      pair({ server: { rawBuffer: true, encoding: 'hex' }, client: { rawBuffer: true, encoding: 'hex' } }),
    ]);
    const heardShout = once(shout.server, 'message');
    const heardWhisper = once<[Buffer]>(whisper.server, 'data');
    shout.client.emit('message', 'a\fb\nc');
    whisper.client.emit('0a0c');
    expect((await heardShout)[0]).toBe('a\fb\nc');
    expect((await heardWhisper)[0]).toEqual(Buffer.from([10, 12]));
  });
});

describe('connectTo', () => {
  const orders: { title: string; args: (path: string, done: () => void) => unknown[]; calls: number }[] = [
    { title: '(id)', args: () => [], calls: 0 },
    { title: '(id, callback)', args: (_, done) => [done], calls: 1 },
    { title: '(id, path)', args: (path) => [path], calls: 0 },
    { title: '(id, path, callback)', args: (path, done) => [path, done], calls: 1 },
    { title: '(id, undefined, callback)', args: (_, done) => [undefined, done], calls: 1 },
    { title: '(id, null, callback)', args: (_, done) => [null, done], calls: 1 },
    { title: '(id, "", callback)', args: (_, done) => ['', done], calls: 1 },
  ];
  for (const { title, args, calls } of orders) {
    it(`accepts ${title}`, async () => {
      const socketRoot = `${freshDirectory()}/`;
      const ours = { socketRoot, appspace: 'specs.' };
      const server = await freshIPC({ ...ours, id: 'world' })
        .serve()
        .start();
      const connected = once(server, 'connect');
      const ipc = freshIPC(ours);
      const callback = jasmine.createSpy();
      const client = ipc.connectTo('world', ...(args(server.path, callback) as []));
      expect(callback).toHaveBeenCalledTimes(calls);
      await client.ready();
      expect(client.path).toBe(title.includes('path') ? server.path : `${socketRoot}specs.world`);
      await connected;
      expect(server.sockets.length).toBe(1);
    });
  }

  it('runs its callback before it returns, with the client in `of` and its socket not yet connected', async () => {
    const server = await local.serve();
    const ipc = freshIPC();
    const events: string[] = [];
    const connected = new Promise((resolve) => {
      ipc.connectTo('world', server.path, (given) => {
        expect(given).toBe(ipc);
        const client = ipc.of.world as Client;
        expect(client).toBeInstanceOf(Client);
        expect(client.socket).toBeTruthy();
        expect(client.connected).toBeFalse();
        client.on('connect', () => resolve(events.push('connect')));
        events.push('callback');
      });
    });
    events.push('returned');
    await connected;
    expect(events).toEqual(['callback', 'returned', 'connect']);
  });

  it('returns the existing client if it is connected, and still runs the callback', async () => {
    const { server, client } = await pair();
    const ipc = freshIPC();
    const first = await ipc.connectTo('world', server.path).ready();
    const callback = jasmine.createSpy();
    expect(ipc.connectTo('world', server.path, callback)).toBe(first);
    expect(callback).toHaveBeenCalledOnceWith(ipc);
    expect(first).not.toBe(client);
  });

  it('does not connect without an id, and logs that, as node-ipc does', () => {
    const lines: string[] = [];
    const ipc = freshIPC({ silent: false, logger: (line) => lines.push(line) });
    for (const id of [undefined, null, '']) {
      expect(ipc.connectTo(id as string)).toBeUndefined();
      expect(ipc.connectToNet(id as string)).toBeUndefined();
    }
    expect(ipc.of).toEqual({});
    expect(lines.length).toBe(6);
    expect(lines[0]).toContain('needs the id of the server');
  });

  it('accepts a number as an id, and no object', () => {
    const ipc = freshIPC({ socketRoot: `${freshDirectory()}/`, stopRetrying: true });
    const client = ipc.connectTo(7 as never);
    expect([client.id, Object.keys(ipc.of)]).toEqual(['7', ['7']]);
    expect(() => ipc.connectTo({} as never)).toThrow(ipcError('ERR_IPC_ARGUMENT', /id of the server/));
  });

  it('accepts any id of a client, also the name of a prototype member', () => {
    const ipc = freshIPC({ socketRoot: `${freshDirectory()}/`, retry: 60_000 });
    for (const name of ['__proto__', 'constructor', 'toString']) {
      const client = ipc.connectTo(name);
      expect(ipc.of[name]).toBe(client);
      expect(ipc.connectTo(name)).toBe(client);
      ipc.disconnect(name);
      expect(Object.hasOwn(ipc.of, name)).toBeFalse();
      expect(client.explicitlyDisconnected).toBeTrue();
    }
    expect(Object.getPrototypeOf(ipc.of)).toBe(Object.prototype);
  });

  it('refuses a bad config, and names the key', () => {
    const ipc = freshIPC({ messageTimeout: -1 });
    const refused = ipcError('ERR_IPC_CONFIG', /config\.messageTimeout is -1/);
    expect(() => ipc.connectTo('world')).toThrow(refused);
    expect(() => ipc.serve()).toThrow(refused);
    expect(() => ipc.serveNet()).toThrow(refused);
    expect(ipc.of).toEqual({});
  });
});

describe('connectToNet', () => {
  type Order = (host: string, port: number, done: () => void) => unknown[];
  const orders: { title: string; args: Order; calls: number }[] = [
    { title: '(id)', args: () => [], calls: 0 },
    { title: '(id, callback)', args: (_host, _port, done) => [done], calls: 1 },
    { title: '(id, host)', args: (host) => [host], calls: 0 },
    { title: '(id, host, callback)', args: (host, _, done) => [host, done], calls: 1 },
    { title: '(id, port)', args: (_, port) => [port], calls: 0 },
    { title: '(id, port, callback)', args: (_, port, done) => [port, done], calls: 1 },
    { title: '(id, host, port)', args: (host, port) => [host, port], calls: 0 },
    { title: '(id, host, port, callback)', args: (host, port, done) => [host, port, done], calls: 1 },
    { title: '(id, host, "port", callback)', args: (host, port, done) => [host, `${port}`, done], calls: 1 },
    { title: '(id, undefined, port, callback)', args: (_, port, done) => [undefined, port, done], calls: 1 },
    { title: '(id, null, null, callback)', args: (_host, _port, done) => [null, null, done], calls: 1 },
    { title: '(id, false, false, callback)', args: (_host, _port, done) => [false, false, done], calls: 1 },
  ];
  for (const { title, args, calls } of orders) {
    it(`accepts ${title}`, async () => {
      const server = await tcp.serve();
      const ipc = freshIPC({ networkHost: '127.0.0.1', networkPort: server.port as number });
      const callback = jasmine.createSpy();
      const client = ipc.connectToNet('world', ...(args('127.0.0.1', server.port as number, callback) as []));
      expect(callback).toHaveBeenCalledTimes(calls);
      await client.ping(); // a server may accept a connection later than its client has it
      expect(client.path).toBe('127.0.0.1');
      expect(client.port).toBe(server.port);
      expect(server.sockets.length).toBe(1);
    });
  }

  it('runs its callback before it returns', async () => {
    const server = await tcp.serve();
    const ipc = freshIPC();
    let client: Client | undefined;
    const returned = ipc.connectToNet('world', '127.0.0.1', server.port, () => {
      client = ipc.of.world;
    });
    expect(client).toBe(returned);
    await returned.ready();
  });

  it('uses the default host and port of the config', () => {
    const ipc = freshIPC();
    const client = ipc.connectToNet('world');
    client.on('error', () => {});
    expect(client.path).toBe('localhost');
    expect(client.port).toBe(8000);
    client.destroy();
  });

  it('refuses an argument that is not a host, port or callback', () => {
    const ipc = freshIPC();
    for (const wrong of [-1, 65_536, 1.5, {}, true, Symbol('port')]) {
      const connecting = () => ipc.connectToNet('world', wrong as string);
      expect(connecting).toThrow(ipcError('ERR_IPC_ARGUMENT', /is not a (port|host)/));
    }
    expect(ipc.of).toEqual({});
  });

  it('reaches an IPv6 host', async () => {
    const server = await freshIPC().serveNet('::1', 0).start();
    const client = await tcp.connect(server).ready();
    expect((client.socket as { remoteFamily?: string }).remoteFamily).toBe('IPv6');
  });

  it('connects from the interface of the config, under both names of the key', async () => {
    const server = await tcp.serve();
    for (const key of ['interface', 'interfaces'] as const) {
      const ipc = freshIPC();
      ipc.config[key].localAddress = '127.0.0.2';
      const connected = once<[{ remoteAddress: string }]>(server, 'connect');
      ipc.connectToNet('world', '127.0.0.1', server.port);
      expect((await connected)[0].remoteAddress).toBe('127.0.0.2');
    }
  });
});

describe('disconnect', () => {
  for (const over of streams) {
    it(`sends what was emitted before, ends, and forgets the client, over ${over.name}`, async () => {
      const { server, client } = await pair({ over });
      const ipc = freshIPC();
      ipc.of.world = client;
      const left = once(server, 'socket.disconnected');
      const messages = heard(server, 'message', 2);
      client.emit('message', 1);
      client.emit('message', 2);
      ipc.disconnect('world');
      expect(ipc.of).toEqual({});
      expect(client.explicitlyDisconnected).toBeTrue();
      expect(await messages).toEqual([1, 2]);
      await left;
      expect(server.sockets).toEqual([]);
    });
  }

  it('emits only the end to the client’s handlers, as node-ipc does', async () => {
    const { server, client } = await pair();
    const ipc = freshIPC();
    ipc.of.world = client;
    const told: string[] = [];
    for (const type of ['disconnect', 'destroy', 'message', 'ipc:status', '*'] as const) {
      client.on(type, () => told.push(type));
    }
    server.broadcast('message', 'too late');
    ipc.disconnect('world');
    await client.close();
    expect(told).toEqual(['disconnect', 'destroy']);
  });

  it('does nothing for an unknown id', () => {
    const ipc = freshIPC();
    ipc.disconnect('nobody');
    ipc.disconnect('toString');
    expect(ipc.of).toEqual({});
  });

  it('lets the same id connect again', async () => {
    const server = await local.serve();
    const ipc = freshIPC();
    const first = await ipc.connectTo('world', server.path).ready();
    ipc.disconnect('world');
    const second = await ipc.connectTo('world', server.path).ready();
    expect(second).not.toBe(first);
    expect(second.connected).toBeTrue();
  });
});

describe('serve', () => {
  const orders: { title: string; args: (path: string, done: () => void) => unknown[]; calls: number }[] = [
    { title: '()', args: () => [], calls: 0 },
    { title: '(callback)', args: (_, done) => [done], calls: 1 },
    { title: '(path)', args: (path) => [path], calls: 0 },
    { title: '(path, callback)', args: (path, done) => [path, done], calls: 1 },
    { title: '(undefined, callback)', args: (_, done) => [undefined, done], calls: 1 },
    { title: '(null)', args: () => [null], calls: 0 },
  ];
  for (const { title, args, calls } of orders) {
    it(`accepts ${title}`, async () => {
      const socketRoot = `${freshDirectory()}/`;
      const ipc = freshIPC({ socketRoot, id: 'world' });
      const callback = jasmine.createSpy();
      const server = ipc.serve(...(args(`${socketRoot}app.world`, callback) as []));
      expect(server).toBe(ipc.server);
      expect(server).toBeInstanceOf(Server);
      expect(server.path).toBe(platformPath(`${socketRoot}app.world`));
      expect(server.port).toBeUndefined();
      expect(callback).not.toHaveBeenCalled();
      await server.start();
      expect(callback).toHaveBeenCalledTimes(calls);
    });
  }

  it('runs its callback when the server has started, with the instance', async () => {
    const path = freshPath();
    const ipc = freshIPC();
    const events: string[] = [];
    ipc.serve(path, (given) => {
      expect(given).toBe(ipc);
      expect(ipc.server.server).toBeTruthy();
      events.push('callback');
    });
    ipc.server.on('start', () => events.push('start'));
    const started = ipc.server.start();
    events.push('returned');
    await started;
    expect(events).toEqual(['returned', 'callback', 'start']);
  });
});

describe('serveNet', () => {
  interface Order {
    title: string;
    args: (done: () => void) => unknown[];
    host?: string;
    fixed?: boolean;
    udp?: 'udp4' | 'udp6';
    calls: number;
  }
  const orders: Order[] = [
    { title: '()', args: () => [], calls: 0 },
    { title: '(callback)', args: (done) => [done], calls: 1 },
    { title: '(host)', args: () => ['127.0.0.2'], host: '127.0.0.2', calls: 0 },
    { title: '(host, callback)', args: (done) => ['127.0.0.2', done], host: '127.0.0.2', calls: 1 },
    { title: '(port)', args: () => [0], fixed: true, calls: 0 },
    { title: '(port, callback)', args: (done) => [0, done], fixed: true, calls: 1 },
    { title: '(host, port)', args: () => ['127.0.0.2', 0], host: '127.0.0.2', fixed: true, calls: 0 },
    {
      title: '(host, port, callback)',
      args: (done) => ['127.0.0.2', 0, done],
      host: '127.0.0.2',
      fixed: true,
      calls: 1,
    },
    {
      title: '(host, "port", callback)',
      args: (done) => ['127.0.0.2', '0', done],
      host: '127.0.0.2',
      fixed: true,
      calls: 1,
    },
    { title: '(UDPType)', args: () => ['udp4'], udp: 'udp4', calls: 0 },
    { title: '(UDPType, callback)', args: (done) => ['udp4', done], udp: 'udp4', calls: 1 },
    { title: '("UDP4", callback)', args: (done) => ['UDP4', done], udp: 'udp4', calls: 1 },
    { title: '(port, UDPType)', args: () => [0, 'udp4'], udp: 'udp4', fixed: true, calls: 0 },
    {
      title: '(port, UDPType, callback)',
      args: (done) => [0, 'udp4', done],
      udp: 'udp4',
      fixed: true,
      calls: 1,
    },
    { title: '(host, UDPType)', args: () => ['::1', 'udp6'], host: '::1', udp: 'udp6', calls: 0 },
    {
      title: '(host, port, UDPType)',
      args: () => ['::1', 0, 'udp6'],
      host: '::1',
      udp: 'udp6',
      fixed: true,
      calls: 0,
    },
    {
      title: '(host, port, UDPType, callback)',
      args: (done) => ['::1', 0, 'udp6', done],
      host: '::1',
      udp: 'udp6',
      fixed: true,
      calls: 1,
    },
    {
      title: '(undefined, undefined, UDPType, callback)',
      args: (done) => [undefined, undefined, 'udp4', done],
      udp: 'udp4',
      calls: 1,
    },
    { title: '(false, false, false, callback)', args: (done) => [false, false, false, done], calls: 1 },
  ];
  for (const { title, args, host = '127.0.0.1', fixed = false, udp, calls } of orders) {
    it(`accepts ${title}`, async () => {
      // Which of the two ports was taken shows before the start; both leave the choice to the system.
      const ipc = freshIPC({ networkHost: '127.0.0.1', networkPort: fixed ? 8000 : 0 });
      const callback = jasmine.createSpy();
      const server: Server | DatagramServer = ipc.serveNet(...(args(callback) as []));
      expect(server).toBe(ipc.server);
      expect([server.path, server.port, server.udp4, server.udp6]).toEqual([
        host,
        0,
        udp === 'udp4',
        udp === 'udp6',
      ]);
      await server.start();
      expect(server.port).toBeGreaterThan(0);
      expect(callback.calls.allArgs()).toEqual(new Array(calls).fill([ipc]));
    });
  }

  it('uses the default host and port of the config', () => {
    const server = freshIPC().serveNet();
    expect([server.path, server.port]).toEqual(['localhost', 8000]);
  });

  it('refuses an argument that is not a host, port, UDP type or callback', () => {
    const ipc = freshIPC();
    for (const wrong of [-1, 65_536, 0.5, {}, true]) {
      expect(() => ipc.serveNet(wrong as string)).toThrow(
        ipcError('ERR_IPC_ARGUMENT', /is not a (port|host)/),
      );
    }
  });

  it('binds localhost so that peers reach it at 127.0.0.1', async () => {
    const server = await freshIPC().serveNet('localhost', 0).start();
    const client = freshIPC().connectToNet('world', '127.0.0.1', server.port);
    expect(await client.ready()).toBe(client);
  });
});

describe('Communication as in node-ipc', () => {
  for (const over of streams) {
    it(`works both ways, to one and to all, over ${over.name}`, async () => {
      const server = await over.serve();
      server.on('message', (data, socket) => server.emit(socket, 'message', `${data} world!`));
      const clients = [await join(over, server), await join(over, server), await join(over, server)];
      const answers = Promise.all(clients.map((client) => once(client, 'message')));
      for (const [i, client] of clients.entries()) client.emit('message', `hello ${i}`);
      expect(await answers).toEqual(clients.map((_, i) => [`hello ${i} world!`]));

      const announcements = Promise.all(clients.map((client) => once(client, 'announcement')));
      expect(server.broadcast('announcement', { to: 'all' })).toBe(server);
      for (const [data] of await announcements) expect(data).toEqual({ to: 'all' });
    });

    it(`transmits every kind of JSON over ${over.name}`, async () => {
      const { server, client } = await pair({ over });
      const payloads = [0, -1.5, '', 'ü\u{1f600}\f\n', null, true, false, [], {}, { a: [{ b: null }] }];
      const arrived = heard(server, 'payload', payloads.length);
      for (const payload of payloads) client.emit('payload', payload);
      expect(await arrived).toEqual(payloads);
      const nothing = once(server, 'nothing');
      client.emit('nothing');
      expect((await nothing)[0]).toEqual({});
    });

    it(`keeps the order and every byte of many and of large messages over ${over.name}`, async () => {
      const { server, client } = await pair({ over });
      const sizes = Array.from({ length: 500 }, (_, i) => (i % 100 === 0 ? 300_000 : i));
      const arrived = heard<string>(server, 'text', sizes.length);
      for (const size of sizes) client.emit('text', '€'.repeat(size));
      expect((await arrived).map((text) => text.length)).toEqual(sizes);
    });

    const encodings: [Encoding, string, number[]][] = [
      ['utf8', 'é', [0xc3, 0xa9]],
      ['ascii', 'a', [0x61]],
      ['latin1', 'é', [0xe9]],
      ['binary', 'é', [0xe9]],
      ['utf16le', 'é', [0xe9, 0]],
      ['ucs2', 'é', [0xe9, 0]],
      ['base64', '6Q==', [0xe9]],
      ['hex', 'e9', [0xe9]],
    ];
    for (const [encoding, text, bytes] of encodings) {
      it(`sends text as ${encoding} and receives the bytes, over raw ${over.name}`, async () => {
        const raw = { rawBuffer: true, encoding };
        const { server, client } = await pair({ over, server: raw, client: raw });
        const arrived = once<[Buffer, unknown]>(server, 'data');
        client.emit(text);
        const [data, socket] = await arrived;
        expect(data).toEqual(Buffer.from(bytes));
        expect(server.sockets).toEqual([socket as never]);
        const answered = once<[Buffer]>(client, 'data');
        server.emit(socket as never, text);
        expect((await answered)[0]).toEqual(Buffer.from(bytes));
      });
    }

    it(`sends arrays, typed arrays and Buffers unchanged, over raw ${over.name}`, async () => {
      const raw = { rawBuffer: true, encoding: 'hex' as const };
      const { server, client } = await pair({ over, server: raw, client: raw });
      const sent = [[0x05, 0x6d, 0x5c], Uint8Array.of(255, 0), Buffer.from([0x80, 0x0c]), Float32Array.of(1)];
      const sum = [0x05, 0x6d, 0x5c, 255, 0, 0x80, 0x0c, 0, 0, 0x80, 0x3f];
      const got: number[] = [];
      const all = new Promise<void>((resolve) => {
        client.on('data', (bytes) => {
          got.push(...bytes);
          if (got.length === sum.length) resolve();
        });
      });
      for (const bytes of sent) server.broadcast(bytes as number[]);
      await all;
      expect(got).toEqual(sum);
    });
  }

  for (const family of ['udp4', 'udp6'] as const) {
    it(`works both ways between peers over ${family}`, async () => {
      const [world, hello] = await Promise.all([datagrams(family), datagrams(family)]);
      world.on('message', (data, peer) => world.emit(peer, 'message', `${data} world!`));
      const answer = once<[string, Endpoint]>(hello, 'message');
      hello.emit({ address: world.path, port: world.port }, 'message', 'hello');
      const [data, peer] = await answer;
      expect(data).toBe('hello world!');
      expect(peer).toEqual({ address: world.path, port: world.port, family: `IPv${family.at(-1)}` });
    });
  }
});

describe('A custom delimiter', () => {
  for (const delimiter of ['\n', '\0', '\0\0', '\r\n', '||', '§', '\u{1f600}', 'END', '\t\f']) {
    it(`${JSON.stringify(delimiter)} may occur in payloads`, async () => {
      const { server, client } = await pair({ server: { delimiter }, client: { delimiter } });
      const payload = { [`key${delimiter}`]: [delimiter, `a${delimiter}b`, delimiter.repeat(3)] };
      const arrived = heard(server, `type${delimiter}`, 2);
      client.emit(`type${delimiter}`, payload);
      client.emit(`type${delimiter}`, delimiter);
      expect(await arrived).toEqual([payload, delimiter]);
    });
  }

  for (const delimiter of ['', ',', '"', '{}', 'true', '12']) {
    it(`${JSON.stringify(delimiter)} is refused, since JSON uses it`, () => {
      const ipc = freshIPC({ delimiter });
      expect(() => ipc.serve()).toThrow(ipcError('ERR_IPC_CONFIG', /config\.delimiter/));
    });
  }
});

describe('sync', () => {
  for (const over of streams) {
    it(`sends the next message when the server has answered, over ${over.name}`, async () => {
      const { server, client } = await pair({ over, client: { sync: true } });
      const log: string[] = [];
      let waiting: (() => void) | undefined;
      server.on('ask', (data, socket) => {
        log.push(`asked ${data}`);
        waiting = () => server.emit(socket, 'answer', data);
        setImmediate(() => waiting?.());
      });
      client.on('answer', (data) => log.push(`answered ${data}`));
      const last = new Promise<void>((resolve) => {
        client.on('answer', (data) => {
          if (data === 3) resolve();
        });
      });
      for (const n of [1, 2, 3]) client.emit('ask', n);
      await last;
      expect(log).toEqual(['asked 1', 'answered 1', 'asked 2', 'answered 2', 'asked 3', 'answered 3']);
    });
  }

  it('holds later messages while no answer comes', async () => {
    const { server, client } = await pair({ client: { sync: true } });
    const first = once<[number, never]>(server, 'ask');
    const asked = jasmine.createSpy();
    server.on('ask', asked);
    client.emit('ask', 1);
    client.emit('ask', 2);
    const [, socket] = await first;
    // The server's own ping passes: between connections nothing waits.
    await server.ping();
    expect(asked).toHaveBeenCalledTimes(1);
    const second = once(server, 'ask');
    server.emit(socket, 'anything');
    expect((await second)[0]).toBe(2);
  });

  it('waits over raw sockets too', async () => {
    const raw = { rawBuffer: true, sync: true };
    const { server, client } = await pair({ server: { rawBuffer: true }, client: raw });
    const chunks: string[] = [];
    const done = new Promise<void>((resolve) => {
      server.on('data', (bytes, socket) => {
        chunks.push(String(bytes));
        if (chunks.length === 3) resolve();
        server.emit(socket, 'go on');
      });
    });
    for (const text of ['one', 'two', 'three']) client.emit(text);
    await done;
    expect(chunks).toEqual(['one', 'two', 'three']);
  });

  it('continues with the next message on a new connection', async () => {
    const { server, client } = await pair({ client: { sync: true } });
    const asked: number[] = [];
    const third = new Promise<void>((resolve) => {
      server.on('ask', (data, socket) => {
        asked.push(data);
        if (data === 1) socket.destroy();
        else if (data === 3) resolve();
        else server.emit(socket, 'answer');
      });
    });
    for (const n of [1, 2, 3]) client.emit('ask', n);
    await third;
    expect(asked).toEqual([1, 2, 3]);
  });

  it('sends everything before it disconnects', async () => {
    const { server, client } = await pair({ client: { sync: true } });
    const asked = heard(server, 'ask', 3);
    for (const n of [1, 2, 3]) client.emit('ask', n);
    client.disconnect();
    expect(await asked).toEqual([1, 2, 3]);
  });
});

describe('maxConnections', () => {
  for (const over of streams) {
    it(`refuses clients beyond the limit, and admits them when there is room, over ${over.name}`, async () => {
      const server = await over.serve({ maxConnections: 2 });
      const connected = heard(server, 'connect', 2);
      const first = await join(over, server);
      await join(over, server);
      await connected;
      const turnedAway = once(server, 'error');
      const third = over.connect(server);
      const told = once(third, 'error');
      expect((await turnedAway)[0]).toEqual(ipcError('ERR_IPC_FULL', 'has 2 clients'));
      expect((await told)[0]).toEqual(ipcError('ERR_IPC_FULL'));
      expect(server.sockets.length).toBe(2);
      const counts: number[] = [];
      server.once('disconnect', () => counts.push(server.sockets.length));
      const joined = once(server, 'connect');
      await first.close();
      await joined;
      expect(counts).toEqual([1]);
      await third.ready();
      expect(server.sockets.length).toBe(2);
    });
  }
});

describe('The retry settings', () => {
  it('are read when they are needed: stopRetrying = true ends a client that waits for its next attempt', async () => {
    const path = freshPath();
    const ipc = freshIPC();
    const client = ipc.connectTo('nobody', path);
    client.on('error', () => {});
    await heard(client, 'ipc:retry', 2);
    ipc.config.stopRetrying = true;
    await once(client, 'destroy');
    expect(client.status).toBe(0);
    await expectAsync(client.ready()).toBeRejected();
  });

  it('apply to the next loss if they are set after a connection', async () => {
    const server = await local.serve();
    const connected = once(server, 'connect');
    const ipc = freshIPC({ retry: 60_000 });
    const client = await ipc.connectTo('world', server.path).ready();
    await connected;
    ipc.config.retry = 3;
    const retry = once<[number, number]>(client, 'ipc:retry');
    server.sockets[0]?.destroy();
    expect((await retry)[1]).toBe(3);
  });
});

describe('ipc.config', () => {
  it('is fixed for existing clients and servers, so that a later invalid value does not remove a limit', async () => {
    const path = freshPath();
    const ipc = freshIPC({ maxMessageSize: 1000 });
    const server = await ipc.serve(path).start();
    Object.assign(ipc.config, { maxMessageSize: 'oops' });
    const fault = once<[{ code: string }]>(server, 'error');
    const client = freshIPC().connectTo('world', server.path);
    client.emit('a', 'x'.repeat(2000));
    expect((await fault)[0].code).toBe('ERR_IPC_TOO_LARGE');
  });

  it('may not be null', () => {
    const ipc = freshIPC();
    expect(() => Object.assign(ipc, { config: null })).toThrow(
      ipcError('ERR_IPC_CONFIG', /ipc\.config is null; it must be an object/),
    );
  });
});

describe('A second serve', () => {
  for (const kind of ['unix', 'tcp', 'udp4'] as const) {
    it(`serves again at the same address right after stop(), over ${kind}`, async () => {
      const path = freshPath();
      const ipc = freshIPC();
      const serve = (port: number) => {
        if (kind === 'unix') return ipc.serve(path);
        return kind === 'tcp' ? ipc.serveNet('127.0.0.1', port) : ipc.serveNet('127.0.0.1', port, 'udp4');
      };
      const port = await freePort('127.0.0.1', kind === 'udp4' ? kind : undefined);
      await serve(port).start();
      const stopped = ipc.server.stop();
      const again = serve(port);
      await again.start();
      await stopped;
      expect(again.active).toBeTrue();
    });
  }

  it('is refused while the first server starts', async () => {
    const ipc = freshIPC();
    const starting = ipc.serve(freshPath()).start();
    expect(() => ipc.serve(freshPath())).toThrow(ipcError('ERR_IPC_IN_USE'));
    await (await starting).stop();
  });

  it('is refused while the first server runs, and accepted after it has stopped', async () => {
    const paths = [freshPath(), freshPath()];
    const ipc = freshIPC();
    const server = await ipc.serve(paths[0]).start();
    expect(() => ipc.serve(paths[1])).toThrow(ipcError('ERR_IPC_IN_USE', /serves .* already/));
    expect(ipc.server).toBe(server);
    await server.stop();
    expect(await ipc.serve(paths[1]).start()).toBe(ipc.server);
  });

  it('warns at the start of settings that changed since serve, which the server does not use', async () => {
    const ipc = freshIPC();
    const server = ipc.serve(freshPath());
    ipc.config.identifyPeer = false;
    ipc.config.maxConnections = 1;
    const warnings = await warningsOf(() => server.start());
    expect(warnings).toEqual([
      ipcError('ERR_IPC_CONFIG', /^config\.identifyPeer, config\.maxConnections changed after serve/),
    ]);
    await server.stop();
    ipc.serve(freshPath());
    expect(await warningsOf(() => ipc.server.start())).toEqual([]);
    await ipc.server.stop();
  });

  const protection = {
    authorize: () => false,
    allowedEvents: ['a'],
    profile: 'guarded',
    mode: 0o600,
    group: 0,
    tls: {},
  };
  for (const [key, value] of Object.entries(protection)) {
    it(`does not start without config.${key} if that is set after serve`, async () => {
      const ipc = freshIPC();
      const server = key === 'tls' ? ipc.serveNet('127.0.0.1', 0) : ipc.serve(freshPath());
      const before = ipc.config[key as keyof Config];
      Object.assign(ipc.config, { [key]: value });
      await expectAsync(server.start()).toBeRejectedWith(
        ipcError('ERR_IPC_CONFIG', `config.${key} changed after serve`),
      );
      Object.assign(ipc.config, { [key]: before });
      expect(await warningsOf(() => server.start())).toEqual([]);
      await server.stop();
    });
  }

  it('starts on a socket file although config.tls is set after serve, for a client over TLS', async () => {
    const ipc = freshIPC();
    const server = ipc.serve(freshPath());
    ipc.config.tls = {};
    const warnings = await warningsOf(() => server.start());
    expect(warnings).toEqual([ipcError('ERR_IPC_CONFIG', 'config.tls changed after serve')]);
    await server.stop();
  });

  it('keeps the authorize that it was set up with if that is removed before the start', async () => {
    const ipc = freshIPC({ authorize: () => false });
    const server = ipc.serve(freshPath());
    ipc.config.authorize = undefined;
    expect((await warningsOf(() => server.start())).length).toBe(1);
    const client = freshIPC({ credentials: 1 }).connectTo('world', server.path);
    await expectAsync(client.ready()).toBeRejectedWith(ipcError('ERR_IPC_REFUSED'));
    await server.stop();
  });

  it('refuses an id that is not a string as such', () => {
    expect(() => freshIPC().connectTo(Symbol('x') as never)).toThrow(
      ipcError('ERR_IPC_ARGUMENT', 'is not an id'),
    );
  });
});
