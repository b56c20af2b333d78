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
