import { createRequire } from 'node:module';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { type MsgpackCodec, msgpackCodec } from '../../../lib/codecs/msgpack.js';
import { collidingDoubles } from '../../support/collisions.js';
import { codeThrown, LIMITS, RUNS } from '../dialects/decoding.js';

const exact = msgpackCodec(true);
const plain = msgpackCodec(false);
const hexOf = (value: unknown, by: MsgpackCodec = exact) => by.encode(value, LIMITS).toString('hex');
const bringOver = (value: unknown, by: MsgpackCodec = exact) => {
  const bytes = Buffer.from(by.encode(value, LIMITS));
  return by.decode(bytes, 0, bytes.length, LIMITS);
};

/** What the code gives the names of Node's own typed arrays: all that this Node has. */
const VIEWS = [
  new Int8Array([-1, 2]),
  new Uint8Array([1, 255]),
  new Uint8ClampedArray([1, 255]),
  new Int16Array([-1, 2]),
  new Uint16Array([1, 65_535]),
  new Int32Array([-1, 2]),
  new Uint32Array([1, 2 ** 32 - 1]),
  new Float32Array([1.5, Number.NaN]),
  new Float64Array([0.1, Number.NEGATIVE_INFINITY]),
  new BigInt64Array([-(2n ** 63n), 5n]),
  new BigUint64Array([2n ** 64n - 1n]),
];

