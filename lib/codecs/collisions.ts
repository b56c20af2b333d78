/** Up to this count, the keys are harmless even if all of them collide. */
const HARMLESS = 64;
/** The maximum cost of a lookup, relative to evenly distributed keys. */
const MOST_COST = 16;

const bits = new DataView(new ArrayBuffer(8));

/**
 * Detects numeric keys chosen so that they collide, which makes inserting them into a Map or Set take quadratic time. V8
 * hashes strings with a secret seed, but numbers and BigInts without one, so a peer can choose many that share a bucket.
 * This computes the buckets in which V8 would place them.
 * @param keys every `step`th element is a key
 */
export function collide(keys: readonly unknown[], step: number): boolean {
  const most = keys.length / step;
  if (most <= HARMLESS) return false;
  let size = 64;
  while (size < most) size *= 2;
  const buckets = new Uint32Array(size);
  let cost = 0;
  let count = 0;
  for (let i = 0; i < keys.length; i += step) {
    const key = keys[i];
    if (typeof key !== 'number' && typeof key !== 'bigint') continue;
    const bucket = hashOf(key) & (size - 1);
    const depth = (buckets[bucket] as number) + 1;
    buckets[bucket] = depth;
    cost += depth;
    count++;
  }
  return count > HARMLESS && cost > MOST_COST * count;
}

/** V8's hash of a number. */
function hashOf(key: number | bigint): number {
  if (typeof key === 'bigint') {
    bits.setBigUint64(0, BigInt.asUintN(64, key < 0n ? -key : key));
  } else if ((key | 0) === key) {
    return hashOfInteger(key);
  } else bits.setFloat64(0, key);
  return hashOfLong(bits.getUint32(0), bits.getUint32(4));
}

function hashOfInteger(key: number): number {
  let hash = (~key + (key << 15)) | 0;
  hash ^= hash >>> 12;
  hash = (hash + (hash << 2)) | 0;
  hash ^= hash >>> 4;
  hash = Math.imul(hash, 2057);
  return hash ^ (hash >>> 16);
}

/** Of 64 bits in two halves: ~h + (h << 18); h ^= h >>> 31; h *= 21; h ^= h >>> 11; h += h << 6; h ^= h >>> 22. */
function hashOfLong(high: number, low: number): number {
  let hi = ~high;
  let lo = ~low;
  [hi, lo] = sum(hi, lo, (high << 18) | (low >>> 14), low << 18);
  lo ^= (lo >>> 31) | (hi << 1);
  hi ^= hi >>> 31;
  const [hi4, lo4] = sum((hi << 4) | (lo >>> 28), lo << 4, (hi << 2) | (lo >>> 30), lo << 2);
  [hi, lo] = sum(hi, lo, hi4, lo4);
  lo ^= (lo >>> 11) | (hi << 21);
  hi ^= hi >>> 11;
  [hi, lo] = sum(hi, lo, (hi << 6) | (lo >>> 26), lo << 6);
  return lo ^ ((lo >>> 22) | (hi << 10));
}

function sum(hi: number, lo: number, otherHi: number, otherLo: number): [number, number] {
  const low = (lo >>> 0) + (otherLo >>> 0);
  return [(hi + otherHi + (low > 0xffffffff ? 1 : 0)) | 0, low | 0];
}
