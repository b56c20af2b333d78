import { MemoryLimit } from '../../lib/memory-limit.js';

/** Holders of so many bytes, of which those that are dropped are gone. */
function limitOf(most: number, sizes: number[]) {
  const dropped: number[] = [];
  let measured = 0;
  const limit = new MemoryLimit(most, () => {
    measured++;
    return sizes.map((bytes) => ({
      bytes,
      drop() {
        dropped.push(bytes);
        sizes.splice(sizes.indexOf(bytes), 1);
      },
    }));
  });
  return { limit, dropped, measured: () => measured };
}

describe('A limit of memory', () => {
  it('does not measure before the limit may be reached, and drops no client below it', () => {
    const { limit, dropped, measured } = limitOf(100, [10, 20]);
    limit.grew(60);
    limit.grew(40);
    expect(measured()).toBe(0);
    limit.grew(1);
    expect([measured(), dropped]).toEqual([1, []]);
  });

  it('continues to count from its measurement', () => {
    const { limit, measured } = limitOf(100, [10, 20]);
    limit.grew(101);
    limit.grew(70);
    expect(measured()).toBe(1);
    limit.grew(1);
    expect(measured()).toBe(2);
  });

  it('measures again only after a 64th of the limit was added, however full it is', () => {
    const { limit, measured } = limitOf(6400, [6400]);
    limit.grew(6401);
    for (let i = 0; i < 100; i++) limit.grew(1);
    expect(measured()).toBe(1);
    limit.grew(1);
    expect(measured()).toBe(2);
  });

  it('drops the largest clients first, and no more than needed', () => {
    const { limit, dropped } = limitOf(100, [10, 70, 40, 60]);
    limit.grew(101);
    expect(dropped).toEqual([70, 60]);
  });

  it('stops dropping once exactly the limit is left', () => {
    const { limit, dropped } = limitOf(50, [10, 60, 40]);
    limit.grew(51);
    expect(dropped).toEqual([60]);
  });

  it('continues to count from the remaining amount', () => {
    const { limit, dropped, measured } = limitOf(100, [10, 95]);
    limit.grew(101);
    expect(dropped).toEqual([95]);
    limit.grew(90);
    expect(measured()).toBe(1);
    limit.grew(1);
    expect(measured()).toBe(2);
  });
});
