import { connect as connectNet } from 'node:net';
import { Client as NetClient, Server as NetServer } from '../services/net-ipc/index.js';
import {
  Client as TopicClient,
  Server as TopicServer,
  type Transcoder,
} from '../services/socket-ipc/index.js';
import { afterwards } from './support/afterwards.js';
import { ipcError } from './support/errors.js';
import { failure, heard, once } from './support/events.js';
import { freshIPC, join, local, pair, tcp } from './support/instances.js';
import { freshPath } from './support/places.js';

const cycle: Record<string, unknown> = {};
cycle.self = cycle;

/** What a callback does in place of its work. */
const FAULTS: Record<string, () => never> = {
  'throws an error': () => {
    throw new Error('boom');
  },
  'throws null': () => {
    throw null;
  },
  'throws a BigInt': () => {
    throw 5n;
  },
  'throws a cycle': () => {
    throw cycle;
  },
  'is rejected': (async () => {
    throw new Error('boom');
  }) as () => never,
};

/** Does something, and gives the uncaught errors that came of it. */
async function uncaught(act: () => Promise<void>): Promise<unknown[]> {
  const errors: unknown[] = [];
  await jasmine.spyOnGlobalErrorsAsync(async (spy) => {
    await act();
    await new Promise(setImmediate);
    for (const [error] of spy.calls.allArgs()) errors.push(error);
  });
  return errors;
}

/** A Standard Schema that does this with every value but 0. */
function schemaThat(fault: () => never) {
  const validate = (value: unknown) => (value === 0 ? { value } : fault());
  return { '~standard': { version: 1 as const, vendor: 'spec', validate } };
}

