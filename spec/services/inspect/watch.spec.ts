import { channel } from 'node:diagnostics_channel';
import type { WatchOptions } from '../../../services/inspect/records.js';
import { Watch } from '../../../services/inspect/watch.js';
import { afterwards } from '../../support/afterwards.js';
import { once } from '../../support/events.js';
import { pair } from '../../support/instances.js';

describe('A watch', () => {
  const own = new WeakSet<object>();

  function watch(options: WatchOptions = {}): Watch {
    const watching = new Watch(options, { ownerOf: () => 7 }, own);
    afterwards(() => watching.end());
    return watching;
  }

  it('reports packets, with their payloads only on request', async () => {
    const { server, client } = await pair();
    const [plain, full] = [watch(), watch({ payloads: true })];
    const heard = once(server, 'hello');
    client.emit('hello', { secret: 'hush' });
    await heard;
    const batch = plain.take();
    expect(batch.packets).toEqual([
      { time: jasmine.any(Number), direction: 'out', side: 'client', ref: 7, type: 'hello' },
      { time: jasmine.any(Number), direction: 'in', side: 'server', ref: 7, type: 'hello' },
    ]);
    expect([batch.packetsIn, batch.packetsOut]).toEqual([1, 1]);
    expect(Math.abs((batch.packets[0]?.time ?? 0) - Date.now())).toBeLessThan(60_000);
    expect(full.take().packets.map(({ data }) => data)).toEqual(['{"secret":"hush"}', '{"secret":"hush"}']);
    expect(plain.take()).toEqual(jasmine.objectContaining({ packets: [], packetsIn: 0 }));
  });

  it('reports requests of both sides with their durations, and the outcome of the handlers', async () => {
    const { server, client } = await pair();
    const watching = watch();
    server.handle('add', () => 3);
    server.handle('fail', () => {
      throw Object.assign(new Error('no'), { code: 'ERR_NO' });
    });
    await client.request('add');
    await client.request('add');
    await expectAsync(client.request('fail')).toBeRejected();
    const { calls, handlers } = watching.take();
    const seen = (kind: string) =>
      calls.filter((call) => call.kind === kind).map(({ type, id, error }) => [type, id, error]);
    const expected = [
      ['add', 1, undefined],
      ['add', 2, undefined],
      ['fail', 3, 'ERR_NO'],
    ];
    expect([seen('asked'), seen('handled')]).toEqual([expected, expected]);
    expect(
      calls.every(({ milliseconds, began }) => milliseconds > 0 && began < Date.now() + 60_000),
    ).toBeTrue();
    expect(handlers.map(({ type, count, failed }) => [type, count, failed])).toEqual([
      ['add', 2, 0],
      ['fail', 1, 1],
    ]);
    for (const { total, most } of handlers) expect(total).toBeGreaterThanOrEqual(most);
  });

  it('reports no more than it is asked for, and counts the rest', async () => {
    const { server, client } = await pair();
    const watching = watch({ packets: 20, calls: 4, interval: 250 });
    server.handle('add', () => 3);
    for (let count = 0; count < 40; count++) await client.request('add');
    const batch = watching.take();
    expect([batch.packets.length, batch.calls.length]).toEqual([5, 1]);
    expect([batch.packetsIn, batch.packetsOut]).toEqual([80, 80]);
    expect(batch.handlers[0]?.count).toBe(40);
  });

  it('keeps its limits whatever is asked for and whatever peers send', () => {
    expect(watch({ interval: 1 }).interval).toBe(250);
    expect(watch({ interval: 1e9 }).interval).toBe(10_000);
    const watching = watch({ packets: 1e12, interval: 50 });
    const socket = {};
    const packet = { type: 'x'.repeat(4000), id: 'y'.repeat(4000), data: {} };
    for (let count = 0; count < 600; count++)
      channel('omni-ipc:packet.in').publish({ side: 'server', socket, packet });
    const { packets } = watching.take();
    expect([packets.length, packets[0]?.type.length, String(packets[0]?.id).length]).toEqual([500, 221, 221]);
  });

  it('hides its own connections, and survives a payload that throws', async () => {
    const { server, client } = await pair();
    const watching = watch({ payloads: true });
    const mean = {
      get trap() {
        throw new Error('a getter that throws');
      },
    };
    expect(() =>
      channel('omni-ipc:packet.out').publish({
        side: 'client',
        socket: {},
        packet: { type: 'x', data: mean },
      }),
    ).not.toThrow();
    expect(watching.take().packets).toEqual([]);
    own.add(client.socket as object);
    own.add(server.sockets[0] as object);
    const heard = once(server, 'hello');
    client.emit('hello');
    await heard;
    expect(watching.take().packetsIn).toBe(0);
  });
});
