import { packetSize } from '../../../lib/pipes/packet-size.js';

describe('The estimated size of a packet', () => {
  function size(data: unknown): number {
    return packetSize({ type: '', data });
  }

  it('counts text by its length, bytes exactly, and what is within other values', () => {
    expect([size('abc'), size(1), size(null)]).toEqual([11, 8, 8]);
    expect([size(new Uint8Array(100)), size(new ArrayBuffer(50))]).toEqual([108, 58]);
    expect(size({ a: ['abc', 1], b: Buffer.alloc(10) })).toBe(8 + 8 + 11 + 8 + 18);
    expect(size(new Map([['abc', 'ab']]))).toBe(8 + 11 + 10);
    expect(size(new Set(['abc', 'ab']))).toBe(8 + 11 + 10);
  });

  it('counts what a peer may put beside the data', () => {
    expect(packetSize({ type: 'x'.repeat(100), data: 1 })).toBe(108);
    const error = { name: '', message: 'x'.repeat(100) };
    expect(packetSize({ type: '', data: 1, id: 7 })).toBe(8);
    expect(packetSize({ type: '', data: 1, id: 'x'.repeat(100) })).toBe(108);
    expect(packetSize({ type: 'a', data: 1, meta: { trace: 'x'.repeat(100) } })).toBeGreaterThan(108);
    expect(packetSize({ type: 'a', data: 1, re: 1, error })).toBeGreaterThan(108);
  });

  it('looks at a thousand objects of a large value only, each time anew', () => {
    for (const large of [
      Array.from({ length: 100_000 }, () => ({})),
      new Set(Array.from({ length: 100_000 }, () => ({}))),
    ]) {
      const first = size(large);
      expect(first).toBeLessThan(20_000);
      expect(size(large)).toBe(first);
    }
  });

  it('ends for a value that contains itself', () => {
    const loop: Record<string, unknown> = {};
    loop.self = loop;
    expect(size(loop)).toBeLessThan(20_000);
  });
});