for (const [what, fault] of Object.entries(FAULTS)) {
  describe(`When a user's callback ${what}`, () => {
    it('as the logger, everything else continues to work', async () => {
      const errors = await uncaught(async () => {
        const noisy = { silent: false, logger: fault as () => void };
        const server = await local.serve(noisy);
        const client = await join(local, server, noisy);
        const left = once(server, 'disconnect');
        server.handle('add', ([a, b]: number[]) => (a as number) + (b as number));
        expect(await client.request('add', [1, 2])).toBe(3);
        await client.close();
        await left;
        await server.stop();
      });
      expect(errors.length).toBeGreaterThan(3);
    });

    it('as the logger, a refused start and a failed dial are still reported', async () => {
      await uncaught(async () => {
        const noisy = { silent: false, logger: fault as () => void, maxRetries: 0 };
        await expectAsync(freshIPC(noisy).connectTo('world', freshPath()).ready()).toBeRejectedWith(
          ipcError('ERR_IPC_CONNECT'),
        );
        const { path } = await local.serve();
        await expectAsync(freshIPC(noisy).serve(path).start()).toBeRejectedWith(ipcError('ERR_IPC_IN_USE'));
      });
    });

    it('as authorize, the server refuses the client for now and admits it later', async () => {
      let asked = 0;
      const authorize = () => (asked++ === 0 ? fault() : true);
      const server = await local.serve({ authorize });
      const refused = once(server, 'error');
      const client = local.connect(server, { credentials: 'me' });
      const told: unknown[] = [];
      client.on('error', (error) => told.push(error.message));
      expect((await refused)[0]).toEqual(ipcError('ERR_IPC_REFUSED', 'may reconnect'));
      await client.ready();
      expect([asked, await client.ping()]).toEqual([2, jasmine.any(Number)]);
      expect(told.join()).not.toContain('boom');
    });

    it('as a schema of an event, the event is reported and the next one is delivered', async () => {
      const { server, client } = await pair();
      const seen: unknown[] = [];
      server.on('n', { input: schemaThat(fault) }, (n: unknown) => seen.push(n));
      const reported = once(server, 'error');
      client.emit('n', 1);
      client.emit('n', 0);
      expect((await reported)[0]).toEqual(ipcError('ERR_IPC_INVALID_INPUT', 'its schema threw'));
      await client.ping();
      expect(seen).toEqual([0]);
    });

    it('as a schema of a request or response, that request is refused and the next one is answered', async () => {
      const { server, client } = await pair();
      server.handle('in', { input: schemaThat(fault) }, (n) => n);
      server.handle('out', { output: schemaThat(fault) }, (n: number) => n);
      expect(await failure(client.request('in', 1))).toEqual(
        ipcError('ERR_IPC_INVALID_INPUT', 'its schema threw'),
      );
      expect(await failure(client.request('out', 1))).toEqual(
        ipcError('ERR_IPC_INVALID_OUTPUT', 'its schema threw'),
      );
      expect(await client.request('in', 0)).toBe(0);
      expect(await client.request('out', 0)).toBe(0);
    });

    it('as a request handler, that request is refused and the next one is answered', async () => {
      const { server, client } = await pair();
      server.handle('ask', (n: number) => (n === 0 ? n : fault()));
      expect(await failure(client.request('ask', 1))).toBeInstanceOf(Error);
      expect(await client.request('ask', 0)).toBe(0);
    });

    it('as a listener of events or topics, other listeners are called, and the error becomes an uncaught exception', async () => {
      const errors = await uncaught(async () => {
        const { server, client } = await pair();
        await client.subscribe('topic', fault);
        const [seen, published] = [
          heard(server, 'n', 2),
          new Promise((resolve) => client.subscribe('topic', resolve)),
        ];
        server.on('n', fault);
        client.emit('n', 1);
        client.emit('n', 2);
        expect(await seen).toEqual([1, 2]);
        server.publish('topic', 3);
        expect(await published).toBe(3);
        await client.ping();
      });
      expect(errors.length).toBe(3);
    });

    it('as the callback of serve, the server has started', async () => {
      const errors = await uncaught(async () => {
        const path = freshPath();
        const ipc = freshIPC();
        await ipc.serve(path, fault).start();
        expect(ipc.server.server).toBeTruthy();
      });
      expect(errors.length).toBe(1);
    });

    it('as the lookup of a host, the dial fails and is retried', async () => {
      const server = await tcp.serve();
      let asked = 0;
      const lookup = (host: string, options: object, callback: never) => {
        if (asked++ === 0) return fault();
        return process
          .getBuiltinModule('node:dns')
          .lookup(host === 'nowhere' ? '127.0.0.1' : host, options, callback);
      };
      const ipc = freshIPC({ interfaces: { lookup } });
      const client = ipc.connectToNet('world', 'nowhere', server.port);
      const [error] = await once(client, 'error');
      expect(error).toEqual(ipcError('ERR_IPC_CONNECT', 'config.interfaces.lookup failed for nowhere'));
      await client.ready();
      expect(asked).toBe(2);
    });

    it('as the generateID of net-ipc, clients still get ids', async () => {
      const path = freshPath();
      const server = new NetServer({ path, generateID: fault });
      const errors: unknown[] = [];
      server.on('error', (error) => errors.push(error));
      await server.start();
      afterwards(() => server.close());
      const client = new NetClient({ path });
      const ready = await client.connect();
      afterwards(() => client.close());
      expect(ready.id).toMatch(/\S/);
      expect(server.connections.length).toBe(1);
      expect(errors.length).toBe(1);
    });

    for (const part of ['createDecoder', 'decoder', 'encoder'] as const) {
      it(`as the ${part} of socket-ipc's transcoder, an event reports it and nothing else happens`, async () => {
        const socketFile = freshPath();
        const transcoder: Transcoder = {
          createEncoder: () => (part === 'encoder' ? fault : (_wrapper, callback) => callback(null, 'x')),
          createDecoder: () => {
            if (part === 'createDecoder') fault();
            return part === 'decoder' ? fault : (_chunk, callback) => callback(null, []);
          },
        };
        if (part === 'createDecoder' && what === 'is rejected')
          return pending('createDecoder returns a decoder at once');
        const server = new TopicServer({ socketFile, transcoder });
        const listening = once(server, 'listening');
        server.listen();
        await listening;
        afterwards(() => server.close());
        const client = new TopicClient({ socketFile, transcoder, reconnectDelay: 60_000 });
        const came = Promise.all([once(server, 'connection'), once(client, 'connect')]);
        client.connect();
        afterwards(() => client.close());
        await came;
        const told = part === 'encoder' ? once(client, 'error') : once(server, 'messageError');
        client.on('error', () => {});
        client.send('topic', 'message');
        expect((await told)[0]).toBeInstanceOf(Error);
        const again = once(server, 'connection');
        const raw = connectNet(socketFile);
        afterwards(() => raw.destroy());
        await again;
      });
    }
  });
}

describe('Credentials that cannot be sent', () => {
  for (const [what, credentials] of [
    ['a BigInt', 5n],
    ['a cycle', cycle],
    ['a toJSON that throws', { toJSON: FAULTS['throws null'] }],
    [
      'a getter that throws',
      Object.defineProperty({}, 'name', { enumerable: true, get: FAULTS['throws an error'] as never }),
    ],
  ] as const) {
    it(`because of ${what} cause an error, and the client gives up`, async () => {
      const server = await local.serve({ authorize: () => true });
      const client = local.connect(server, { credentials });
      expect(await failure(client.ready())).toEqual(
        ipcError('ERR_IPC_CONFIG', 'config.credentials cannot be sent'),
      );
      expect([client.retriesRemaining, client.status]).toEqual([0, 0]);
    });
  }
});
