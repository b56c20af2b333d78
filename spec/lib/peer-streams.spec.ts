import { createHash, randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { createReadStream, createWriteStream, readFileSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { MessageChannel } from 'node:worker_threads';
import type { CallContext } from '../../lib/conversations/context.js';
import { ipcError } from '../support/errors.js';
import { failure, once } from '../support/events.js';
import { join as connect, freshIPC, local, pair, streams } from '../support/instances.js';
import { settled } from '../support/peer-pairs.js';
import { BareServer, barePeer, Cutter } from '../support/peers.js';
import { freshDirectory } from '../support/places.js';

async function* count(to: number): AsyncGenerator<number> {
  for (let n = 1; n <= to; n++) yield n;
}

async function read(stream: AsyncIterable<unknown>): Promise<unknown[]> {
  const items: unknown[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

for (const over of streams) {
  for (const settings of [{}, { codec: 'msgpack' }, { compress: true }] as const) {
    describe(`A stream over ${over.name} with ${JSON.stringify(settings)}`, () => {
      it('works from server to client and from client to server, with bodies both ways', async () => {
        const { server, client } = await pair({ client: settings, over });
        server.handle('count', count);
        client.handle('count', count);
        const double = async function* (_data: unknown, _peer: unknown, { body }: CallContext) {
          for await (const item of body) yield (item as number) * 2;
        };
        server.handle('double', double);
        client.handle('double', double);
        const [socket] = server.sockets as [(typeof server.sockets)[0]];
        expect(await read(client.stream('count', 500))).toEqual(await read(count(500)));
        expect(await read(server.stream(socket, 'count', 500))).toEqual(await read(count(500)));
        expect(await read(client.stream('double', 0, { body: count(3) }))).toEqual([2, 4, 6]);
        expect(await read(server.stream(socket, 'double', 0, { body: [4, 5] }))).toEqual([8, 10]);
        expect([client.stats().openRequests, server.stats().openRequests]).toEqual([0, 0]);
      });

      it('carries a file unchanged', async () => {
        const { server, client } = await pair({ client: settings, over });
        const directory = freshDirectory();
        const bytes = randomBytes(3 * 1024 * 1024 + 17);
        writeFileSync(join(directory, 'from'), bytes);
        server.handle('download', () => createReadStream(join(directory, 'from')));
        server.handle('upload', async (_name, _socket, { body }) => {
          const hash = createHash('sha256');
          for await (const chunk of body) hash.update(chunk as Buffer);
          return hash.digest('hex');
        });
        const download = client.stream('download', 'from');
        await pipeline(download, createWriteStream(join(directory, 'to')));
        expect(readFileSync(join(directory, 'to')).equals(bytes)).toBeTrue();
        expect(download.bytesRead).toBe(bytes.length);
        const upload = client.stream('upload', 'to', { body: createReadStream(join(directory, 'to')) });
        expect(await read(upload)).toEqual([createHash('sha256').update(bytes).digest('hex')]);
        expect(upload.bytesWritten).toBe(bytes.length);
      });
    });
  }
}

describe('A stream', () => {
  it('may be opened before there is a connection', async () => {
    const server = await local.serve();
    server.handle('count', count);
    const client = local.connect(server);
    expect(client.connected).toBeFalse();
    expect(await read(client.stream('count', 3))).toEqual([1, 2, 3]);
  });

  it('ends with an error if the server does not support streams, and calls no handler of that server', async () => {
    const bare = await new BareServer().listen();
    const client = await freshIPC({ requestTimeout: 50 }).connectTo('world', bare.path).ready();
    const stream = client.stream('message', 'hello');
    expect(await failure(stream.next())).toEqual(
      ipcError('ERR_IPC_TIMEOUT', 'The stream message was not accepted within 50 ms'),
    );
    const peer = await bare.peer();
    const [opening, cancel] = await peer.receive(2);
    expect([opening?.type, cancel?.type]).toEqual(['ipc:stream', 'ipc:cancel']);
  });

  it('ends with the error of a server that refuses unknown packets', async () => {
    const bare = await new BareServer().listen();
    const client = await freshIPC().connectTo('world', bare.path).ready();
    const stream = client.stream('message', 'hello');
    const peer = await bare.peer();
    await peer.receive(1);
    peer.write(
      '{"type":"ipc:stream","re":1,"error":{"name":"IPCError","code":"ERR_IPC_PROTOCOL","message":"what?"}}\f',
    );
    expect(await failure(stream.next())).toEqual(ipcError('ERR_IPC_PROTOCOL', 'what?'));
  });

  it('does not reach listeners of events if it has no handler', async () => {
    const { server, client } = await pair();
    const heard: unknown[] = [];
    server.on('*', (...args) => heard.push(args));
    expect(await failure(client.stream('message', 1).next())).toEqual(ipcError('ERR_IPC_NO_HANDLER'));
    expect(heard).toEqual([]);
  });

  it('ends, with all its state, when its client violates the protocol, while those of others continue', async () => {
    const { server, client } = await pair();
    let finished = 0;
    server.handle('numbers', async function* () {
      try {
        for (let n = 0; ; n++) yield n;
      } finally {
        finished++;
      }
    });
    const good = client.stream('numbers', 0, { highWaterMark: 2 });
    await good.next();
    const enemy = await barePeer(server);
    const failed = once(server, 'error');
    enemy.emit('ipc:stream', { type: 'numbers', items: 2, bytes: 100 }, { id: 1 });
    await enemy.receive(3);
    enemy.emit('ipc:credit', { id: 1, seq: 1000, items: 1, bytes: 1 });
    await enemy.ended();
    const [error] = await failed;
    expect(error).toEqual(ipcError('ERR_IPC_PROTOCOL', 'violated the protocol of streams: item 1000'));
    expect(finished).toBe(1);
    for (let n = 1; n < 100; n++) expect(await good.next()).toEqual({ done: false, value: n });
    await good.return();
  });

  it('is waited for by close() and stop(), as requests are', async () => {
    const { server, client } = await pair();
    server.handle('slow', async function* () {
      for (let n = 1; n <= 3; n++) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        yield n;
      }
    });
    const items = read(client.stream('slow'));
    await client.close();
    expect(await items).toEqual([1, 2, 3]);
    const other = await connect(local, server);
    const more = other.stream('slow');
    expect(await more.next()).toEqual({ done: false, value: 1 });
    const rest = read(more);
    await server.stop({ reconnect: false });
    expect(await rest).toEqual([2, 3]);
  });

  it('is ended by close() after the timeout of requests, and by stop() after its own, if it is endless', async () => {
    let finished = 0;
    const endless = async function* () {
      try {
        for (;;) {
          await new Promise(setImmediate);
          yield 1;
        }
      } finally {
        finished++;
      }
    };
    const { server, client } = await pair({ client: { requestTimeout: 30 } });
    server.handle('endless', endless);
    const ended = failure(read(client.stream('endless', undefined, { timeout: 0 })));
    await client.close();
    expect(await ended).toEqual(ipcError('ERR_IPC_CLOSED', 'leave a stream before you close'));
    const other = await connect(local, server);
    const lost = failure(read(other.stream('endless')));
    await server.stop({ timeout: 30, reconnect: false });
    expect(await lost).toEqual(ipcError('ERR_IPC_DISCONNECTED', 'of the stream endless'));
    await settled();
    expect(finished).toBe(2);
  });

  it('is ended by stop() if it waits for a client that has not come back', async () => {
    const server = await local.serve();
    const handler = new EventEmitter();
    server.handle('endless', async function* (_data, _socket, { signal }) {
      signal.addEventListener('abort', () => handler.emit('abort'));
      for (let n = 1; ; n++) yield n;
    });
    const client = freshIPC({ retry: 100_000 }).connectTo('world', server.path);
    const stream = client.stream('endless', undefined, { resume: true });
    await stream.next();
    const gone = once(server, 'disconnect');
    (client.socket as Socket).destroy();
    await gone;
    const aborted = once(handler, 'abort');
    await server.stop();
    expect(await aborted).toEqual([]);
  });

  it('continues after its connection is cut repeatedly', async () => {
    const server = await local.serve();
    server.handle('count', async function* (to: number, _socket, { body }) {
      const reader = body[Symbol.asyncIterator]();
      for (let n = 1; n <= to; n++) yield [n, (await reader.next()).value];
    });
    const cutter = await new Cutter(server).listen();
    const client = freshIPC().connectTo('world', cutter.path);
    const items: unknown[] = [];
    for await (const item of client.stream('count', 300, {
      body: count(300),
      resume: true,
      highWaterMark: 64,
    })) {
      items.push(item);
      if (items.length % 50 === 0) cutter.cut();
    }
    expect(items).toEqual((await read(count(300))).map((n) => [n, n]));
    expect(cutter.connections).toBeGreaterThan(3);
  });

  it('also works over message ports', async () => {
    const { port1, port2 } = new MessageChannel();
    const server = freshIPC().servePort(port1 as never);
    server.handle('echo', async function* (_data, _port, { body }) {
      yield* body;
    });
    await server.start();
    const client = await freshIPC()
      .connectToPort('world', port2 as never)
      .ready();
    const body = ['text', Buffer.from('bytes'), new Uint8Array([1, 2]).buffer];
    const items = await read(client.stream('echo', 0, { body }));
    expect(items).toEqual(['text', Buffer.from('bytes'), Buffer.from([1, 2])]);
    expect(body[1]).toEqual(Buffer.from('bytes'));
    await client.close();
    await server.stop();
  });

  it('does not delay requests while its consumer does not read', async () => {
    const { server, client } = await pair();
    server.handle('flood', () =>
      Readable.from(
        (function* () {
          for (;;) yield 'x'.repeat(1000);
        })(),
      ),
    );
    server.handle('add', ([a, b]) => a + b);
    const blocked = client.stream('flood');
    await blocked.next();
    for (let n = 0; n < 100; n++) expect(await client.request('add', [n, 1])).toBe(n + 1);
    await blocked.return();
  });

  it('is refused if it is invalid', async () => {
    const { server, client } = await pair();
    const [socket] = server.sockets as [(typeof server.sockets)[0]];
    expect(() => client.stream('ipc:ping')).toThrow(ipcError('ERR_IPC_ARGUMENT'));
    expect(() => server.stream(socket, 'a', 1, { resume: true } as never)).toThrow(
      ipcError('ERR_IPC_ARGUMENT', 'resume and retries are for clients'),
    );
    const gone = once(server, 'disconnect');
    await client.close();
    await gone;
    expect(() => server.stream(socket, 'a', 1)).toThrow(ipcError('ERR_IPC_DISCONNECTED'));
    const raw = freshIPC({ rawBuffer: true }).connectTo('raw', '/nowhere/at/all');
    expect(() => raw.stream('a', 1)).toThrow(ipcError('ERR_IPC_UNSUPPORTED', 'does not support streams'));
  });

  it('adds nothing to the wire of a connection without streams', async () => {
    const server = await local.serve();
    server.handle('count', count);
    server.handle('add', ([a, b]) => a + b);
    const peer = await barePeer(server);
    peer.emit('add', [1, 2], { id: 7 });
    await peer.receive(1);
    expect(peer.text).toBe('{"type":"add","data":3,"re":7}\f');
  });
});
