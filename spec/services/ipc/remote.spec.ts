import { remote } from '../../../services/ipc/remote.js';
import { pair } from '../../support/instances.js';

interface World {
  add: { request: [number, number]; response: number };
  now: { request: undefined; response: string };
  count: { request: number; stream: number };
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

  it('asks once, however often the call is awaited', async () => {
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
});
