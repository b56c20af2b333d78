import { isDeepStrictEqual } from 'node:util';
import type { PeerSocket, Server } from '../../index.js';
import { IPC } from '../../services/ipc/index.js';
import { afterwards } from '../support/afterwards.js';
import { type Certificates, freshCertificates } from '../support/certificates.js';
import { type Emits, heard, once } from '../support/events.js';
import { hasIPv6 } from '../support/network.js';
import { freshUnixPath } from '../support/places.js';
import { NodeIpcProcess, type Place, type SocketName } from './node-ipc-process.js';

const versions = [
  { module: 'node-ipc-9', name: 'node-ipc 9 (CommonJS)' },
  { module: 'node-ipc-10', name: 'node-ipc 10 (ESM)' },
];

const payloads: unknown[] = [
  'plain',
  'mühsam ernährt sich das Eichhörnchen ☕ 𝄞 日本語 \u0000\f\n"\\',
  '',
  0,
  -1.5e300,
  false,
  true,
  null,
  [],
  {},
  [1, [2, [3, ['', null, false]]]],
  { a: { b: { c: { d: 'deep', ключ: ['ä'] } } }, empty: '', nothing: null, no: false, zero: 0 },
];

/** Our end of a conversation. */
interface Us {
  emitter: Emits;
  emit(...args: unknown[]): void;
}

type Role = 'server' | 'client';

