/** What nobody hears of otherwise is a process warning. */
import { IPCError } from '../../entities/errors.js';
import { passOver, warn } from '../../lib/warnings.js';
import { Server as NetIpcServer } from '../../services/net-ipc/index.js';
import { ipcError } from '../support/errors.js';
import { failure, once } from '../support/events.js';
import { freshIPC, join, local, tcp } from '../support/instances.js';
import { freshPath } from '../support/places.js';
import { until, warningsOf } from '../support/warnings.js';

// biome-ignore lint/suspicious/noExplicitAny: a program without types
type Loose = any;

describe('A failed start', () => {
  /** A port, since every system refuses a second listener there. */
  async function takenPort(): Promise<number> {
    const { port } = await tcp.serve();
    return port as number;
  }

  async function atTaken(): Promise<Loose> {
    return freshIPC().serveNet('127.0.0.1', await takenPort());
  }
  const inUse = ipcError('ERR_IPC_IN_USE', 'another process listens there');

  it('without a listener causes a process warning, even if the log is silent', async () => {
    const server = await atTaken();
    const warnings = await warningsOf(async () => {
      server.start();
      await until(() => !server.active);
    });
    expect(warnings).toEqual([inUse]);
  });

  it('causes none if there is a listener: for error, for everything, or for the promise', async () => {
    const ways: ((server: Loose) => unknown)[] = [
      (server) => server.on('error', () => {}).start(),
      (server) => server.on('*', () => {}).start(),
      (server) => server.start().catch(() => {}),
      (server) =>
        server
          .start()
          .finally(() => {})
          .catch(() => {}),
      (server) => failure(server.start()),
      async (server) => {
        try {
          await server.start();
        } catch {}
      },
      (server) => Promise.allSettled([server.start()]),
      (server) => [server.start(), failure(server.start())],
    ];
    for (const listen of ways) {
      const server = await atTaken();
      const warnings = await warningsOf(async () => {
        void listen(server);
        await until(() => !server.active);
      });
      expect(warnings).withContext(String(listen)).toEqual([]);
    }
  });

  it('of net-ipc causes one, too', async () => {
    const port = await takenPort();
    const warnings = await warningsOf(async () => {
      const server = new NetIpcServer({ port });
      server.start();
      await until(() => server.server === null && (server as Loose).connections.length === 0);
      await failure(new NetIpcServer({ port }).start());
    });
    expect(warnings).toEqual([inUse]);
  });
});

describe('An error that no handler received', () => {
  it('causes one process warning, wherever it is reported', async () => {
    const error = new IPCError('ERR_IPC_LISTEN', 'It cannot listen.');
    const warnings = await warningsOf(() => {
      warn(error);
      warn(error);
    });
    expect(warnings).toEqual([error]);
  });
});

describe('A client that gives up', () => {
  async function givingUp(prepare: (client: Loose) => unknown): Promise<unknown[]> {
    const ipc = freshIPC({ maxRetries: 1 });
    return warningsOf(async () => {
      const client: Loose = ipc.connectTo('world', freshPath());
      await prepare(client);
      await until(() => client.status === 0);
    });
  }

  it('with unsent events causes a warning that says why', async () => {
    const warnings = await givingUp((client) => client.emit('message', 1));
    expect(warnings).toEqual([
      ipcError(
        'ERR_IPC_UNSENT',
        /^world ended with 1 unsent packet: there was no connection\. Cannot connect to .*start the server/,
      ),
    ]);
  });

  it('causes none if nothing is unsent, or if there is a listener', async () => {
    const ways: ((client: Loose) => unknown)[] = [
      () => {},
      (client) => client.request('a').catch(() => {}),
      (client) => client.on('error', () => {}).emit('message', 1),
      (client) => client.on('destroy', () => {}).emit('message', 1),
      (client) => client.on('*', () => {}).emit('message', 1),
      (client) => [client.emit('message', 1), client.ready()],
      (client) => [client.emit('message', 1), client.flush()],
      (client) => [client.emit('message', 1), client.disconnect()],
      (client) => [client.emit('message', 1), client.destroy()],
    ];
    for (const way of ways)
      expect(await givingUp(way))
        .withContext(String(way))
        .toEqual([]);
  });
});

