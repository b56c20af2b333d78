import { collide } from '../../../lib/codecs/collisions.js';
import { collidingDoubles } from '../../support/collisions.js';

/** Milliseconds that it takes to make a Set, at best: other processes may interrupt some of the attempts. */
function timeOf(keys: readonly unknown[], attempts = 1): number {
  const times = Array.from({ length: attempts }, () => {
    const since = performance.now();
    new Set(keys);
    return performance.now() - since;
  });
  return Math.min(...times);
}

describe('Keys of a Map or Set', () => {
  const colliding = collidingDoubles(10_000);

  it('collide if they were chosen to, and then take far more time', () => {
    const even = colliding.map(() => Math.random() * 1e9);
    expect(collide(colliding, 1)).toBeTrue();
    expect(collide(even, 1)).toBeFalse();
    expect(timeOf(colliding)).toBeGreaterThan(10 * timeOf(even, 100));
  });

  it('are checked also among values, strings and other types', () => {
    expect(
      collide(
        colliding.flatMap((key) => [key, 0]),
        2,
      ),
    ).toBeTrue();
    expect(
      collide(
        colliding.flatMap((key, i) => [i, key]),
        2,
      ),
    ).toBeFalse();
    expect(
      collide(
        colliding.flatMap((key) => [key, 'text', null]),
        1,
      ),
    ).toBeTrue();
  });

  it('collide if they are BigInts with the same lowest bits', () => {
    expect(
      collide(
        colliding.map((_, i) => BigInt(i) << 64n),
        1,
      ),
    ).toBeTrue();
    expect(
      collide(
        colliding.map((_, i) => BigInt(i) << 20n),
        1,
      ),
    ).toBeFalse();
  });

  it('collide if they are BigInts with the bits of numbers that do, whatever their sign', () => {
    const bits = new BigUint64Array(new Float64Array(colliding).buffer);
    const positive = Array.from(bits);
    expect(collide(positive, 1)).toBeTrue();
    expect(
      collide(
        positive.map((key) => -key),
        1,
      ),
    ).toBeTrue();
  });

  it('do not collide if they are ordinary keys of programs', () => {
    const sequences = [
      (i: number) => i,
      (i: number) => -i,
      (i: number) => i * 1000,
      (i: number) => i * 65_536,
      (i: number) => i / 8,
      (i: number) => 1.7e12 + i,
      (i: number) => BigInt(i),
      (i: number) => `text ${i}`,
    ];
    for (const [i, sequence] of sequences.entries()) {
      expect(
        collide(
          Array.from({ length: 20_000 }, (_, n) => sequence(n)),
          1,
        ),
      )
        .withContext(`${i}`)
        .toBeFalse();
    }
  });

  it('are accepted if there are few of them', () => {
    expect(collide(colliding.slice(0, 64), 1)).toBeFalse();
    expect(collide([], 1)).toBeFalse();
  });
});
