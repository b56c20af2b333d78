/** What nobody hears of otherwise is a process warning. */
import { Server as NetIpcServer } from '../../services/net-ipc/index.js';
import { ipcError } from '../support/errors.js';
import { failure } from '../support/events.js';
import { freshIPC, local } from '../support/instances.js';
import { freshPath } from '../support/places.js';
import { until, warningsOf } from '../support/warnings.js';

// biome-ignore lint/suspicious/noExplicitAny: a program without types
type Loose = any;

describe('A failed start', () => {
  async function atTaken(): Promise<Loose> {
    const { path } = await local.serve();
    return freshIPC().serve(path);
  }
  const inUse = ipcError('ERR_IPC_IN_USE', 'a server listens there already');

  it('that nobody listens for is a warning, also where the log is silent', async () => {
    const server = await atTaken();
    const warnings = await warningsOf(async () => {
      server.start();
      await until(() => !server.active);
    });
    expect(warnings).toEqual([inUse]);
  });

  it('is none where somebody listens: to error, to everything, or to the promise', async () => {
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

  it('of net-ipc is one, too', async () => {
    const { path } = await local.serve();
    const warnings = await warningsOf(async () => {
      const server = new NetIpcServer({ path });
      server.start();
      await until(() => server.server === null && (server as Loose).connections.length === 0);
      await failure(new NetIpcServer({ path }).start());
    });
    expect(warnings).toEqual([inUse]);
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

  it('with events unsent is a warning that says why', async () => {
    const warnings = await givingUp((client) => client.emit('message', 1));
    expect(warnings).toEqual([
      ipcError(
        'ERR_IPC_UNSENT',
        /^world ended with 1 packets unsent: there was no connection\. Cannot connect to .*start the server/,
      ),
    ]);
  });

  it('is none with nothing unsent, or where somebody hears of it', async () => {
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

describe('A callback that start or stop would not call', () => {
  it('is passed over with a warning', async () => {
    const server: Loose = freshIPC().serve(freshPath());
    const never = jasmine.createSpy();
    const warnings = await warningsOf(async () => {
      await server.start(never);
      await server.stop(never);
    });
    expect(warnings).toEqual([
      ipcError('ERR_IPC_ARGUMENT', "does not call the callback; await server.start(), or listen to 'start'"),
      ipcError('ERR_IPC_ARGUMENT', "does not call the callback; await server.stop(), or listen to 'close'"),
    ]);
    expect(never).not.toHaveBeenCalled();
  });

  it('is told from what is not a callback, and from null', async () => {
    const server: Loose = freshIPC().serve(freshPath());
    const warnings = await warningsOf(async () => {
      await server.start('now');
      await server.start(null);
      await server.stop();
    });
    expect(warnings).toEqual([ipcError('ERR_IPC_ARGUMENT', "server.start() does not read 'now'; await")]);
  });
});
