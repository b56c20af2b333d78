import { itemSize } from '../../../lib/conversations/item-size.js';

describe('The size of an item', () => {
  it('is exact if the item is binary', () => {
    expect(itemSize(Buffer.alloc(1000))).toBe(1000);
    expect(itemSize(new Float64Array(10))).toBe(80);
    expect(itemSize(new ArrayBuffer(5))).toBe(5);
  });

  it('grows with the content of the item', () => {
    expect(itemSize('x'.repeat(1000))).toBe(1008);
    for (const value of [1, true, null, undefined, 1n]) expect(itemSize(value)).toBe(8);
    for (const make of [
      (n: number) => Array(n).fill(0),
      (n: number) => Object.fromEntries(Array.from({ length: n }, (_, i) => [`key${i}`, i])),
      (n: number) => new Set(Array(n).keys()),
      (n: number) => new Map(Array.from({ length: n }, (_, i) => [i, 'x'])),
      (n: number) => ({ deep: { list: [Buffer.alloc(8 * n)] } }),
    ]) {
      for (const n of [100, 100_000]) {
        expect(itemSize(make(n))).toBeGreaterThanOrEqual(8 * n);
        expect(itemSize(make(n))).toBeLessThan(64 * n);
      }
    }
  });

  it('is 8 bytes for each value, plus its text and the names of its properties', () => {
    for (const [value, size] of [
      ['', 8],
      ['xy', 10],
      [[], 8],
      [[1, 'xy'], 8 + 8 + 10],
      [{}, 8],
      [{ a: 'xy', bc: null }, 8 + 1 + 10 + 2 + 8],
      [new Set(['xy']), 8 + 10],
      [new Map([['xy', [1]]]), 8 + 10 + 8 + 16],
      [[Buffer.alloc(5), new ArrayBuffer(6)], 8 + 5 + 6],
    ] as const) {
      expect(itemSize(value)).withContext(JSON.stringify(value)).toBe(size);
    }
  });

  it('counts 8 bytes for each value beyond 10,000 containers, and for those nested deeper than 100', () => {
    const text = 'x'.repeat(92);
    const lists = (length: number) => Array.from({ length }, () => [text]);
    expect(itemSize(lists(9998))).toBe(8 + 9998 * 108);
    expect(itemSize(lists(9999))).toBe(8 + 9998 * 108 + 16);
    expect(itemSize(lists(20_000))).toBe(8 + 9998 * 108 + 16 + 10_001 * 8);
    const more = { a: lists(9998), b: {}, c: [text] };
    expect(itemSize(more)).toBe(8 + 3 + (8 + 9997 * 108 + 16) + 8 + 8);
    let nested: unknown = [text];
    for (let depth = 0; depth < 99; depth++) nested = [nested];
    expect(itemSize(nested)).toBe(100 * 8 + 100);
    expect(itemSize([nested])).toBe(101 * 8 + 100);
    expect(itemSize([[nested]])).toBe(101 * 8 + 8);
  });

  it('is found in a limited number of steps, even if the item refers to itself', () => {
    const knot = {};
    let steps = 0;
    const get = () => {
      if (++steps > 2_000_000) throw new Error('The steps are not limited');
      return knot;
    };
    for (let n = 0; n < 100; n++) Object.defineProperty(knot, `loop${n}`, { enumerable: true, get });
    expect(itemSize(knot)).toBeGreaterThan(0);
    expect(steps).toBeGreaterThan(0);
  });
});
