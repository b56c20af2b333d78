import type { CarrierEvents } from '../../../services/channel/carrier.js';
import { Deduplicator } from '../../../services/channel/deduplicator.js';
import { Loopback } from '../../../services/channel/loopback.js';

describe('Loopback', () => {
  it('delivers what a member sends to itself in a later turn, once it is open, and acknowledges it', async () => {
    const got: unknown[] = [];
    let acknowledged: () => void = () => {};
    const self = { id: 'a', number: 1, topics: [], version: 0 };
    const events = {
      self: () => self,
      position: () => ({ epoch: 3, first: 5 }),
      incoming: (_member: unknown, { epoch, first }: { epoch: number; first: number }) =>
        new Deduplicator(epoch, first),
      message: (...args: unknown[]) => got.push(args),
      acknowledged: (...args: unknown[]) => {
        got.push(args);
        acknowledged();
      },
    } as unknown as CarrierEvents;
    const loopback = new Loopback(events);
    const done = new Promise<void>((resolve) => {
      acknowledged = resolve;
    });
    loopback.send(5, 'one');
    await new Promise((resolve) => setImmediate(resolve));
    expect(got).toEqual([]);
    loopback.open();
    loopback.send(6, 'two');
    await done;
    expect(got).toEqual([
      ['a', 1, 'one'],
      ['a', 1, 'two'],
      ['a', 3, 6],
    ]);
    loopback.send(7, 'three');
    loopback.close();
    await new Promise((resolve) => setImmediate(resolve));
    expect(got.length).toBe(3);
  });
});
