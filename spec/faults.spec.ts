/** What node-ipc and its kin get wrong, each by its number in the table of docs/migrating.md. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { inspect } from 'node:util';
import type { Client } from '../lib/client.js';
import { afterwards } from './support/afterwards.js';
import { freshCertificates } from './support/certificates.js';
import { ipcError } from './support/errors.js';
import { failure, heard, once } from './support/events.js';
import { datagrams, freshIPC, join, local, pair, type Settings, tcp, tls } from './support/instances.js';
import { BareServer, barePeer } from './support/peers.js';
import { freshDirectory, freshPath } from './support/places.js';
import { start } from './support/processes.js';

const windows = process.platform === 'win32';

describe('fault 1: a complete message waits because the chunk ends inside the next one', () => {
  const [begun, rest] = ['{"type":"one","data":1}\f{"type":"two","da', 'ta":2}\f'];

  it('does not happen on a server', async () => {
    const server = await local.serve();
    const peer = await barePeer(server);
    const one = once(server, 'one');
    peer.write(begun);
    expect((await one)[0]).toBe(1);
    const two = once(server, 'two');
    peer.write(rest);
    expect((await two)[0]).toBe(2);
  });

  it('does not happen on a client', async () => {
    const bare = await new BareServer().listen();
    const client = freshIPC().connectTo('world', bare.path);
    const peer = await bare.peer();
    const one = once(client, 'one');
    peer.write(begun);
    expect((await one)[0]).toBe(1);
    const two = once(client, 'two');
    peer.write(rest);
    expect((await two)[0]).toBe(2);
  });
});

describe('fault 2: a multi-byte character cut by a chunk is damaged', () => {
  const text = 'é€\u{1f600}';
  const frame = Buffer.from(`{"type":"${text}","data":"${text}"}\f`);
  const whole = Buffer.from('{"type":"begun"}\f');

  it('does not happen on a server or a client, wherever the chunk ends', async () => {
    const server = await local.serve();
    const bare = await new BareServer().listen();
    const client = freshIPC().connectTo('world', bare.path);
    const peers = [await barePeer(server), await bare.peer()] as const;
    for (let cut = 1; cut < frame.length; cut++) {
      const begun = [once(server, 'begun'), once(client, 'begun')];
      const both = [once(server, text), once(client, text)];
      // What is complete is heard at once: so the cut lies between two chunks.
      for (const peer of peers) peer.write(Buffer.concat([whole, frame.subarray(0, cut)]));
      await Promise.all(begun);
      for (const peer of peers) peer.write(frame.subarray(cut));
      for (const [data] of await Promise.all(both)) expect(data).toBe(text);
    }
  });
});

describe('fault 3: instances with different delimiters or encodings disturb each other', () => {
  it('does not happen on the wire, although they alternate in one process', async () => {
    const delimiters = ['\n', '§§', '\f'];
    const peers = [];
    for (const delimiter of delimiters) {
      const server = await local.serve({ delimiter });
      server.on('message', (data, socket) => server.emit(socket, 'message', data));
      const accepted = once(server, 'connect');
      peers.push(await barePeer(server));
      await accepted;
    }
    const payloads = ['a\fb', 'c\nd'];
    for (const payload of payloads) {
      for (const [i, peer] of peers.entries()) {
        peer.write(`${JSON.stringify({ type: 'message', data: payload })}${delimiters[i]}`);
      }
    }
    for (const [i, peer] of peers.entries()) {
      const frames = payloads.map((data) => `${JSON.stringify({ type: 'message', data })}${delimiters[i]}`);
      const expected = frames.join('');
      await peer.until(() => peer.text.length >= expected.length, 'echo');
      expect(peer.text).toBe(expected);
    }
  });

  it('does not happen if what they send is raw', async () => {
    const encodings = { hex: 'beef', base64: 'vu8=', utf8: '¾ï' } as const;
    const peers = [];
    for (const [encoding, text] of Object.entries(encodings) as ['hex', string][]) {
      const server = await local.serve({ rawBuffer: true, encoding });
      const accepted = once<[Socket]>(server, 'connect');
      const peer = await barePeer(server);
      peers.push({ server, peer, text, socket: (await accepted)[0] });
    }
    for (const { server, socket, text } of peers) server.emit(socket, text);
    const expected = [Buffer.from([0xbe, 0xef]), Buffer.from([0xbe, 0xef]), Buffer.from('¾ï')];
    for (const [i, { peer }] of peers.entries()) {
      await peer.until(() => peer.bytes.length >= (expected[i] as Buffer).length, 'bytes');
      expect(peer.bytes).toEqual(expected[i] as Buffer);
    }
  });
});

describe('fault 4: stop() leaves sockets open and the process alive', () => {
  it('does not happen with a client that stays connected: the process ends by itself', async () => {
    const path = freshPath();
    const program = start('spec/fixtures/serve.ts', [path]);
    await program.waitForLine(/^started$/);
    const peer = await barePeer({ path }, { allowHalfOpen: false });
    const client = await freshIPC().connectTo('world', path).ready();
    client.emit('stop');
    await peer.ended();
    expect(await program.exited).toEqual({ code: 0, signal: null });
    expect(existsSync(path)).toBeFalse();
  });
});

describe('fault 5: the wrong socket is reported or removed when several close at once', () => {
  it('does not happen: each closed socket is reported once, under its own name, and the others stay connected', async () => {
    const server = await local.serve();
    const clients: Client[] = [];
    for (let i = 0; i < 20; i++) clients.push(await join(local, server));
    const named = heard(server, 'name', 20);
    for (const [i, client] of clients.entries()) client.emit('name', { id: `client ${i}` });
    await named;
    const before = server.sockets as (Socket & { id?: string })[];
    const gone: string[] = [];
    server.on('socket.disconnected', (socket, id) => {
      expect((socket as { id?: unknown }).id).toBe(id);
      gone.push(id as string);
    });
    const left = heard(server, 'socket.disconnected', 10);
    for (const [i, client] of clients.entries()) if (i % 2 === 0) client.destroy();
    await left;
    const name = (i: number) => `client ${i}`;
    const [even, odd] = [0, 1].map((from) => Array.from({ length: 10 }, (_, i) => name(2 * i + from)));
    expect(gone).toEqual(jasmine.arrayWithExactContents(even as string[]));
    expect(server.sockets.map((socket) => socket.id)).toEqual(odd as string[]);
    expect(before.filter((socket) => !socket.destroyed)).toEqual(server.sockets as typeof before);
  });
});

describe('fault 6: serve removes files that are not its own', () => {
  it('does not happen to the path of a living server', async () => {
    const { server, client } = await pair();
    const second = freshIPC().serve(server.path);
    await expectAsync(second.start()).toBeRejectedWith(ipcError('ERR_IPC_IN_USE', 'a server listens there'));
    server.handle('question', () => 'answer');
    expect(await client.request('question')).toBe('answer');
    expect((await local.connect(server).ready()).connected).toBeTrue();
  });

  if (windows) return;

  it('does not happen to a regular file', async () => {
    const path = `${freshDirectory()}/file`;
    writeFileSync(path, 'precious');
    const server = freshIPC().serve(path);
    await expectAsync(server.start()).toBeRejectedWith(
      ipcError('ERR_IPC_IN_USE', 'a file that is not a socket'),
    );
    await expectAsync(freshIPC({ unlink: 'force' }).serve(path).start()).toBeRejected();
    expect(readFileSync(path, 'utf8')).toBe('precious');
  });

  it('happens to the socket of a dead server only, and exactly one of several processes reclaims it', async () => {
    const path = `${freshDirectory()}/s`;
    const victim = start('spec/fixtures/serve.ts', [path]);
    await victim.waitForLine(/^started$/);
    await victim.kill();
    expect(existsSync(path)).toBeTrue();
    const heirs = [1, 2, 3].map(() => start('spec/fixtures/serve.ts', [path]));
    const lines = await Promise.all(heirs.map((heir) => heir.waitForLine(/^(started|error .*)$/)));
    expect(lines.map(([line]) => line)).toEqual(
      jasmine.arrayWithExactContents(['started', 'error ERR_IPC_IN_USE', 'error ERR_IPC_IN_USE']),
    );
    const client = await freshIPC().connectTo('world', path).ready();
    const answered = once(client, 'message');
    client.emit('message', 'hello');
    expect((await answered)[0]).toBe('hello world!');
  });
});

describe('fault 7: raw bytes that are not UTF-8 arrive damaged', () => {
  const every = Buffer.from(Array.from({ length: 256 }, (_, i) => i));

  for (const over of [local, tcp, tls]) {
    it(`does not happen over ${over.name}, in either direction`, async () => {
      const raw = { rawBuffer: true };
      const { server, client } = await pair({ over, server: raw, client: raw });
      server.on('data', (bytes, socket) => server.emit(socket, bytes));
      const back = once<[Buffer]>(client, 'data');
      client.emit(every);
      expect((await back)[0]).toEqual(every);
    });
  }
});

describe('fault 8: UDP broadcast misses peers, and raw UDP is decoded', () => {
  it('does not happen: every peer receives a broadcast, also the first one', async () => {
    const server = await datagrams();
    const peers = await Promise.all([1, 2, 3].map(() => datagrams()));
    for (const peer of peers) {
      const greeted = once(server, 'hello');
      peer.emit({ address: '127.0.0.1', port: server.port }, 'hello');
      await greeted;
    }
    const all = Promise.all(peers.map((peer) => once(peer, 'news')));
    server.broadcast('news', 1);
    expect((await all).map(([data]) => data)).toEqual([1, 1, 1]);
  });

  it('does not happen: raw datagrams arrive byte for byte', async () => {
    const bytes = Buffer.from([0xff, 0xfe, 0, 0x0c, 0xc3]);
    const [server, peer] = await Promise.all([
      datagrams('udp4', { rawBuffer: true }),
      datagrams('udp4', { rawBuffer: true }),
    ]);
    const arrived = once<[Buffer]>(server, 'data');
    peer.emit({ address: '127.0.0.1', port: server.port }, bytes);
    expect((await arrived)[0]).toEqual(bytes);
  });
});

describe('fault 9: a user’s config.tls is changed, so that a second connection breaks', () => {
  it('does not happen: it stays unchanged, and several connections and servers use it', async () => {
    const { ca, server: files } = freshCertificates();
    const forServer = {
      private: files.key,
      public: files.cert,
      trustedConnections: [ca],
      requestCert: false,
    };
    const forClient = { trustedConnections: ca };
    const before = inspect([forServer, forClient], { depth: 5 });
    const ipc = freshIPC({ tls: forServer });
    const server = await ipc.serveNet('127.0.0.1', 0).start();
    const other = await tcp.serve({ tls: forServer });
    const client = freshIPC({ tls: forClient });
    await client.connectToNet('first', '127.0.0.1', server.port).ready();
    await client.connectToNet('second', '127.0.0.1', other.port).ready();
    await client.connectToNet('third', '127.0.0.1', server.port).ready();
    expect(inspect([forServer, forClient], { depth: 5 })).toBe(before);
  });

  it('does not happen: it may be frozen', async () => {
    const { ca, server: files } = freshCertificates();
    const server = await tls.serve({
      tls: Object.freeze({
        private: files.key,
        public: files.cert,
        trustedConnections: ca,
        requestCert: false,
      }),
    });
    const client = tls.connect(server, { tls: Object.freeze({ trustedConnections: ca }) });
    expect(await client.ready()).toBe(client);
  });
});

describe('fault 10: `connect` comes before the TLS handshake is done', () => {
  it('does not happen: the event follows the check of the certificate', async () => {
    const server = await tls.serve();
    const client = tls.connect(server);
    await once(client, 'connect');
    const socket = client.socket as TLSSocket;
    expect([socket.encrypted, socket.authorized, socket.getProtocol() !== null]).toEqual([true, true, true]);
  });

  it('does not happen if the server never answers', async () => {
    const silent = await tcp.serve();
    const client = freshIPC({ tls: {}, handshakeTimeout: 20, maxRetries: 0 }).connectToNet(
      'silent',
      '127.0.0.1',
      silent.port,
    );
    const connected = jasmine.createSpy();
    client.on('connect', connected);
    await expectAsync(client.ready()).toBeRejectedWith(ipcError('ERR_IPC_HANDSHAKE'));
    expect(connected).not.toHaveBeenCalled();
  });

  it('does not happen: a refused certificate of the server is reported as an error', async () => {
    const { expired, wrongHost, stranger } = freshCertificates();
    const faults = { expired: /expired/i, wrongHost: /altnames/i, stranger: /verify/i };
    for (const [files, fault] of [
      [expired, faults.expired],
      [wrongHost, faults.wrongHost],
      [stranger, faults.stranger],
    ] as const) {
      const server = await tls.serve({ tls: { private: files.key, public: files.cert } });
      const client = tls.connect(server, {
        maxRetries: 0,
        tls: { trustedConnections: freshCertificates().ca },
      });
      const connected = jasmine.createSpy();
      client.on('connect', connected);
      const errors: unknown[] = [];
      client.on('error', (error) => errors.push(error));
      await failure(client.ready());
      expect(errors).toEqual([ipcError('ERR_IPC_HANDSHAKE', fault)]);
      expect(connected).not.toHaveBeenCalled();
    }
  });

  it('does not happen: a refused certificate of the client is an error on both sides', async () => {
    const { ca, server: files, client: good, stranger } = freshCertificates();
    const server = await tls.serve({
      tls: {
        private: files.key,
        public: files.cert,
        trustedConnections: ca,
        requestCert: true,
        rejectUnauthorized: true,
      },
    });
    const shows = (pair: { key: string; cert: string }) => ({
      private: pair.key,
      public: pair.cert,
      trustedConnections: ca,
    });
    expect((await join(tls, server, { tls: shows(good) })).connected).toBeTrue();
    const connected = jasmine.createSpy();
    server.on('connect', connected);
    const refused = tls.connect(server, { maxRetries: 0, tls: shows(stranger) });
    const [there, here] = [once(server, 'error'), once(refused, 'error')];
    const over = once(refused, 'destroy');
    const unverified = ipcError('ERR_IPC_HANDSHAKE', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    expect((await there)[0]).toEqual(unverified);
    expect((await here)[0]).toEqual(ipcError('ERR_IPC_HANDSHAKE', 'accepts the certificate'));
    await over;
    await expectAsync(refused.ready()).toBeRejectedWith(ipcError('ERR_IPC_HANDSHAKE'));
    expect(connected).not.toHaveBeenCalled();
  });
});

describe('fault 11: an empty text and null arrive as an empty object', () => {
  it('does not happen in either direction, also not to 0 and false', async () => {
    const { server, client } = await pair();
    const payloads = ['', null, 0, false];
    const [there, back] = [heard(server, 'message', 4), heard(client, 'message', 4)];
    for (const payload of payloads) {
      client.emit('message', payload);
      server.broadcast('message', payload);
    }
    expect([await there, await back]).toEqual([payloads, payloads]);
  });
});

describe('fault 12: a handler that throws loses the rest of the chunk', () => {
  it('does not happen on either side; the error becomes an uncaught exception after the chunk', async () => {
    for (const [to, peer] of await bothSides()) {
      const fault = new Error('fault');
      const log: unknown[] = [];
      to.on('message', (data: unknown) => {
        log.push(data);
        if (data === 1) throw fault;
      });
      await jasmine.spyOnGlobalErrorsAsync(async (errors) => {
        errors.and.callFake((error) => log.push(error));
        const all = heard(to, 'message', 3);
        peer.write([1, 2, 3].map((n) => `{"type":"message","data":${n}}\f`).join(''));
        await all;
        await new Promise(setImmediate);
        expect(log).toEqual([1, 2, 3, fault]);
      });
    }
  });
});

describe('fault 13: a client reconnects, or leaks, when it should be gone', () => {
  it('does not happen after disconnect() during a pending retry', async () => {
    const path = freshPath();
    const ipc = freshIPC();
    const client = ipc.connectTo('world', path);
    await once(client, 'ipc:retry');
    ipc.disconnect('world');
    const server = await freshIPC().serve(path).start();
    const connected = jasmine.createSpy();
    server.on('connect', connected);
    // Another client, with the same delay, outlasts the retry that was pending.
    const other = freshIPC().connectTo('nobody', freshPath());
    await heard(other, 'ipc:retry', 3);
    expect(connected).not.toHaveBeenCalled();
    expect(client.status).toBe(0);
  });

  it('does not happen after two connectTo with one id, which hold one socket', async () => {
    const path = freshPath();
    const ipc = freshIPC();
    const first = ipc.connectTo('world', path);
    await once(first, 'ipc:retry');
    const second = ipc.connectTo('world', path);
    ipc.connectTo('world', path);
    expect(ipc.connectTo('world', path)).toBe(second);
    const server = await freshIPC().serve(path).start();
    await second.ready();
    await second.ping();
    const other = freshIPC().connectTo('nobody', freshPath());
    await heard(other, 'ipc:retry', 3);
    expect(server.sockets.length).toBe(1);
  });
});

describe('fault 14: what was emitted right before the end is lost', () => {
  for (const how of ['disconnect', 'exit']) {
    it(`does not happen by ${how}`, async () => {
      const server = await local.serve();
      const arrived = heard(server, 'message', 100);
      const program = start('spec/fixtures/last-words.ts', [server.path, how]);
      expect(await arrived).toEqual([...Array(100).keys()]);
      expect(await program.exited).toEqual({ code: 0, signal: null });
    });
  }
});

describe('fault 15: hundreds of clients that connect at once fail with EAGAIN', () => {
  it('does not happen: all connect, without an error', async () => {
    const server = await local.serve({ maxConnections: 1000 });
    const errors: unknown[] = [];
    // On Windows each waits for its turn in a thread of Node's.
    const count = windows ? 100 : 500;
    const clients = Array.from({ length: count }, () => {
      const client = local.connect(server);
      client.on('error', (error) => errors.push(error));
      return client;
    });
    await Promise.all(clients.map((client) => client.ready()));
    await Promise.all(clients.map((client) => client.ping()));
    expect(server.sockets.length).toBe(count);
    expect(errors).toEqual([]);
  });

  if (process.platform !== 'linux') return;

  it('does not happen if the backlog of the listener is small', async () => {
    const path = freshPath();
    const sockets: Socket[] = [];
    const small = createServer((socket) => sockets.push(socket.on('error', () => {})));
    small.listen({ path, backlog: 1 });
    await once(small, 'listening');
    afterwards(async () => {
      for (const socket of sockets) socket.destroy();
      const closed = once(small, 'close');
      small.close();
      await closed;
    });
    const errors: unknown[] = [];
    const clients = Array.from({ length: 50 }, () => {
      const client = freshIPC().connectTo('world', path);
      client.on('error', (error) => errors.push(error));
      return client;
    });
    await Promise.all(clients.map((client) => client.ready()));
    expect(errors).toEqual([]);
  });
});

describe('fault 16: a path longer than the system allows fails without a reason', () => {
  const most = windows ? 256 : process.platform === 'linux' ? 107 : 103;
  const unit = windows ? 'characters' : 'bytes';
  const tooLong = ipcError(
    'ERR_IPC_ADDRESS',
    new RegExp(`has ${most + 1} ${unit}; this system allows ${most}`),
  );

  it('does not happen: the error names the length and the limit, on both sides', async () => {
    const path = (windows ? '\\\\.\\pipe\\' : '/tmp/').padEnd(most + 1, 'x');
    await expectAsync(freshIPC().serve(path).start()).toBeRejectedWith(tooLong);
    const client = freshIPC().connectTo('world', path);
    const reported = once(client, 'error');
    await expectAsync(client.ready()).toBeRejectedWith(tooLong);
    expect((await reported)[0]).toEqual(tooLong);
  });

  it('does not happen: the limit counts bytes, not characters', async () => {
    if (windows) pending('Windows counts characters');
    const path = `/tmp/${'é'.repeat((most - 3) / 2)}`;
    expect(path.length).toBeLessThan(most);
    await expectAsync(freshIPC().serve(path).start()).toBeRejectedWith(ipcError('ERR_IPC_ADDRESS'));
  });

  it('does not happen: the longest path that is allowed works', async () => {
    const path = freshPath().padEnd(most, 'x');
    const server = await freshIPC().serve(path).start();
    expect((await local.connect(server).ready()).connected).toBeTrue();
  });
});

describe('fault 17: retry settings do not do what their documentation says', () => {
  /** How often a client tried in vain: once, and so many retries. */
  async function tries(settings: Settings): Promise<number> {
    const client = freshIPC({ retry: 1, ...settings }).connectTo('nobody', freshPath());
    let count = 0;
    const many = new Promise<void>((resolve) => {
      client.on('error', () => {
        if (++count === 12) resolve();
      });
      client.on('destroy', () => resolve());
    });
    await many;
    return count;
  }

  const endless = 12;
  const meanings: [Settings, number][] = [
    [{}, endless],
    [{ maxRetries: false }, endless],
    [{ maxRetries: Number.POSITIVE_INFINITY }, endless],
    [{ maxRetries: 0 }, 1],
    [{ maxRetries: 1 }, 2],
    [{ maxRetries: 3 }, 4],
    [{ stopRetrying: false }, endless],
    [{ stopRetrying: true }, 1],
    [{ stopRetrying: 0 }, 1],
    [{ stopRetrying: 3 }, 4],
    [{ stopRetrying: false, maxRetries: 2 }, 3],
    [{ stopRetrying: true, maxRetries: 2 }, 1],
    [{ stopRetrying: 1, maxRetries: 2 }, 2],
    [{ stopRetrying: 5, maxRetries: 2 }, 3],
  ];
  for (const [settings, expected] of meanings) {
    const times = expected === endless ? 'without end' : `${expected} times`;
    it(`does not happen: ${inspect(settings)} tries ${times}`, async () => {
      expect(await tries(settings)).toBe(expected);
    });
  }

  it('does not happen: a number counts again from each disconnect', async () => {
    const path = freshPath();
    const client = freshIPC({ retry: 1, maxRetries: 3 }).connectTo('world', path);
    await heard(client, 'ipc:retry', 2);
    const server = await freshIPC().serve(path).start();
    await client.ready();
    expect(client.retriesRemaining).toBe(3);
    const over = once(client, 'destroy');
    const retries: number[] = [];
    client.on('ipc:retry', (attempt) => retries.push(attempt));
    await server.stop();
    await over;
    expect(retries).toEqual([1, 2, 3]);
  });

  it('does not happen: true stops at once when it is set', async () => {
    const ipc = freshIPC();
    const client = ipc.connectTo('nobody', freshPath());
    await heard(client, 'ipc:retry', 2);
    ipc.config.stopRetrying = true;
    await once(client, 'destroy');
    expect(client.status).toBe(0);
  });
});