describe('An exact MessagePack codec', () => {
  it('brings over every kind of value as what it was', () => {
    const values = [
      undefined,
      null,
      true,
      0,
      -0,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      2 ** 53,
      -(2 ** 31),
      0.1,
      '',
      'é€\u{1f600}',
      'x'.repeat(70_000),
      0n,
      -1n,
      2n ** 63n,
      2n ** 64n,
      -(2n ** 64n),
      10n ** 400n,
      -(10n ** 400n),
      new Date(0),
      new Date(1),
      new Date(-1),
      new Date(8.64e15),
      new Date(-8.64e15),
      Buffer.from('bytes'),
      Buffer.alloc(70_000, 1),
      new Map<unknown, unknown>([
        ['a', 1],
        [2, new Map()],
        [{ key: 1 }, undefined],
      ]),
      new Set<unknown>([1, 'a', new Set([2n])]),
      /a\/b/giu,
      new ArrayBuffer(3),
      [undefined, [], [[]]],
      {},
      { 'no name': 1, é: { undefined } },
      ...VIEWS,
    ];
    for (const value of values) {
      for (const wrapped of [value, [value], { a: { b: value } }, new Map([['k', value]])]) {
        expect(isDeepStrictEqual(bringOver(wrapped), wrapped))
          .withContext(String(value).slice(0, 50))
          .toBeTrue();
      }
    }
  });

  it('transfers an invalid date', () => {
    expect((bringOver(new Date(Number.NaN)) as Date).getTime()).toBeNaN();
  });

  it('distinguishes a Buffer from a Uint8Array', () => {
    const { buffer, array } = bringOver({ buffer: Buffer.from([1]), array: new Uint8Array([1]) }) as Record<
      string,
      object
    >;
    expect(Buffer.isBuffer(buffer)).toBeTrue();
    expect(Buffer.isBuffer(array)).toBeFalse();
    expect(array?.constructor).toBe(Uint8Array);
  });

  it('brings over a view of a part of its memory as that part', () => {
    const memory = new Float64Array([1, 2, 3, 4]);
    const part = bringOver(memory.subarray(1, 3)) as Float64Array;
    expect([...part]).toEqual([2, 3]);
    expect(part.buffer.byteLength).toBe(16);
    expect(bringOver(new DataView(memory.buffer, 8, 8))).toEqual(new DataView(new Float64Array([2]).buffer));
  });

  it('brings over errors with name, message and cause', () => {
    const error = bringOver(new RangeError('too far', { cause: new Error('why') })) as Error;
    expect(error).toBeInstanceOf(RangeError);
    expect(error.message).toBe('too far');
    expect((error.cause as Error).message).toBe('why');
  });

  it('brings over -0 wherever it is, and leaves what it packs as it was', () => {
    const data = { a: [1, -0, 0], b: new Set([[-0]]), c: new Map([['k', -0]]), d: { e: -0 }, f: 0 };
    const copy = structuredClone(data);
    expect(isDeepStrictEqual(bringOver(data), copy)).toBeTrue();
    expect(isDeepStrictEqual(data, copy)).toBeTrue();
  });

  it('packs objects as the maps of msgpack itself, for peers in other languages', () => {
    expect(hexOf({ a: 1, b: [true, null, 'x'] })).toBe('82a16101a16293c3c0a178');
    expect(hexOf(['type', { n: -1.5 }, 7, null])).toBe('94a47479706581a16ecbbff800000000000007c0');
    expect(hexOf(Buffer.from([1, 2]))).toBe('c4020102');
    expect(hexOf(new Date(1000))).toBe('d6ff00000001');
  });

  it('packs what has a toJSON, and instances of classes, as JSON does: by that, or by what they own', () => {
    class Point {
      x = 1;
      y = -0;
      get sum() {
        return this.x + this.y;
      }
    }
    class Money {
      toJSON() {
        return { cents: 5, tags: new Map([['a', 1]]) };
      }
    }
    expect(bringOver(new Point())).toEqual({ x: 1, y: -0 });
    expect(bringOver([new Money()])).toEqual([{ cents: 5, tags: new Map([['a', 1]]) }]);
    expect(bringOver({ a: 1, toJSON: () => ({ b: -0 }) })).toEqual({ b: -0 });
    const itself = {
      a: [1],
      toJSON() {
        return this;
      },
    };
    expect(JSON.stringify(bringOver({ itself }))).toBe('{"itself":{"a":[1]}}');
    expect(JSON.stringify(bringOver(Object.assign(new Money(), itself)))).toBe('{"a":[1]}');
    expect(bringOver(Object.assign(Object.create(null), { a: 1 }))).toEqual({ a: 1 });
    expect(bringOver(new URL('http://a/'))).toBe('http://a/');
  });

  it('packs a Map of any class as a Map', () => {
    class Index extends Map<string, number> {}
    expect(bringOver(new Index([['a', 1]]))).toEqual(new Map([['a', 1]]));
  });

  it('packs objects with more keys than a map of sixteen bits has room for', () => {
    const many = Object.fromEntries(Array.from({ length: 70_000 }, (_, i) => [`k${i}`, i]));
    expect(Object.keys(bringOver(many) as object).length).toBe(70_000);
  });

  it('brings over anything', () => {
    const options = { withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true };
    const values = fc.anything({
      ...options,
      key: fc.string().filter((key) => key !== '__proto__'),
      maxDepth: 4,
    });
    // To isDeepStrictEqual, before Node 22, a date that is none differs from any other.
    const comparable = values.filter((value) => !fc.stringify(value).includes('new Date(NaN)'));
    fc.assert(
      fc.property(comparable, (value) => {
        const ours = bringOver(value);
        expect(isDeepStrictEqual(ours, value))
          .withContext(fc.stringify([value, ours]))
          .toBeTrue();
      }),
      RUNS,
    );
  });

  it('keeps the names of prototypes from becoming prototypes', () => {
    const value = bringOver(JSON.parse('{"__proto__":{"polluted":1},"constructor":1}')) as Record<
      string,
      unknown
    >;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(value.polluted).toBeUndefined();
    expect(value.constructor as unknown).toBe(1);
  });

  it('refuses what it cannot pack, and continues working', () => {
    const circle: unknown[] = [];
    circle.push(circle);
    let deep: unknown = 1;
    for (let i = 0; i < 100_000; i++) deep = { deep };
    for (const value of [circle, deep]) {
      expect(codeThrown(() => exact.encode([value], LIMITS))).toBe('ERR_IPC_TOO_DEEP');
      expect(bringOver({ still: ['works'] })).toEqual({ still: ['works'] });
    }
    class Odd extends Uint8Array {}
    const failing = {
      get x() {
        throw new Error('mine');
      },
    };
    for (const value of [Symbol('s'), failing, new Odd(1), { toJSON: 1, constructor: Map }]) {
      expect(codeThrown(() => exact.encode([value], LIMITS))).toBe('ERR_IPC_ENCODE');
      expect(bringOver({ still: ['works'] })).toEqual({ still: ['works'] });
    }
  });

  it('leaves room before what it packs', () => {
    const bytes = exact.encode('abc', LIMITS, 5);
    expect(bytes.subarray(5).toString('hex')).toBe('a3616263');
    expect(bytes.length).toBe(9);
  });

  it('gives bytes that later ones do not overwrite', () => {
    const texts = Array.from({ length: 5000 }, (_, i) => `text ${i}`);
    const packed = texts.map((text) => exact.encode(text, LIMITS, 4));
    expect(packed.map((bytes) => exact.decode(bytes, 4, bytes.length, LIMITS))).toEqual(texts);
  });

  it('does not keep the memory of its largest frame', () => {
    exact.encode('x'.repeat(10_000_000), LIMITS);
    const frames = Array.from({ length: 100 }, (_, i) => exact.encode({ i, text: 'x'.repeat(5000) }, LIMITS));
    const memory = new Set(frames.map((bytes) => bytes.buffer));
    const total = [...memory].reduce((sum, { byteLength }) => sum + byteLength, 0);
    expect(total).toBeLessThan(10_000_000);
  });

  it('refuses bodies that are not a value, and continues working', () => {
    const bodies = ['', 'c1', '91', '0101', 'd473c0', 'd44dc3', 'c70174ff', 'd47802a12ba12b', 'd55a0000'];
    for (const body of bodies) {
      const bytes = Buffer.from(body, 'hex');
      expect(() => exact.decode(bytes, 0, bytes.length, LIMITS))
        .withContext(body)
        .toThrow();
      expect(bringOver([1])).toEqual([1]);
    }
  });

  it('refuses a body that is too deep, with an error and not a crash', () => {
    for (const token of ['91', '8101']) {
      const body = Buffer.concat([Buffer.alloc(200_000, token, 'hex'), Buffer.from([1])]);
      expect(() => exact.decode(body, 0, body.length, { maxMessageSize: 2 ** 30, maxDepth: 500 })).toThrow();
      expect(bringOver([1])).toEqual([1]);
    }
  });

  it('packs data as deep as may be, and no deeper; what a toJSON gives stands in its place', () => {
    const nested = (levels: number, inner: unknown = 0): unknown =>
      levels === 0 ? inner : nested(levels - 1, [inner]);
    const limits = { ...LIMITS, maxDepth: 9 };
    for (const inner of [0, { toJSON: () => 0 }]) {
      const most = typeof inner === 'number' ? 10 : 9;
      const bytes = exact.encode(nested(most, inner), limits);
      expect(exact.decode(bytes, 0, bytes.length, limits)).toEqual(nested(most));
      expect(codeThrown(() => exact.encode(nested(most + 1, inner), limits))).toBe('ERR_IPC_TOO_DEEP');
    }
    for (const value of [new Map([[1, nested(8)]]), new Set([nested(8)])]) {
      const bytes = exact.encode([value], limits);
      expect(exact.decode(bytes, 0, bytes.length, limits)).toEqual([value]);
    }
    const bytes = exact.encode(nested(11), LIMITS);
    expect(codeThrown(() => exact.decode(bytes, 0, bytes.length, limits))).toBe('ERR_IPC_TOO_DEEP');
  });

  it('refuses Maps and Sets of numbers that were chosen to collide', () => {
    const colliding = collidingDoubles(1500);
    const even = Array.from({ length: 1500 }, (_, i) => (i % 2 === 0 ? i : Math.random() * 1e9));
    for (const make of [
      (keys: number[]) => new Set(keys),
      (keys: number[]) => new Map(keys.map((key) => [key, 1])),
    ]) {
      const good = exact.encode([make(even)], LIMITS);
      expect(exact.decode(good, 0, good.length, LIMITS)).toEqual([make(even)]);
      const bad = exact.encode([make(colliding)], LIMITS);
      expect(codeThrown(() => exact.decode(bad, 0, bad.length, LIMITS))).toBe('ERR_IPC_PROTOCOL');
    }
  });

  it('makes no function of what comes in', () => {
    const made: string[] = [];
    const original = globalThis.Function;
    globalThis.Function = new Proxy(original, {
      construct(target, args) {
        made.push(String(args));
        return Reflect.construct(target, args);
      },
    });
    try {
      bringOver(Array.from({ length: 50 }, (_, i) => ({ id: i, name: 'x' })));
    } finally {
      globalThis.Function = original;
    }
    expect(made).toEqual([]);
  });
});

