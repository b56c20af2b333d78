import { createServer } from 'node:net';
import type { Retry } from '../../entities/events.js';
import type { Client } from '../../lib/client.js';
import { IPC } from '../../services/ipc/index.js';
import { afterwards } from '../support/afterwards.js';
import { ipcError } from '../support/errors.js';
import { heard, once } from '../support/events.js';
import { freshIPC, local } from '../support/instances.js';
import { freshPath } from '../support/places.js';

describe('rawBuffer', () => {
  const unsupported = jasmine.objectContaining({ code: 'ERR_IPC_UNSUPPORTED' });

  function makeIPC(): IPC {
    const ipc = new IPC();
    ipc.config.silent = true;
    ipc.config.rawBuffer = true;
    return ipc;
  }

  async function connect() {
    const ipc = makeIPC();
    const path = freshPath();
    const server = ipc.serve(path);
    const received: Buffer[] = [];
    server.on('data', (bytes) => received.push(bytes));
    await server.start();
    afterwards(() => server.stop());
    const connected = once(server, 'connect');
    const client = ipc.connectTo('world', path);
    afterwards(() => client.destroy());
    await client.ready();
    const [socket] = (await connected) as [Parameters<typeof server.emit>[0]];
    return { server, client, socket, received };
  }

  it('refuses every feature but bytes, and puts nothing on the wire', async () => {
    const { server, client, socket, received } = await connect();
    await expectAsync(client.request('add', 'text')).toBeRejectedWith(unsupported);
    await expectAsync(client.ping()).toBeRejectedWith(unsupported);
    await expectAsync(client.subscribe('news', () => {})).toBeRejectedWith(unsupported);
    await expectAsync(server.request(socket, 'add', 'text')).toBeRejectedWith(unsupported);
    expect(() => client.publish('news', 'text')).toThrow(unsupported);
    client.emit('end');
    await once(server, 'data');
    expect(Buffer.concat(received).toString()).toBe('end');
  });

  it('ends a connection without the reason, which no peer would understand', async () => {
    const { server, client } = await connect();
    const gone = once(server, 'disconnect');
    await client.close('a reason');
    expect((await gone)[1]).toBeUndefined();
  });

  it('stops a server that is told to keep its clients away', async () => {
    const { server, client } = await connect();
    const gone = once(client, 'disconnect');
    await server.stop({ reconnect: false });
    expect((await gone)[0]).toBeUndefined();
  });

  it('is refused together with what needs packets', () => {
    const settings = { credentials: 'x', authorize: () => true, codec: 'msgpack', compress: true };
    for (const [key, value] of Object.entries(settings)) {
      const ipc = makeIPC();
      Object.assign(ipc.config, { [key]: value });
      expect(() => ipc.serve(freshPath()))
        .withContext(key)
        .toThrow(jasmine.objectContaining({ code: 'ERR_IPC_CONFIG' }));
    }
  });
});

describe('A raw client of a server that ends each connection at once', () => {
  /** A server that ends each connection, after it has sent the bytes; returns how many there were. */
  async function ending(bytes: string): Promise<{ path: string; connections: () => number }> {
    let count = 0;
    const server = createServer((socket) => {
      count++;
      socket.on('error', () => {}).end(bytes);
    });
    const path = freshPath();
    await new Promise<void>((resolve) => void server.listen(path, resolve));
    afterwards(() => server.close());
    return { path, connections: () => count };
  }

  function connectTo(path: string, maxRetries: number): Client {
    return freshIPC({ rawBuffer: true, retry: 1, maxRetries }).connectTo('world', path);
  }

  /** However busy the machine is, a connection ends at once. */
  function stopClock(): void {
    spyOn(Date, 'now').and.returnValue(Date.now());
  }

  it('gives up after maxRetries, and says why', async () => {
    stopClock();
    const { path, connections } = await ending('');
    const client = connectTo(path, 3);
    const retries: [attempt: number, delay: number, why: Retry][] = [];
    client.on('ipc:retry', (...retry) => retries.push(retry));
    await once(client, 'destroy');
    expect(connections()).toBe(4);
    expect(retries.map(([attempt, , { remaining }]) => [attempt, remaining])).toEqual([
      [1, 2],
      [2, 1],
      [3, 0],
    ]);
    const why = ipcError('ERR_IPC_CONNECT', 'ended the connection at once, before it sent anything');
    expect(retries.map(([, , { error }]) => error)).toEqual(Array(3).fill(why));
    await expectAsync(client.ready()).toBeRejectedWith(why);
  });

  it('gives up at a server of ours that is full', async () => {
    stopClock();
    const server = await local.serve({ rawBuffer: true, maxConnections: 1 });
    const first = await local.connect(server, { rawBuffer: true }).ready();
    const refused = heard(server, 'error', 2);
    const second = connectTo(server.path, 1);
    await once(second, 'destroy');
    expect(await refused).toEqual(Array(2).fill(ipcError('ERR_IPC_FULL')));
    expect(first.connected).toBeTrue();
  });

  it('counts from one again if a byte has arrived, or if the connection lasted', async () => {
    for (const lasts of [false, true]) {
      const { path, connections } = await ending(lasts ? '' : 'x');
      const real = Date.now;
      let later = 0;
      if (lasts) spyOn(Date, 'now').and.callFake(() => real() + 2000 * later++);
      const client = connectTo(path, 1);
      const attempts: number[] = [];
      await new Promise<void>((resolve) => {
        client.on('ipc:retry', (attempt) => {
          if (attempts.push(attempt) === 5) resolve();
        });
      });
      client.destroy();
      expect(attempts).toEqual([1, 1, 1, 1, 1]);
      expect(connections()).toBe(5);
    }
  });
});

describe('A reason that cannot be sent', () => {
  it('is reported, and the connection ends all the same', async () => {
    const ipc = new IPC();
    ipc.config.silent = true;
    const path = freshPath();
    const server = ipc.serve(path);
    await server.start();
    afterwards(() => server.stop());
    const client = ipc.connectTo('world', path);
    await client.ready();
    const failed = once(client, 'error');
    await client.close(1n);
    expect((await failed)[0]).toEqual(jasmine.objectContaining({ code: 'ERR_IPC_ENCODE' }));
  });
});
