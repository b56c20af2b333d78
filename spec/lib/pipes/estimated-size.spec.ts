import { estimatedSize } from '../../../lib/pipes/estimated-size.js';

describe('The estimated size of a packet', () => {
  it('counts text by its length, bytes exactly, and what is within other values', () => {
    expect([estimatedSize('abc'), estimatedSize(1), estimatedSize(null)]).toEqual([11, 8, 8]);
    expect([estimatedSize(new Uint8Array(100)), estimatedSize(new ArrayBuffer(50))]).toEqual([108, 58]);
    expect(estimatedSize({ a: ['abc', 1], b: Buffer.alloc(10) })).toBe(8 + 8 + 11 + 8 + 18);
  });

  it('looks at a thousand objects of a large value only, each time anew', () => {
    const large = Array.from({ length: 100_000 }, () => ({}));
    const size = estimatedSize(large);
    expect(size).toBeLessThan(20_000);
    expect(estimatedSize(large)).toBe(size);
  });

  it('ends for a value that contains itself', () => {
    const loop: Record<string, unknown> = {};
    loop.self = loop;
    expect(estimatedSize(loop)).toBeLessThan(20_000);
  });
});
