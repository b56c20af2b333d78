import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { adapterConfig } from '../../services/adapter/config.js';
import * as ours from '../../services/socket-ipc/index.js';
import { afterwards } from '../support/afterwards.js';
import { serverAt } from '../support/engines.js';
import { once } from '../support/events.js';
import { freshPath } from '../support/places.js';

type Library = Pick<typeof ours, 'Server' | 'Client'>;

const theirs = createRequire(import.meta.url)('@crussell52/socket-ipc') as Library;

/** What JSON can say, and what breaks those who cut characters in two or look for delimiters in the wrong place. */
const payloads = [
  null,
  '',
  0,
  false,
  'grüße 🎈',
  '\0\0',
  '"}\0\0{"topic":',
  { deep: [{ list: [] }] },
  'x'.repeat(300_000),
];

describe('socket-ipc and omni-ipc/socket-ipc', () => {
  for (const [title, serving, calling] of [
    ["the original's server and our client", theirs, ours],
    ["our server and the original's client", ours, theirs],
  ] as const) {
    describe(`: ${title}`, () => {
      it('exchange messages unchanged and in order', async () => {
        const { server, client, id } = await pair(serving, calling);
        const heard = collect(server, payloads.length);
        for (const [i, payload] of payloads.entries()) client.send(`topic ${i}`, payload);
        expect(await heard).toEqual(payloads.map((payload, i) => [payload, `topic ${i}`, id]));
        const answered = collect(client, 2 * payloads.length);
        for (const [i, payload] of payloads.entries()) {
          server.send(`to you ${i}`, payload, id);
          server.broadcast(`to all ${i}`, payload);
        }
        const expected = payloads.flatMap((payload, i) => [
          [payload, `to you ${i}`],
          [payload, `to all ${i}`],
        ]);
        expect((await answered).map((args) => args.slice(0, 2))).toEqual(expected);
      });

      it("dispatch by topic, one named 'ipc:hello' like any other", async () => {
        const { server, client } = await pair(serving, calling);
        const heard = once(server, 'message.ipc:hello');
        client.send('ipc:hello', { session: 1 });
        expect((await heard)[0]).toEqual({ session: 1 });
      });

      it('reconnect after the connection was lost', async () => {
        const { server, client, socket } = await pair(serving, calling);
        const back = once(client, 'reconnect');
        const came = once<[string]>(server, 'connection');
        socket.destroy();
        await back;
        const [id] = await came;
        const heard = once(client, 'message.again');
        server.send('again', 1, id);
        expect((await heard)[0]).toBe(1);
      });

      it('reconnect after a restart of the server', async () => {
        const socketFile = freshPath();
        const first = await serve(serving, socketFile);
        const client = await connect(calling, socketFile);
        const back = once(client, 'reconnect');
        await close(first);
        const second = await serve(serving, socketFile);
        await back;
        const heard = once(second, 'message.hello');
        client.send('hello', 'again');
        expect((await heard)[0]).toBe('again');
        await close(client); // before the server: the original's never tells of a close that had to wait
      });
    });
  }

  it("one server of ours serves a client of theirs and one of ours with 'topic' in config.accept", async () => {
    const path = freshPath();
    const config = { ...adapterConfig({}), accept: ['topic' as const] };
    const server = serverAt(config, path);
    await server.start();
    afterwards(() => server.stop());
    const client = await connect(theirs, path);
    const heard = once(server, 'hello');
    client.send('hello', { name: 'x' });
    const [data, socket] = (await heard) as [unknown, Socket];
    expect(data).toEqual({ name: 'x' });
    const answered = collect(client, 3);
    server.emit(socket, 'emitted', 1);
    server.broadcast('broadcast', 2);
    server.publish('published', 3);
    expect((await answered).map((args) => args.slice(0, 2))).toEqual([
      [1, 'emitted'],
      [2, 'broadcast'],
      [3, 'published'],
    ]);
    await expectAsync(server.request(socket, 'ask')).toBeRejectedWith(
      jasmine.objectContaining({ code: 'ERR_IPC_UNSUPPORTED' }),
    );
  });
});

type Side = ours.Server | ours.Client;

const closings = new WeakMap<Side, Promise<void>>();

function tracked<Any extends Side>(side: Any): Any {
  closings.set(side, new Promise((resolve) => side.once('close', () => resolve())));
  afterwards(() => close(side));
  return side;
}

function close(side: Side): Promise<void> | undefined {
  side.close();
  return closings.get(side);
}

async function serve(library: Library, socketFile: string): Promise<ours.Server> {
  const server = tracked(new library.Server({ socketFile }));
  const listening = once(server, 'listening');
  server.listen();
  await listening;
  return server;
}

async function connect(library: Library, socketFile: string): Promise<ours.Client> {
  const client = tracked(new library.Client({ socketFile, reconnectDelay: 5, retryDelay: 5 }));
  const connected = once(client, 'connect');
  client.connect();
  await connected;
  return client;
}

async function pair(serving: Library, calling: Library) {
  const socketFile = freshPath();
  const server = await serve(serving, socketFile);
  const came = once<[string, Socket]>(server, 'connection');
  const client = await connect(calling, socketFile);
  const [id, socket] = await came;
  return { server, client, id, socket };
}

/** The arguments of the next messages. */
function collect(side: Side, count: number): Promise<unknown[][]> {
  const seen: unknown[][] = [];
  return new Promise((resolve) => {
    side.on('message', (...args: unknown[]) => {
      seen.push(args);
      if (seen.length === count) resolve(seen);
    });
  });
}
