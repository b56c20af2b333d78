import type { Packet } from '../../../entities/packet.js';
import { WaitingPackets } from '../../../lib/pipes/waiting-packets.js';

describe('Packets that wait until their pipe may deliver', () => {
  const packet = (data: number): Packet => ({ type: 'a', data });

  it('come out in order, with the end of the other side, also if more arrive in between', () => {
    const waiting = new WaitingPackets();
    const out: unknown[] = [];
    for (let n = 0; n < 10; n++) {
      waiting.push(packet(2 * n), 1);
      waiting.push(packet(2 * n + 1), 1);
      out.push(waiting.shift()?.data);
    }
    waiting.push(undefined, 0);
    while (!waiting.empty) out.push(waiting.shift()?.data);
    expect(out).toEqual([...Array(20).keys(), undefined]);
    expect(waiting.bytes).toBe(0);
  });

  it('count with their overhead', () => {
    const waiting = new WaitingPackets();
    waiting.push(packet(1), 8);
    expect(waiting.bytes).toBeGreaterThan(8 + 32);
  });

  it('can be dropped, except for the end of the other side', () => {
    for (const ended of [false, true]) {
      const waiting = new WaitingPackets();
      for (let n = 0; n < 3; n++) waiting.push(packet(n), 1000);
      if (ended) waiting.push(undefined, 0);
      waiting.shift();
      waiting.drop();
      expect(waiting.bytes).toBeLessThan(1000);
      expect(waiting.empty).toBe(!ended);
      if (ended) expect(waiting.shift()).toBeUndefined();
      expect(waiting.empty).toBeTrue();
    }
  });
});
