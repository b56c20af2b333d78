/**
 * Starts, stops, connects and disconnects repeatedly, and measures the remaining memory: `cycles.js '{"cycles": 1000, ...}'`.
 * It does not call process.exit(): the process must exit by itself when nothing is left to do.
 */
import { IPC } from '../../../services/ipc/index.js';
import type { CycleOptions } from '../lifecycle.js';
import { memory } from '../memory.js';
import { hold, until, within } from '../promise.js';

const { cycles, directory, tls }: CycleOptions = JSON.parse(process.argv[2] as string);
const settings = { silent: true, retry: 5 };

/** The kinds of servers: how to create one, and how to connect to it. */
const KINDS = {
  local: [(ipc: IPC) => ipc.serve(`${directory}/s`), (ipc: IPC) => ipc.connectTo('world', `${directory}/s`)],
  tcp: [serveNet, connectNet],
  tls: [serveNet, connectNet],
} as const;

function fresh(kind: string): IPC {
  const ipc = new IPC();
  Object.assign(ipc.config, settings, kind === 'tls' ? { tls: { ...tls, rejectUnauthorized: false } } : {});
  return ipc;
}

function serveNet(ipc: IPC) {
  return ipc.serveNet('127.0.0.1', 0);
}

let port = 0;
function connectNet(ipc: IPC) {
  return ipc.connectToNet('world', '127.0.0.1', port);
}

/** The figures that must not grow, however often an action is repeated. */
async function left(): Promise<{ held: number; resources: number; listeners: number }> {
  const { held } = await memory();
  const events = process.eventNames();
  const listeners = events.reduce((sum, name) => sum + process.listenerCount(name), 0);
  return { held, resources: process.getActiveResourcesInfo().length, listeners };
}

const GROWTH_MIB = 3;

/** Repeats an action. After a warm-up of a tenth of the repetitions, it must not leave anything behind. */
async function repeat(what: string, times: number, work: () => Promise<void>): Promise<void> {
  for (let i = 0; i < times / 10 + 5; i++) await work();
  const before = await left();
  for (let i = 0; i < times; i++) await work();
  await until(`${what}: handles are closed`, () => {
    return process.getActiveResourcesInfo().length <= before.resources;
  });
  const after = await left();
  const grown = Math.round((after.held - before.held) * 10) / 10;
  console.log(`${what}: ${times} times, ${before.held} -> ${after.held} MiB`);
  hold(grown < GROWTH_MIB, `${what}: ${grown} MiB stay of ${times} times`);
  hold(after.listeners === before.listeners, `${what}: ${after.listeners - before.listeners} listeners stay`);
}

for (const kind of ['local', 'tcp', 'tls'] as const) {
  const [serve, connect] = KINDS[kind];
  await repeat(`start and stop over ${kind}`, cycles, async () => {
    const server = serve(fresh(kind));
    await server.start();
    await server.stop();
  });

  const server = serve(fresh(kind));
  server.handle('echo', (data) => data);
  await server.start();
  port = server.port ?? 0;
  await repeat(`connect and disconnect over ${kind}`, cycles, async () => {
    const ipc = fresh(kind);
    const client = await connect(ipc).ready();
    const over = new Promise<void>((resolve) => client.on('destroy', () => resolve()));
    hold((await client.request('echo', 1)) === 1, 'the echo failed');
    void client.close();
    await over;
  });
  await server.stop();
}

await repeat('start and stop over UDP', cycles, async () => {
  const server = fresh('udp').serveNet('127.0.0.1', 0, 'udp4');
  await server.start();
  await server.stop();
});

await repeat('reconnects of one client', cycles / 4, reconnect());

await repeat('the end inside connect', cycles / 4, async () => {
  const ipc = fresh('local');
  const server = ipc.serve(`${directory}/s`);
  const gone = new Promise<void>((resolve) => server.on('disconnect', () => resolve()));
  await server.start();
  const client = ipc.connectTo('world', `${directory}/s`);
  const over = new Promise<void>((resolve) => client.on('destroy', () => resolve()));
  client.on('connect', () => client.disconnect());
  await within(10_000, 'the end of a client that disconnects inside connect', Promise.all([over, gone]));
  await server.stop();
});

await repeat('disconnect before connect', cycles / 4, async () => {
  const ipc = fresh('local');
  const client = ipc.connectTo('world', `${directory}/nobody`);
  const over = new Promise<void>((resolve) => client.on('destroy', () => resolve()));
  client.on('error', () => {});
  client.disconnect();
  await within(10_000, 'the end of a client that never connected', over);
});

await repeat('close inside handlers', cycles / 4, async () => {
  const ipc = fresh('local');
  const server = ipc.serve(`${directory}/s`);
  server.on('last', (_data, socket) => server.close(socket, 'enough'));
  server.handle('answer', async (data) => data);
  await server.start();
  const client = await ipc.connectTo('world', `${directory}/s`).ready();
  const answered = client.request('answer', 'x');
  const farewell = new Promise<{ reason: unknown } | undefined>((resolve) => {
    client.on('disconnect', (said) => resolve(said));
  });
  client.emit('last');
  hold((await answered) === 'x', 'a request before the close was not answered');
  hold((await within(10_000, 'the farewell', farewell))?.reason === 'enough', 'the reason did not arrive');
  await server.stop();
});

await repeat('stop inside handlers, twice, and start twice', cycles / 4, async () => {
  const ipc = fresh('local');
  const server = ipc.serve(`${directory}/s`);
  let starts = 0;
  let closes = 0;
  server.on('start', () => starts++);
  server.on('close', () => closes++);
  await Promise.all([server.start(), server.start()]);
  const client = await ipc.connectTo('world', `${directory}/s`).ready();
  const stopped = new Promise<void>((resolve, reject) => {
    server.on('end', () => Promise.all([server.stop(), server.stop()]).then(() => resolve(), reject));
  });
  client.emit('end');
  await within(10_000, 'a stop inside a handler', stopped);
  await server.stop();
  client.destroy();
  hold(starts === 1 && closes === 1, `${starts} starts and ${closes} stops were told of`);
});

await repeat('stop under load', cycles / 20, async () => {
  const server = fresh('local').serve(`${directory}/s`);
  server.handle('echo', async (data) => data);
  server.on('number', (number, socket) => server.emit(socket, 'number', number));
  await server.start();
  const clients = Array.from({ length: 10 }, () => fresh('local').connectTo('world', `${directory}/s`));
  await Promise.all(clients.map((client) => client.ready()));
  const asked: Promise<unknown>[] = [];
  for (const client of clients) {
    for (let i = 0; i < 200; i++) {
      client.emit('number', i);
      if (i % 10 === 0) asked.push(client.request('echo', i, { timeout: 5000 }));
    }
  }
  await within(10_000, 'a stop under load', server.stop({ timeout: 2000, reconnect: false }));
  await within(10_000, 'requests under a stop', Promise.allSettled(asked));
  const ends = clients.map((client) => client.close());
  await within(10_000, 'the ends of clients', Promise.all(ends));
});

console.log('done');

/** Runs one client that reconnects each time its server returns. */
function reconnect(): () => Promise<void> {
  const server = fresh('local').serve(`${directory}/r`);
  return async () => {
    await server.start();
    const ipc = fresh('local');
    const client = await ipc.connectTo('world', `${directory}/r`).ready();
    for (let i = 0; i < 3; i++) {
      const back = new Promise<void>((resolve) => client.once('ipc:reconnect', () => resolve()));
      await server.stop();
      await server.start();
      await within(10_000, 'the return', back);
    }
    await client.close();
    await server.stop();
  };
}