for (const { module, name } of versions) {
  describe(`With ${name},`, () => {
    let theirs: NodeIpcProcess;
    let certificates: Certificates;

    beforeAll(() => {
      theirs = new NodeIpcProcess(module);
      certificates = freshCertificates();
    });

    for (const socket of ['unix', 'tcp', 'tls', 'udp4', 'udp6'] as const) {
      for (const role of ['server', 'client'] as const) {
        const way = socket.startsWith('udp') ? begins(role) : `as the ${role}`;

        it(`over ${socket}, ${way}, every kind of payload is echoed unchanged`, async () => {
          if (socket === 'udp6' && !hasIPv6()) pending('There is no IPv6 here');
          const us = await converse(socket, role);
          const echoes = heard(us.emitter, 'echo', payloads.length);
          for (const payload of payloads) us.emit('echo', payload);
          expect(await echoes).toEqual(payloads.map((data) => ({ data })));
        });
      }
    }

    for (const role of ['server', 'client'] as const) {
      for (const socket of ['unix', 'tcp', 'tls'] as const) {
        it(`over ${socket}, as the ${role}, messages of several MiB are echoed unchanged`, async () => {
          const us = await converse(socket, role);
          const large = [longText(3), { list: [longText(1), longText(2)] }, 'and a small one'];
          const echoes = heard(us.emitter, 'echo', large.length);
          for (const payload of large) us.emit('echo', payload);
          // Compared here: a difference in megabytes would be printed in full.
          const [first, second, third] = await echoes;
          expect(
            isDeepStrictEqual(
              [first, second, third],
              large.map((data) => ({ data })),
            ),
          ).toBeTrue();
        });

        it(`over ${socket}, as the ${role}, thousands of messages keep their order`, async () => {
          const us = await converse(socket, role);
          const numbers = Array.from({ length: 5000 }, (_, index) => index);
          const echoes = heard(us.emitter, 'echo', numbers.length);
          for (const number of numbers) us.emit('echo', number);
          expect(await echoes).toEqual(numbers.map((data) => ({ data })));
        });

        it(`over ${socket}, as the ${role}, bytes of every value are echoed unchanged`, async () => {
          // It decodes what it receives by the encoding, and only hex bears every byte.
          const us = await converse(socket, role, { rawBuffer: true, encoding: 'hex' });
          const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
          const echo = collectBytes(us.emitter, bytes.length);
          us.emit(bytes);
          expect(await echo).toEqual(bytes);
        });
      }

      it(`as the ${role}, '' and null arrive here as {}, which is what it sends for them`, async () => {
        const us = await converse('unix', role);
        const said = heard(us.emitter, 'said', 4);
        for (const payload of ['', null, 0, false]) us.emit('say', payload);
        expect(await said).toEqual([{}, {}, 0, false]);
      });

      it(`over udp4, ${begins(role)}, raw text is echoed unchanged (bytes are not, since it decodes raw datagrams)`, async () => {
        const us = await converse('udp4', role, { rawBuffer: true });
        const echo = once<[Buffer]>(us.emitter, 'data');
        us.emit('plain text');
        expect((await echo)[0].toString()).toBe('plain text');
      });
    }

    for (const socket of ['unix', 'tcp'] as const) {
      it(`over ${socket}, our client in sync mode sends one message after the answer to the other`, async () => {
        const us = await converse(socket, 'server', {}, { sync: true });
        const echoes = heard(us.emitter, 'echo', 20);
        for (let number = 0; number < 20; number++) us.emit('echo', number);
        expect(await echoes).toEqual(Array.from({ length: 20 }, (_, data) => ({ data })));
      });

      it(`over ${socket}, its client in sync mode receives the answer to each message`, async () => {
        const { server, at } = await serve(socket);
        let unanswered = 0;
        const received: unknown[] = [];
        const all = new Promise<void>((resolve) => {
          server.on('message', (data: unknown, peer: PeerSocket) => {
            received.push([data, ++unanswered]);
            if (received.length === 20) resolve();
            setImmediate(() => {
              unanswered--;
              server.emit(peer, 'answer', data);
            });
          });
        });
        const client = await theirs.open('client', socket, at, { sync: true });
        for (let number = 0; number < 20; number++) client.emit('message', number);
        await all;
        expect(received).toEqual(Array.from({ length: 20 }, (_, number) => [number, 1]));
      });
    }

    it('a broadcast reaches its clients and ours', async () => {
      const { server, ipc, at } = await serve('unix');
      const connected = heard(server as Emits, 'connect', 3);
      await theirs.open('client', 'unix', at);
      await theirs.open('client', 'unix', at);
      const ours = ipc.connectTo('ours', at.path);
      afterwards(() => ours.destroy());
      await Promise.all([ours.ready(), connected]);
      const echoes = heard(server as Emits, 'echo', 2);
      const own = once(ours, 'echo');
      server.broadcast('echo', 'to all');
      expect(await echoes).toEqual([{ data: 'to all' }, { data: 'to all' }]);
      expect((await own)[0]).toBe('to all');
    });

    it('its broadcast reaches our clients', async () => {
      const path = freshUnixPath();
      const server = await theirs.open('server', 'unix', { path });
      const clients = ['one', 'two'].map((id) => makeIPC('unix').connectTo(id, path));
      for (const client of clients) afterwards(() => client.destroy());
      await Promise.all(clients.map((client) => client.ready()));
      const greeted = clients.map((client) => heard(client, 'greeted', 1));
      // What it says to one that it has heard proves that it knows both.
      const echoes = clients.map((client) => once(client, 'echo'));
      for (const client of clients) client.emit('echo', 'here');
      await Promise.all(echoes);
      server.broadcast('greeted', 'all');
      expect(await Promise.all(greeted)).toEqual([['all'], ['all']]);
    });

    it('our server knows its client by the id in a payload, and notices when it leaves', async () => {
      const { server, at } = await serve('unix');
      const client = await theirs.open('client', 'unix', at);
      const message = once<[unknown, PeerSocket]>(server as Emits, 'message');
      client.emit('message', { id: 'theirs' });
      const [, socket] = await message;
      expect(socket.id).toBe('theirs');
      const left = once<[PeerSocket, string]>(server as Emits, 'socket.disconnected');
      socket.end();
      expect(await left).toEqual([socket, 'theirs']);
    });

    it('our client reconnects to its server after a restart, and sends what was emitted meanwhile', async () => {
      const path = freshUnixPath();
      const ipc = makeIPC('unix');
      ipc.config.retry = 20;
      const client = ipc.connectTo('theirs', path);
      afterwards(() => client.destroy());
      const echo = once(client, 'echo');
      client.emit('echo', 'held');
      await theirs.open('server', 'unix', { path });
      expect((await echo)[0]).toEqual({ data: 'held' });
    });

    /** Opens a conversation, in which node-ipc has the role; over UDP the client is who begins. */
    async function converse(socket: SocketName, role: Role, config = {}, ours = {}): Promise<Us> {
      if (socket === 'udp4' || socket === 'udp6') return converseInDatagrams(socket, role, config);
      if (role === 'client') {
        const { server, at } = await serve(socket, config);
        const connected = once<[PeerSocket]>(server as Emits, 'connect');
        await theirs.open('client', socket, at, { ...config, ...tlsFor(socket) });
        const [peer] = await connected;
        return { emitter: server as Emits, emit: (...args) => server.emit(peer, ...(args as [string])) };
      }
      const at = placeOf(socket);
      const { port } = await theirs.open('server', socket, at, { ...config, ...tlsFor(socket) });
      const ipc = makeIPC(socket, { ...config, ...ours });
      const client =
        at.path === undefined ? ipc.connectToNet('theirs', at.host, port) : ipc.connectTo('theirs', at.path);
      afterwards(() => client.destroy());
      await client.ready();
      return { emitter: client as Emits, emit: (...args) => client.emit(...(args as [string])) };
    }

    async function converseInDatagrams(socket: 'udp4' | 'udp6', role: Role, config: object): Promise<Us> {
      const at = placeOf(socket);
      const { port = 0, emit } = await theirs.open('server', socket, at, config);
      const server = makeIPC(socket, config).serveNet(at.host, 0, socket);
      await server.start();
      afterwards(() => server.stop());
      let peer = { address: at.host ?? '', port };
      if (role === 'client') {
        const begun = once<[unknown, typeof peer]>(server as Emits, '*');
        emit({ address: at.host, port: server.port }, 'begin');
        await begun;
        [peer] = server.sockets as [typeof peer];
      }
      return { emitter: server as Emits, emit: (...args) => server.emit(peer, ...(args as [string])) };
    }

    async function serve(socket: SocketName, config = {}): Promise<{ ipc: IPC; server: Server; at: Place }> {
      const at = placeOf(socket);
      const ipc = makeIPC(socket, config);
      const server = at.path === undefined ? ipc.serveNet(at.host, 0) : ipc.serve(at.path);
      await server.start();
      afterwards(() => server.stop());
      return { ipc, server, at: { ...at, port: server.port ?? 0 } };
    }

    function makeIPC(socket: SocketName, config = {}): IPC {
      const ipc = new IPC();
      Object.assign(ipc.config, { silent: true }, config, tlsFor(socket));
      return ipc;
    }

    function tlsFor(socket: SocketName): object {
      if (socket !== 'tls') return {};
      const { ca, server } = certificates;
      return {
        tls: { private: server.key, public: server.cert, trustedConnections: ca, requestCert: false },
      };
    }
  });
}

function begins(role: Role): string {
  return role === 'client' ? 'when it begins' : 'when we begin';
}

function placeOf(socket: SocketName): Place {
  if (socket === 'unix') return { path: freshUnixPath() };
  return { host: socket === 'udp6' ? '::1' : '127.0.0.1' };
}

/** The next bytes, so many of them. */
function collectBytes(emitter: Emits, length: number): Promise<Buffer> {
  return new Promise((resolve) => {
    let bytes = Buffer.alloc(0);
    const take = (chunk: unknown) => {
      bytes = Buffer.concat([bytes, chunk as Buffer]);
      if (bytes.length < length) return;
      emitter.off('data', take);
      resolve(bytes);
    };
    emitter.on('data', take);
  });
}

/** Text of so many MiB in which a character of several bytes is cut by any chunk. */
function longText(mebibytes: number): string {
  return 'é☕𝄞'.repeat((mebibytes * 1024 * 1024) / 9);
}