describe('A plain MessagePack codec', () => {
  const require = createRequire(import.meta.url);
  const { unpack, pack } = require('msgpackr');

  it("understands msgpackr's defaults, which net-ipc uses, and is understood by them", () => {
    const value = {
      t: 1,
      d: { list: [1, -1, 2.5, 'é', null, true], bytes: Buffer.from('b'), when: new Date(5) },
      n: 'x',
    };
    expect(unpack(plain.encode(value, LIMITS))).toEqual(value);
    const bytes = pack(value);
    expect(plain.decode(bytes, 0, bytes.length, LIMITS)).toEqual(value);
  });

  it('converts Maps, Sets, errors and bytes as they do', () => {
    const map = new Map<unknown, unknown>([['a', new Set([1])]]);
    const value = { map, error: new Error('no'), bytes: new Uint8Array([1]), minus: -0, undefined };
    const bytes = pack(value);
    expect(bringOver(value, plain)).toEqual(plain.decode(bytes, 0, bytes.length, LIMITS));
    expect(bringOver(value, plain)).toEqual({
      map: { a: [1] },
      error: ['Error', 'no', undefined],
      bytes: Buffer.from([1]),
      minus: 0,
      undefined,
    });
  });

  it('packs the bytes of typed arrays, and none that are not theirs', () => {
    const memory = new Uint16Array([1, 2, 3, 4]);
    const value = [memory.subarray(1, 3), new Map([['a', new Set([memory.subarray(1, 3)])]])];
    const bytes = Buffer.from([2, 0, 3, 0]);
    expect(bringOver(value, plain)).toEqual([bytes, { a: [bytes] }]);
    expect(bringOver(new DataView(memory.buffer, 2, 4), plain)).toEqual(bytes);
    expect(bringOver(new Error('x', { cause: memory.subarray(1, 3) }), plain)).toEqual(['Error', 'x', bytes]);
  });
});
