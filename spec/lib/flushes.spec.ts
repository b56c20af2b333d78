import { createServer, type Socket } from 'node:net';
import { IPCError } from '../../entities/errors.js';
import { Flushes } from '../../lib/flushes.js';
import { afterwards } from '../support/afterwards.js';
import { failure, once } from '../support/events.js';
import { datagrams, freshIPC, join, local, pair, streams } from '../support/instances.js';
import { barePeer } from '../support/peers.js';
import { freshPath } from '../support/places.js';

const MEGABYTE = 'x'.repeat(1_000_000);

describe('flush', () => {
  for (const over of streams) {
    it(`resolves when the kernel has accepted everything, over ${over.name}`, async () => {
      const { server, client } = await pair({ over });
      const arrived = once(server, 'message');
      client.emit('message', MEGABYTE);
      expect(client.stats().pendingBytes).toBeGreaterThan(0);
      await client.flush();
      expect(client.stats().pendingBytes).toBe(0);
      await arrived;
      const back = once(client, 'message');
      server.broadcast('message', MEGABYTE);
      await server.flush();
      expect(server.stats().pendingBytes).toBe(0);
      await back;
    });
  }

  it('resolves at once if nothing waits', async () => {
    const client = freshIPC().connectTo('world', freshPath());
    await client.flush();
    await freshIPC().serve(freshPath()).flush();
    expect(client.connected).toBeFalse();
  });

  it('waits for a connection if something was emitted before there was one', async () => {
    const path = freshPath();
    const client = freshIPC().connectTo('world', path);
    client.emit('message', 1);
    let flushed = false;
    const flush = client.flush().then(() => {
      flushed = true;
    });
    await once(client, 'ipc:retry');
    expect(flushed).toBeFalse();
    const server = freshIPC().serve(path);
    const arrived = once(server, 'message');
    await server.start();
    await flush;
    expect(await arrived).toContain(1);
  });

  it('waits with sync until everything emitted before it was sent, and not for later messages', async () => {
    const { server, client } = await pair({ client: { sync: true } });
    server.on('n', (n, socket) => {
      if (n < 3) server.emit(socket, 'next');
    });
    for (let n = 0; n < 4; n++) client.emit('n', n);
    const flush = client.flush();
    client.emit('n', 4);
    await flush;
    expect(client.stats().packetsOut).toBe(4);
  });

  it('rejects at both ends if the connection ends before', async () => {
    const path = freshPath();
    const deaf = createServer({ pauseOnConnect: true }).listen(path);
    afterwards(() => deaf.close());
    const accepted = once<[Socket]>(deaf, 'connection');
    const client = await freshIPC({ maxRetries: 0 }).connectTo('world', path).ready();
    const [socket] = await accepted;
    client.emit('message', MEGABYTE);
    const failed = failure(client.flush());
    socket.on('error', () => {}).destroy();
    expect(await failed).toEqual(jasmine.objectContaining({ code: 'ERR_IPC_UNSENT' }));

    const server = await local.serve();
    const connected = once(server, 'connect');
    const peer = await barePeer({ path: server.path });
    peer.socket.pause();
    await connected;
    server.broadcast('message', MEGABYTE);
    const refused = failure(server.flush());
    peer.socket.destroy();
    expect(await refused).toEqual(jasmine.objectContaining({ code: 'ERR_IPC_UNSENT' }));
  });

  it('rejects with the reason if the client gives up, or has given up', async () => {
    const client = freshIPC({ maxRetries: 0 }).connectTo('world', freshPath());
    client.emit('message', 1);
    const error = (await failure(client.flush())) as Error & { code: string };
    expect([error.code, (error.cause as { code: string }).code]).toEqual([
      'ERR_IPC_UNSENT',
      'ERR_IPC_CONNECT',
    ]);
    expect(await failure(client.flush())).toEqual(jasmine.objectContaining({ code: 'ERR_IPC_CONNECT' }));
  });

  it('rejects if the client is destroyed with something in its queue, and resolves if it was closed in order', async () => {
    const client = freshIPC().connectTo('world', freshPath());
    client.emit('message', 1);
    const failed = failure(client.flush());
    client.destroy();
    expect(await failed).toEqual(jasmine.objectContaining({ code: 'ERR_IPC_UNSENT' }));
    const { server, client: other } = await pair();
    const arrived = once(server, 'message');
    other.emit('message', MEGABYTE);
    const closed = other.close();
    await other.flush();
    await arrived;
    await closed;
    await other.flush();
  });

  it('waits over UDP until the socket is bound and has sent every datagram', async () => {
    const receiver = await datagrams();
    const arrived = once(receiver, 'message');
    const sender = freshIPC().serveNet('127.0.0.1', 0, 'udp4');
    sender.emit({ address: '127.0.0.1', port: receiver.port }, 'message', 'early');
    const flushed = sender.flush();
    await sender.start();
    await flushed;
    expect(sender.stats().pendingBytes).toBe(0);
    expect((await arrived)[0]).toBe('early');
  });

  it('sends buffered messages of a client in order after its peer did not read', async () => {
    const server = await local.serve();
    const client = await join(local, server);
    const seen: unknown[] = [];
    server.on('n', (n) => seen.push(n));
    server.pause();
    client.emit('big', MEGABYTE);
    for (let n = 0; n < 5000; n++) {
      client.emit('n', n);
      if (n % 100 === 0) await new Promise(setImmediate);
    }
    server.resume();
    await client.ping();
    expect(seen).toEqual([...Array(5000).keys()]);
  });
});

describe('The promises of flushes', () => {
  it('resolve when as many packets have left the queue as they wait for, and the kernel has accepted them', async () => {
    const flushes = new Flushes();
    const log: string[] = [];
    const wait = (position: number) =>
      void flushes.wait(position).then(
        () => log.push(`sent ${position}`),
        ({ code, cause }: IPCError) =>
          log.push(`${code} ${position} ${(cause as Error | undefined)?.message}`),
      );
    const drains: ((lost: boolean) => void)[] = [];
    const connection = { drained: (callback: (lost: boolean) => void) => drains.push(callback) };
    const settle = async (expected: string[]) => {
      await new Promise(setImmediate);
      expect(log.splice(0)).toEqual(expected);
    };
    flushes.passed(5, connection);
    expect([flushes.waiting, drains.length]).toEqual([false, 0]);
    for (const position of [1, 2, 3, 4, 5]) wait(position);
    flushes.passed(0, connection);
    expect([flushes.waiting, drains.length]).toEqual([true, 0]);
    flushes.passed(2, connection);
    await settle([]);
    drains[0]?.(false);
    await settle(['sent 1', 'sent 2']);
    flushes.passed(3, undefined);
    await settle(['sent 3']);
    flushes.passed(4, connection);
    expect(drains.length).toBe(2);
    drains[1]?.(true);
    await settle(['ERR_IPC_UNSENT 4 undefined']);
    flushes.end(new IPCError('ERR_IPC_CLOSED', 'closed'));
    await settle(['ERR_IPC_UNSENT 5 closed']);
    expect(flushes.waiting).toBeFalse();
  });
});
