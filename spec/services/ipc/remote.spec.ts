import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { inspect } from 'node:util';
import { remote } from '../../../services/ipc/remote.js';
import { ipcError } from '../../support/errors.js';
import { pair } from '../../support/instances.js';

interface World {
  add: { request: [number, number]; response: number };
  now: { request: undefined; response: string };
  count: { request: number; stream: number };
  copy: { request: undefined; stream: Buffer; body?: Buffer };
}

describe('A remote', () => {
  it('has the requests and streams of a contract as methods', async () => {
    const { server, client } = await pair();
    server.handle('add', ([a, b]) => a + b);
    server.handle('now', () => 'now');
    server.handle('count', async function* (to: number) {
      for (let n = 1; n <= to; n++) yield n;
    });
    const world = remote<World>(client);
    expect(await world.add([2, 40])).toBe(42);
    expect(await world.now()).toBe('now');
    const numbers: number[] = [];
    for await (const n of world.count(3)) numbers.push(n);
    expect(numbers).toEqual([1, 2, 3]);
    const controller = new AbortController();
    controller.abort();
    await expectAsync(world.add([1, 2], { signal: controller.signal })).toBeRejected();
    expect(await world.add([1, 2]).finally(() => {})).toBe(3);
    expect(await Promise.all([world.add([1, 1]), world.add([2, 2])])).toEqual([2, 4]);
  });

  it('sends one request, however often the call is awaited', async () => {
    const { server, client } = await pair();
    let asked = 0;
    server.handle('add', () => ++asked);
    const call = remote<World>(client).add([1, 1]);
    expect([await call, await call]).toEqual([1, 1]);
  });

  it('is not a promise itself', async () => {
    const { client } = await pair();
    const world = remote<World>(client);
    expect(await Promise.resolve(world)).toBe(world);
    expect(world.add).toBe(world.add);
  });

  describe('whose method returns a stream', () => {
    it('sends its body and counts its bytes, also with pipeline and Readable.from', async () => {
      const { server, client } = await pair();
      server.handle('copy', (_data, _socket, { body }) => body);
      const world = remote<World>(client);
      const chunks = () => [Buffer.alloc(1000, 1), Buffer.alloc(500, 2)];
      const copy = world.copy(undefined, { body: chunks() });
      expect([copy.itemsRead, copy.bytesRead, copy.itemsWritten, copy.bytesWritten]).toEqual([0, 0, 0, 0]);
      const got: Buffer[] = [];
      await pipeline(copy, async (items) => {
        for await (const item of items) got.push(item);
      });
      expect(got).toEqual(chunks());
      expect([copy.itemsRead, copy.bytesRead, copy.itemsWritten, copy.bytesWritten]).toEqual([
        2, 1500, 2, 1500,
      ]);
      expect(Buffer.concat(await Readable.from(world.copy(undefined, { body: chunks() })).toArray())).toEqual(
        Buffer.concat(chunks()),
      );
    });

    it('ends it by return(), throw(), a signal and disposal, and opens none that is never read', async () => {
      const { server, client } = await pair();
      let begun = 0;
      let ended = 0;
      server.handle('count', async function* (to: number) {
        begun++;
        try {
          for (let n = 1; n <= to; n++) yield n;
        } finally {
          ended++;
        }
      });
      const world = remote<World>(client);
      const left = world.count(1e9);
      expect(await left.next()).toEqual({ done: false, value: 1 });
      await left.return();
      expect(await left.next()).toEqual({ done: true, value: undefined });
      const thrown = world.count(1e9);
      await thrown.next();
      await expectAsync(thrown.throw(new Error('enough'))).toBeRejectedWithError('enough');
      const controller = new AbortController();
      const aborted = world.count(1e9, { signal: controller.signal, highWaterMark: 2 });
      await aborted.next();
      controller.abort();
      await expectAsync(aborted.next()).toBeRejectedWith(ipcError('ERR_IPC_ABORTED'));
      {
        await using disposed = world.count(1e9);
        await disposed.next();
      }
      const unread = world.count(5);
      await unread.return();
      expect((await unread.next()).done).toBeTrue();
      await expectAsync(world.count(5).throw(new Error('never'))).toBeRejectedWithError('never');
      await client.ping();
      expect([begun, ended]).toEqual([4, 4]);
      expect(client.stats().openRequests).toBe(0);
    });

    it('reports an error when it is awaited', async () => {
      const { server, client } = await pair();
      server.handle('count', async function* () {
        yield 1;
      });
      await expectAsync(Promise.resolve(remote<World>(client).count(1))).toBeRejectedWith(
        ipcError('ERR_IPC_UNSUPPORTED'),
      );
    });
  });

  it('has no symbols, and cannot be changed', async () => {
    const { client } = await pair();
    const world = remote<World>(client) as unknown as Record<PropertyKey, unknown>;
    expect(world[Symbol.asyncIterator]).toBeUndefined();
    expect(world[Symbol.toPrimitive]).toBeUndefined();
    expect(JSON.stringify({ world })).toBe('{"world":{}}');
    expect(inspect(world)).toContain('[Object: null prototype] {}');
    expect(() => {
      world.add = 1;
    }).toThrowError(TypeError);
    expect(client.stats().openRequests).toBe(0);
  });
});
