/** Finds numbers that V8 puts into one bucket of a Map or Set. Its hash of numbers has no secret and can be inverted. */

const MASK = (1n << 64n) - 1n;

/** Returns the inverse of `factor` for multiplication in 64 bits. */
function inverse(factor: bigint): bigint {
  let found = 1n;
  for (let i = 0; i < 7; i++) found = (found * (2n - factor * found)) & MASK;
  return found;
}

function withoutShift(hash: bigint, shift: bigint): bigint {
  let found = hash;
  for (let i = 0n; i < 64n; i += shift) found = hash ^ (found >> shift);
  return found & MASK;
}

/** Returns the 64 bits from which V8 makes a hash. */
function unhashed(hash: bigint): bigint {
  let bits = withoutShift(hash, 22n);
  bits = (bits * inverse(65n)) & MASK;
  bits = withoutShift(bits, 11n);
  bits = (bits * inverse(21n)) & MASK;
  bits = withoutShift(bits, 31n);
  return ((bits + 1n) * inverse((1n << 18n) - 1n)) & MASK;
}

/** Returns a number of fractions that all have the hash 0. */
export function collidingDoubles(count: number): number[] {
  const view = new DataView(new ArrayBuffer(8));
  const found: number[] = [];
  for (let high = 1n; found.length < count; high++) {
    view.setBigUint64(0, unhashed((high << 32n) & MASK));
    const value = view.getFloat64(0);
    if (Number.isFinite(value) && !Number.isInteger(value)) found.push(value);
  }
  return found;
}
