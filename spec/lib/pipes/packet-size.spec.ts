import { packetSize } from '../../../lib/pipes/packet-size.js';

describe('The estimated size of a packet', () => {
  it('counts text by its length, bytes exactly, and what is within other values', () => {
    expect([packetSize('abc'), packetSize(1), packetSize(null)]).toEqual([11, 8, 8]);
    expect([packetSize(new Uint8Array(100)), packetSize(new ArrayBuffer(50))]).toEqual([108, 58]);
    expect(packetSize({ a: ['abc', 1], b: Buffer.alloc(10) })).toBe(8 + 8 + 11 + 8 + 18);
  });

  it('looks at a thousand objects of a large value only, each time anew', () => {
    const large = Array.from({ length: 100_000 }, () => ({}));
    const size = packetSize(large);
    expect(size).toBeLessThan(20_000);
    expect(packetSize(large)).toBe(size);
  });

  it('ends for a value that contains itself', () => {
    const loop: Record<string, unknown> = {};
    loop.self = loop;
    expect(packetSize(loop)).toBeLessThan(20_000);
  });
});