describe('An argument that node-ipc ignores', () => {
  const passedOver = (says: string) => ipcError('ERR_IPC_ARGUMENT', says);

  it('is ignored by start and stop with a warning, also a callback', async () => {
    const server: Loose = freshIPC().serve(freshPath());
    let calls = 0;
    const never = () => calls++;
    const warnings = await warningsOf(async () => {
      await server.start(never);
      await server.start(null);
      await server.stop(never);
      await server.stop(null);
      await server.stop(true);
    });
    expect(warnings).toEqual([
      passedOver("does not read [Function: never]; await server.start(), or listen to 'start'"),
      passedOver("does not read [Function: never]; await server.stop(), or listen to 'close'"),
      passedOver('server.stop() does not read true; await'),
    ]);
    expect(calls).toBe(0);
  });

  it('is ignored by new IPC(), by disconnect, and after a callback', async () => {
    const server = await local.serve();
    const client: Loose = await join(local, server);
    const ipc: Loose = freshIPC();
    const warnings = await warningsOf(() => {
      expect(new ipc.IPC({ silent: true }).config.silent).toBeFalse();
      new ipc.IPC(null);
      ipc.disconnect(client);
      ipc.disconnect(null);
      ipc.connectTo('beyond', () => {}, 'beyond the callback');
      ipc.disconnect('beyond');
      ipc.serve(() => {}, 'beyond the callback');
    });
    expect(warnings).toEqual([
      passedOver('new IPC() does not read { silent: true }; set what you need in its config'),
      passedOver('ipc.disconnect(id) does not read [Client]; give it the id that was given to connectTo'),
      passedOver("ipc.connectTo(callback) does not read 'beyond the callback'"),
      passedOver("ipc.serve(callback) does not read 'beyond the callback'"),
    ]);
    expect(client.connected).toBeTrue();
  });

  it('is ignored by serveNet, which still listens', async () => {
    const calls: [unknown[], string | undefined][] = [
      [['127.0.0.1', 0, 'tcp'], undefined],
      [[0, 'TCP'], undefined],
      [['127.0.0.1', 0, 'ipv4'], "does not read 'ipv4'; give at most one host"],
      [['127.0.0.1', 0, 7], 'does not read 7; give at most one host'],
      [[0, true], 'does not read true; settings go in ipc.config'],
      [['127.0.0.1', 0, () => {}, { one: 1 }], 'does not read { one: 1 }; settings go in ipc.config'],
      [[0, () => {}, function later() {}], 'does not read [Function: later]; give at most one host'],
      [['127.0.0.1', 0, 'udp4', 8], 'does not read 8; give at most one host'],
    ];
    for (const [args, says] of calls) {
      let server: Loose;
      const warnings = await warningsOf(() => {
        server = (freshIPC({ networkHost: '127.0.0.1' }) as Loose).serveNet(...args);
      });
      await server.start();
      expect(warnings)
        .withContext(String(args))
        .toEqual(says === undefined ? [] : [passedOver(`ipc.serveNet(host, port, udp, callback) ${says}`)]);
      expect(server.path).toBe('127.0.0.1');
    }
  });

  it('is ignored by broadcast, which reaches all clients', async () => {
    const server: Loose = await local.serve();
    const client: Loose = await join(local, server);
    const heard: unknown[] = [];
    client.on('news', (news: unknown) => heard.push(news));
    const last = once(client, 'last');
    const extras = [server.sockets[0], 'an extra', false, [server.sockets[0]]];
    const warnings = await warningsOf(() => {
      for (const extra of extras) server.broadcast('news', 1, extra);
      server.broadcast('news', 1, undefined).broadcast('news', 1, null).broadcast('last');
    });
    await last;
    expect(heard).toEqual([1, 1, 1, 1, 1, 1]);
    const owner = 'server.broadcast(type, data, options) does not read';
    expect(warnings).toEqual(
      ['[Socket]', "'an extra'", 'false', '[ [Socket] ]'].map((given) =>
        passedOver(`${owner} ${given}; to leave out a client, call it with { except: socket }`),
      ),
    );
  });

  it('causes one warning for each method and value, and for 10 values at most', async () => {
    const pass = (argument: unknown, owner = 'a.method()') => passOver(argument, owner, 'leave it out');
    const warnings = await warningsOf(() => {
      for (let i = 0; i < 3; i++) pass('x');
      pass('x', 'another.method()');
      for (let i = 0; i < 20; i++) pass(i);
    });
    const told = ["a.method() does not read 'x'", "another.method() does not read 'x'"];
    for (let i = 0; i < 9; i++) told.push(`a.method() does not read ${i}`);
    expect(warnings).toEqual(told.map((says) => passedOver(`${says}; leave it out.`)));
  });
});