describe('fault 18: a frame that is not JSON crashes or silences a connection', () => {
  it('does not happen: `error` reports its length, and the next frame is read, on both sides', async () => {
    for (const [to, peer] of await bothSides()) {
      const reported = once(to, 'error');
      const arrived = once(to, 'good');
      peer.write(`no JSON at all ${'x'.repeat(500)}\f`).emit('good', 1);
      const [error] = (await reported) as [Error];
      expect(error).toEqual(ipcError('ERR_IPC_DECODE', 'A frame is not JSON; it was dropped (length 515).'));
      expect((await arrived)[0]).toBe(1);
    }
  });
});

describe('fault 19: an address that cannot be used crashes', () => {
  it('does not happen with a missing socketRoot: the server rejects, the client continues trying', async () => {
    if (windows) return pending('A Windows pipe lies in no directory');
    const socketRoot = `${freshDirectory()}/missing/deeper/`;
    const server = freshIPC({ socketRoot, id: 'world' }).serve();
    const reported = once(server, 'error');
    const error = await failure(server.start());
    expect(error).toEqual(ipcError('ERR_IPC_ADDRESS', socketRoot));
    expect((await reported)[0]).toBe(error);
    const client = freshIPC({ socketRoot }).connectTo('world');
    for (const fault of await heard(client, 'error', 2)) {
      expect(fault).toEqual(ipcError('ERR_IPC_CONNECT', socketRoot));
    }
  });

  it('does not happen with a port in use', async () => {
    const first = await tcp.serve();
    for (const udp of [undefined, 'udp4'] as const) {
      if (udp) await freshIPC().serveNet('127.0.0.1', first.port, udp).start();
      const second = freshIPC().serveNet('127.0.0.1', first.port, udp as 'udp4');
      const reported = once(second, 'error');
      const error = await failure(second.start());
      expect(error).toEqual(ipcError('ERR_IPC_IN_USE', `127.0.0.1:${first.port}`));
      expect((await reported)[0]).toBe(error);
    }
  });

  it('does not happen with a host that does not resolve', async () => {
    const host = 'no.such.host.invalid';
    const server = freshIPC().serveNet(host, 0);
    const reported = once(server, 'error');
    const error = await failure(server.start());
    expect(error).toEqual(ipcError('ERR_IPC_ADDRESS', host));
    expect((await reported)[0]).toBe(error);
    const client = freshIPC({ maxRetries: 1 }).connectToNet('world', host, 9);
    const faults = heard(client, 'error', 2);
    await expectAsync(client.ready()).toBeRejectedWith(ipcError('ERR_IPC_CONNECT', host));
    for (const fault of await faults) expect(fault).toEqual(ipcError('ERR_IPC_CONNECT', host));
  });
});

/** A server and a client, each with the bare socket at its other end. */
async function bothSides() {
  const server = await local.serve();
  const bare = await new BareServer().listen();
  const client = freshIPC().connectTo('world', bare.path);
  return [
    [server, await barePeer(server)],
    [client, await bare.peer()],
  ] as const;
}
