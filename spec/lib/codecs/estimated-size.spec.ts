import { createRequire } from 'node:module';
import fc from 'fast-check';
import { estimatedSize } from '../../../lib/codecs/estimated-size.js';
import { msgpackCodec } from '../../../lib/codecs/msgpack.js';
import { codeThrown, LIMITS, RUNS } from '../dialects/decoding.js';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const weightOf = (text: string) => estimatedSize(hex(text), 0, hex(text).length, 500);

describe('The weight of a msgpack body', () => {
  it('is at least the memory of the decoded value', () => {
    const value = { list: [1, 'two', null, { three: 3.5 }], when: new Date(5), bytes: Buffer.alloc(9) };
    const bytes = msgpackCodec(true).encode(value, LIMITS);
    expect(estimatedSize(bytes, 0, bytes.length, 500)).toBeGreaterThan(3 * 64 + 256);
  });

  it('is the sum of a reference to each value and of what the value itself takes', () => {
    const [reference, container, text, view] = [8, 64, 24, 256];
    const weights: readonly (readonly [string, number])[] = [
      ['00', reference],
      ['7f', reference],
      ['e0', reference],
      ['ff', reference],
      ['c0', reference],
      ['c2', reference],
      ['c3', reference],
      ['ca 00000000', reference],
      ['cb 0000000000000000', reference],
      ['cf 0000000000000000', reference],
      ['d3 0000000000000000', reference],
      ['a0', reference + text],
      ['a3 616263', reference + text + 3],
      [`bf ${'61'.repeat(31)}`, reference + text + 31],
      ['d9 02 6161', reference + text + 2],
      ['da 0002 6161', reference + text + 2],
      ['db 00000002 6161', reference + text + 2],
      ['c4 02 6161', reference + view],
      ['c5 0002 6161', reference + view],
      ['c6 00000002 6161', reference + view],
      ['c7 02 74 0000', reference + view + 2],
      ['c8 0002 42 0000', reference + view + 2],
      ['c9 00000002 74 0000', reference + view + 2],
      ['d4 00 00', reference + container + 1],
      ['d5 ff 0000', reference + container + 2],
      ['d6 ff 00000000', reference + container + 4],
      ['d7 ff 0000000000000000', reference + container + 8],
      [`d8 42 ${'00'.repeat(16)}`, reference + container + 16],
      ['80', reference + container],
      ['90', reference + container],
      ['dc 0000', reference + container],
      ['dd 00000000', reference + container],
      ['de 0000', reference + container],
      ['df 00000000', reference + container],
      ['91 00', 2 * reference + container],
      ['81 00 00', 3 * reference + container],
      [`9f ${'00'.repeat(15)}`, 16 * reference + container],
      [`8f ${'00'.repeat(30)}`, 31 * reference + container],
      ['dc 0002 00 00', 3 * reference + container],
      ['dd 00000002 00 00', 3 * reference + container],
      ['de 0002 00 00 00 00', 5 * reference + container],
      ['df 00000002 00 00 00 00', 5 * reference + container],
      ...['65', '4d', '73', '78'].map(
        (type) => [`d4 ${type} 00 91 00`, 3 * reference + 2 * container + 1] as const,
      ),
      ['d4 5a 00 00', 2 * reference + container + 1],
      ['92 91 a1 61 c0', 4 * reference + 2 * container + text + 1],
    ];
    for (const [body, weight] of weights) expect(weightOf(body)).withContext(body).toBe(weight);
  });

  it('grows with each object, however few bytes encode it', () => {
    const many = Buffer.concat([hex('dd 00002710'), Buffer.alloc(10_000, 0x80)]);
    expect(estimatedSize(many, 0, many.length, 500)).toBeGreaterThan(10_000 * 64);
    const sets = Buffer.concat([hex('dc 03e8'), Buffer.alloc(4000, hex('d4 73 00 90'))]);
    expect(estimatedSize(sets, 0, sets.length, 500)).toBeGreaterThan(1000 * 128);
  });

  it('is known for any value that is packed, wherever its bytes are', () => {
    const value = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
    });
    fc.assert(
      fc.property(value, fc.nat(9), (packed, room) => {
        const bytes = msgpackCodec(true).encode(packed, LIMITS, room);
        expect(estimatedSize(bytes, room, bytes.length, 500)).toBeGreaterThan(0);
        expect(estimatedSize(bytes, room, bytes.length - 1, 500)).toBe(-1);
        const longer = Buffer.concat([bytes, Buffer.from([0])]);
        expect(estimatedSize(longer, room, longer.length, 500)).toBe(-1);
      }),
      RUNS,
    );
  });

  it('is refused for a body that announces more than it has', () => {
    for (const body of [
      '',
      '91',
      '81',
      '81 01',
      'dd ffffffff 00',
      'df ffffffff',
      'dc',
      'dd 0000',
      'a5 61',
      'd9 05 61',
    ]) {
      expect(weightOf(body)).withContext(body).toBe(-1);
    }
    for (const body of [
      'c4',
      'c4 01',
      'c6 ffffffff 00',
      'd9',
      'db 00000005 61',
      'cb 00',
      'd4',
      'd4 00',
      'c7 05 74 01',
    ]) {
      expect(weightOf(body)).withContext(body).toBe(-1);
    }
  });

  it('is known for each format of MessagePack, and refused if a byte is missing or left', () => {
    const formats = [
      'c0 c2 c3 00 ff 80 90 a0',
      'c40161 c5000161 c60000000161 d90161 da000161 db0000000161',
      'c701ff00 c80001ff00 c900000001ff00 d4ff00 d5ff0000 d6ff00000000',
      'd7ff0000000000000000 d8ff00000000000000000000000000000000',
      'ca00000000 cb0000000000000000 cc00 cd0000 ce00000000 cf0000000000000000',
      'd000 d10000 d200000000 d30000000000000000',
      'dc0000 dc000100 dd00000000 dd0000000100 de0000 de00010000 df00000000 df000000010000',
    ];
    for (const format of formats.flatMap((line) => line.split(' '))) {
      const value = Buffer.from(format, 'hex');
      const sizes = [0, 1, -1].map((more) => {
        const bytes = Buffer.concat([value, Buffer.alloc(1)]).subarray(0, value.length + more);
        return estimatedSize(bytes, 0, bytes.length, 10);
      });
      expect(sizes[0]).withContext(format).toBeGreaterThan(0);
      expect(sizes.slice(1)).withContext(format).toEqual([-1, -1]);
    }
  });

  it('is refused for more than one value', () => {
    expect(weightOf('01 02')).toBe(-1);
    expect(weightOf('90 c0')).toBe(-1);
  });

  it('is refused for extensions that are never sent: records, references, bundles, or unknown ones', () => {
    const require = createRequire(import.meta.url);
    const { Packr } = require('msgpackr');
    const cyclic: Record<string, unknown> = {};
    cyclic.self = cyclic;
    const records = new Packr({ useRecords: true }).encode([{ a: 1 }, { a: 2 }]);
    const references = new Packr({ useRecords: false, structuredClone: true }).encode(cyclic);
    const bundles = new Packr({ useRecords: false, bundleStrings: true }).encode(['some text', 'other text']);
    for (const bytes of [records, references, bundles, hex('d4 11 00'), hex('c7 01 33 00'), hex('c1')]) {
      expect(estimatedSize(bytes, 0, bytes.length, 500))
        .withContext(bytes.toString('hex'))
        .toBe(-1);
    }
  });

  it('is computed for any bytes without reading past their end', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ maxLength: 9 }), (body, after) => {
        const bytes = Buffer.concat([body, after]);
        const weight = estimatedSize(bytes, 0, body.length, 500);
        expect(weight === -1 || weight > 0).toBeTrue();
        expect(estimatedSize(Buffer.from(body), 0, body.length, 500)).toBe(weight);
      }),
      { numRuns: 1000 },
    );
  });

  it('may be sixteen times maxMessageSize, and a mebibyte in any case', () => {
    const codec = msgpackCodec(true);
    const arrays = (count: number) => {
      const head = Buffer.of(0xdd, 0, 0, 0, 0);
      head.writeUInt32BE(count, 1);
      return Buffer.concat([head, Buffer.alloc(count, 0x90)]);
    };
    for (const [maxMessageSize, most] of [
      [1, 1024 * 1024],
      [65_536, 1024 * 1024],
      [100_000, 1_600_000],
    ] as const) {
      const limits = { ...LIMITS, maxMessageSize };
      const count = Math.floor(most / 72) - 1;
      const [fits, larger] = [arrays(count), arrays(count + 1)];
      expect((codec.decode(fits, 0, fits.length, limits) as unknown[]).length).toBe(count);
      expect(codeThrown(() => codec.decode(larger, 0, larger.length, limits))).toBe('ERR_IPC_TOO_LARGE');
    }
    // The text of a string takes its length and 24 bytes, besides the reference.
    const text = codec.encode('x'.repeat(1024 * 1024 - 32), LIMITS);
    const longer = codec.encode('x'.repeat(1024 * 1024 - 31), LIMITS);
    const least = { ...LIMITS, maxMessageSize: 1 };
    expect((codec.decode(text, 0, text.length, least) as string).length).toBe(1024 * 1024 - 32);
    expect(codeThrown(() => codec.decode(longer, 0, longer.length, least))).toBe('ERR_IPC_TOO_LARGE');
  });

  it('prevents that a small body becomes a far larger value', () => {
    const bytes = Buffer.concat([hex('dd 00100000'), Buffer.alloc(1024 * 1024, 0x80)]);
    expect(() => msgpackCodec(true).decode(bytes, 0, bytes.length, LIMITS)).toThrowMatching(
      (error) => error.code === 'ERR_IPC_TOO_LARGE',
    );
  });
});
