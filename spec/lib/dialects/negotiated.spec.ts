import { isDeepStrictEqual } from 'node:util';
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import type { Packet } from '../../../entities/packet.js';
import { NegotiatedDialect } from '../../../lib/dialects/negotiated.js';
import { leastGrowth } from '../../support/memory.js';
import {
  bytesOf,
  codeThrown,
  cut,
  eventName,
  itGivesBackWhatItHasNotRead,
  itReadsFrames,
  jsonValue,
  LIMITS,
  packetWith,
  Reader,
  RUNS,
  read,
  sizes,
  tidy,
} from './decoding.js';

const MEBIBYTE = 1024 * 1024;

const packing = new NegotiatedDialect({ codec: 'msgpack', compress: false });
const KINDS = [
  { codec: 'msgpack', compress: false },
  { codec: 'msgpack', compress: true },
  { codec: 'json', compress: true },
  { codec: 'json', compress: false },
];

const PACKETS: Packet[] = [
  { type: 'message', data: { text: 'wörld €\u{1f600}', list: [1, null, false, 0, ''] } },
  { type: '', data: [] },
  { type: 'ask', data: 'x'.repeat(300), id: 2 ** 53 - 1 },
  { type: 'ask', data: null, re: 5 },
  { type: 'ask', data: {}, re: 6, error: { name: 'Error', message: 'no', code: 'E' } },
];

/** A body behind its length. */
function frame(body: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32LE(body.length);
  return Buffer.concat([head, body]);
}

describe('The framed dialect', () => {
  it('writes the length in four bytes, the lowest first, then the packet as an array', () => {
    const hexOf = (packet: Packet) => packing.encode(packet).toString('hex');
    expect(hexOf({ type: 'ab', data: { n: 1 } })).toBe('0b000000' + '95a26162' + '81a16e01' + 'c0c0c0');
    expect(hexOf({ type: 'a', data: undefined, id: 7 })).toBe('09000000' + '95a161' + 'd40000' + '07c0c0');
    expect(hexOf({ type: 'a', data: 1, re: 7, error: { name: 'E', message: 'm' } })).toBe(
      '18000000' + '95a16101c007' + '82a46e616d65a145a76d657373616765a16d',
    );
  });

  it('writes JSON of the same array if msgpack was not agreed on', () => {
    const dialect = new NegotiatedDialect({ codec: 'json', compress: false });
    const textOf = (packet: Packet) => dialect.encode(packet).toString('utf8', 4);
    expect(textOf({ type: 'ü', data: { n: 1 } })).toBe('["ü",{"n":1},null,null,null]');
    expect(textOf({ type: 'a', data: undefined, id: 7 })).toBe('["a",{},7,null,null]');
    expect(textOf({ type: 'a', data: 1, re: 7, error: { name: 'E', message: 'm' } })).toBe(
      '["a",1,null,7,{"name":"E","message":"m"}]',
    );
  });

  it('writes an undefined response as four fields, and meta as a sixth one', () => {
    const dialect = new NegotiatedDialect({ codec: 'json', compress: false });
    const meta = { trace: 'x' };
    const texts: readonly (readonly [Packet, string])[] = [
      [{ type: 'a', data: undefined, re: 7 }, '["a",null,null,7]'],
      [{ type: 'a', data: null, re: 7 }, '["a",null,null,7,null]'],
      [{ type: 'a', data: 1, id: 7, meta }, '["a",1,7,null,null,{"trace":"x"}]'],
    ];
    for (const [packet, text] of texts) {
      const bytes = dialect.encode(packet);
      expect(bytes.toString('utf8', 4)).toBe(text);
      const got: Packet[] = [];
      new Reader(dialect.decoder(LIMITS)).push(bytes, (one) => got.push(one) > 0);
      expect(got.map((one) => JSON.stringify(one))).toEqual([JSON.stringify(packet)]);
    }
  });

  it('ignores meta that is not an object', () => {
    const dialect = new NegotiatedDialect({ codec: 'json', compress: false });
    for (const meta of ['null', '5', '"x"', '[1]']) {
      const got: Packet[] = [];
      const body = Buffer.from(`["a",1,null,null,null,${meta}]`);
      new Reader(dialect.decoder(LIMITS)).push(frame(body), (one) => got.push(one) > 0);
      expect(got.map((one) => Object.keys(one).includes('meta'))).toEqual([false]);
    }
  });

  it('reports the length of the body that it cannot read, and sends bytes of streams as its codec can', () => {
    const dialect = new NegotiatedDialect({ codec: 'json', compress: false });
    for (const [body, says] of [
      ['nonsense', 'A frame is not json; it was dropped (length 8).'],
      ['{"type":"x"}', 'A frame is not a packet; it was dropped (length 12).'],
    ] as const) {
      const got: unknown[] = [];
      new Reader(dialect.decoder(LIMITS)).push(frame(Buffer.from(body)), (one) => got.push(one.error) > 0);
      expect(got.map((error) => (error as Error).message)).toEqual([says]);
    }
    expect(dialect.capabilities.streams).toBe('base64');
    expect(packing.capabilities.streams).toBe('bytes');
  });

  it('writes a body of exactly maxMessageSize, before it is compressed, and none that is longer', () => {
    const packet = { type: 'a', data: 'x'.repeat(100) };
    const size = JSON.stringify(['a', packet.data, null, null, null]).length;
    for (const compress of [false, true]) {
      const limited = (maxMessageSize: number) =>
        new NegotiatedDialect({ codec: 'json', compress }, { ...LIMITS, maxMessageSize });
      expect(codeThrown(() => limited(size).encode(packet))).toBeUndefined();
      expect(codeThrown(() => limited(size - 1).encode(packet))).toBe('ERR_IPC_TOO_LARGE');
    }
  });

  it('deflates each body with the earlier ones as its dictionary', () => {
    const dialect = new NegotiatedDialect({ codec: 'json', compress: true });
    const [first, second] = [
      dialect.encode({ type: 'a', data: 'x' }),
      dialect.encode({ type: 'a', data: 'x' }),
    ];
    expect(first.subarray(-4).toString('hex')).toBe('0000ffff');
    expect(first.readUInt32LE()).toBe(first.length - 4);
    expect(second.length).toBeLessThan(first.length);
  });

  for (const negotiation of KINDS) {
    describe(`as ${negotiation.codec}${negotiation.compress ? ', compressed' : ''}`, () => {
      const dialect = new NegotiatedDialect(negotiation);
      const bytes = bytesOf(dialect, ...PACKETS);
      const make = () => dialect.decoder(LIMITS);
      itReadsFrames(make, bytes, PACKETS);
      if (!negotiation.compress) itGivesBackWhatItHasNotRead(make, bytes, PACKETS);

      it('reads what it wrote, whatever the packets and the chunks', () => {
        fc.assert(
          fc.property(fc.array(packetWith(jsonValue), { maxLength: 6 }), sizes, (packets, pieces) => {
            const fresh = new NegotiatedDialect(negotiation);
            const outcome = read(fresh.decoder(LIMITS), cut(bytesOf(fresh, ...packets), pieces));
            expect(outcome.error).toBeUndefined();
            expect(outcome.packets.length).toBe(packets.length);
            if (negotiation.codec === 'json') expect(outcome.packets).toEqual(packets.map(tidy));
          }),
          { numRuns: 100 },
        );
      });

      it('gives packets or IPCErrors for any bytes, and the same for any chunks', () => {
        const valid = bytesOf(new NegotiatedDialect(negotiation), ...PACKETS);
        const changes = fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 4 });
        const mutated = fc.tuple(changes, fc.nat(valid.length)).map(([mutations, end]) => {
          const copy = Buffer.from(valid.subarray(0, end));
          for (const [at, byte] of mutations) if (at < end) copy[at] = byte;
          return copy;
        });
        const noise = fc.uint8Array({ maxLength: 60 }).map((array) => frame(Buffer.from(array)));
        const limits = { maxMessageSize: 2000, maxDepth: 500 };
        fc.assert(
          fc.property(fc.oneof(mutated, noise), sizes, (stream, pieces) => {
            const whole = read(dialect.decoder(limits), [stream]);
            expect([undefined, 'ERR_IPC_TOO_LARGE', 'ERR_IPC_PROTOCOL']).toContain(whole.error);
            expect(isDeepStrictEqual(read(dialect.decoder(limits), cut(stream, pieces)), whole)).toBeTrue();
          }),
          RUNS,
        );
      });

      it('fails as soon as a length exceeds the limit', () => {
        const decoder = new Reader(dialect.decoder({ maxMessageSize: 100, maxDepth: 500 }));
        decoder.push(Buffer.from([101, 0, 0]), () => true);
        expect(codeThrown(() => decoder.push(Buffer.from([0]), () => true))).toBe('ERR_IPC_TOO_LARGE');
        const huge = new Reader(dialect.decoder(LIMITS));
        expect(codeThrown(() => huge.push(Buffer.alloc(4, 0xff), () => true))).toBe('ERR_IPC_TOO_LARGE');
      });

      it('refuses what it cannot write', () => {
        const circle: unknown[] = [];
        circle.push(circle);
        expect(codeThrown(() => dialect.encode({ type: 'x', data: circle }))).toMatch(
          /^ERR_IPC_(ENCODE|TOO_DEEP)$/,
        );
        const big = { type: 'x', data: 'x'.repeat(LIMITS.maxMessageSize) };
        const limited = new NegotiatedDialect(negotiation, LIMITS);
        expect(codeThrown(() => limited.encode(big))).toBe('ERR_IPC_TOO_LARGE');
      });
    });
  }

  it('carries values that JSON cannot', () => {
    const data = {
      n: -0,
      bytes: Buffer.from('x'),
      big: 2n ** 70n,
      map: new Map([[1, new Set(['a'])]]),
      none: undefined,
    };
    let got: unknown;
    new Reader(packing.decoder(LIMITS)).push(packing.encode({ type: 'x', data }), (packet) => {
      got = packet.data;
      return true;
    });
    expect(isDeepStrictEqual(got, data)).toBeTrue();
  });

  it('carries names of any kind', () => {
    fc.assert(
      fc.property(
        eventName.filter((name) => name.isWellFormed()),
        (type) => {
          expect(read(packing.decoder(LIMITS), [packing.encode({ type, data: 1 })]).packets).toEqual([
            { type, data: 1 },
          ]);
        },
      ),
      RUNS,
    );
  });

  it('reports invalid frames, and continues to read', () => {
    const bodies = ['', 'c0', '01', '80', '90', '9101', '91c0', '95a161', 'a161', 'c1'];
    for (const body of bodies) {
      const stream = Buffer.concat([
        frame(Buffer.from(body, 'hex')),
        packing.encode({ type: 'next', data: 1 }),
      ]);
      expect(read(packing.decoder(LIMITS), [stream]))
        .withContext(body)
        .toEqual({
          packets: [
            { type: '', error: 'ERR_IPC_DECODE' },
            { type: 'next', data: 1 },
          ],
          error: undefined,
        });
    }
  });

  it('refuses a name that exceeds the limit', () => {
    const longest = 'x'.repeat(4096);
    const stream = Buffer.concat([
      packing.encode({ type: longest, data: 1 }),
      packing.encode({ type: `${longest}x`, data: 1 }),
    ]);
    expect(read(packing.decoder(LIMITS), [stream]).packets).toEqual([
      { type: longest, data: 1 },
      { type: '', error: 'ERR_IPC_DECODE' },
    ]);
  });

  it('refuses an answer to something that is not the id of a request', () => {
    const stream = frame(Buffer.from('95a16101c0c3c0', 'hex'));
    expect(read(packing.decoder(LIMITS), [stream]).packets).toEqual([{ type: '', error: 'ERR_IPC_DECODE' }]);
  });

  it('accepts a packet without its empty fields', () => {
    const stream = frame(Buffer.from('92a16101', 'hex'));
    expect(read(packing.decoder(LIMITS), [stream]).packets).toEqual([{ type: 'a', data: 1 }]);
    expect(read(packing.decoder(LIMITS), [frame(Buffer.from('91a161', 'hex'))]).packets).toEqual([
      { type: 'a' },
    ]);
  });

  it('drops an invalid id, and an error without a request', () => {
    for (const end of [
      '90c0c0',
      'c3c0c0',
      'cb7ff8000000000000c0c0',
      'c0c081a16101',
      'd30000000000000001c0c0',
    ]) {
      const stream = frame(Buffer.from(`95a16101${end}`, 'hex'));
      expect(read(packing.decoder(LIMITS), [stream]).packets)
        .withContext(end)
        .toEqual([{ type: 'a', data: 1 }]);
    }
  });

  it('reads deeply nested data or reports it as too deep, and never crashes', () => {
    const levels = 100_000;
    const nested = Buffer.concat([
      Buffer.from('95a161', 'hex'),
      Buffer.alloc(levels, 0x91),
      Buffer.from('01c0c0c0', 'hex'),
    ]);
    const outcome = read(packing.decoder({ maxMessageSize: 64 * MEBIBYTE, maxDepth: 500 }), [
      frame(nested),
      packing.encode({ type: 'next', data: 1 }),
    ]);
    expect(outcome).toEqual({
      packets: [
        { type: '', error: 'ERR_IPC_TOO_DEEP' },
        { type: 'next', data: 1 },
      ],
      error: undefined,
    });
    const json = new NegotiatedDialect({ codec: 'json', compress: true });
    const text = `["a",${'['.repeat(levels)}${']'.repeat(levels)}]`;
    expect(read(json.decoder(LIMITS), [frame(deflateRawSync(text))]).packets.length).toBe(1);
  });

  it('stops a decompression bomb before it exceeds maxMessageSize', () => {
    const limits = { maxMessageSize: 8 * MEBIBYTE, maxDepth: 500 };
    const bomb = frame(deflateRawSync(Buffer.alloc(96 * MEBIBYTE, ' ')));
    for (const codec of ['json', 'msgpack']) {
      const grown = leastGrowth(() => {
        const decoder = new Reader(new NegotiatedDialect({ codec, compress: true }).decoder(limits));
        expect(codeThrown(() => decoder.push(bomb, () => true))).toBe('ERR_IPC_TOO_LARGE');
      });
      expect(grown).toBeLessThan(64 * MEBIBYTE);
    }
  });

  it('stops a frame that would take far more memory than its bytes', () => {
    const many = Buffer.alloc(5 + 4 * MEBIBYTE, 0x80);
    many[0] = 0xdd;
    many.writeUInt32BE(4 * MEBIBYTE, 1);
    const decoder = new Reader(packing.decoder({ maxMessageSize: 8 * MEBIBYTE, maxDepth: 500 }));
    expect(codeThrown(() => decoder.push(frame(many), () => true))).toBe('ERR_IPC_TOO_LARGE');
  });

  it('fails on a body that cannot be inflated', () => {
    const decoder = new Reader(new NegotiatedDialect({ codec: 'msgpack', compress: true }).decoder(LIMITS));
    expect(codeThrown(() => decoder.push(frame(Buffer.from([7])), () => true))).toBe('ERR_IPC_PROTOCOL');
  });

  it('is shared by connections if it has no state', () => {
    expect(
      KINDS.map((negotiation) => new NegotiatedDialect(negotiation).capabilities.sharedEncoding),
    ).toEqual([true, false, false, true]);
    expect(KINDS.map((negotiation) => new NegotiatedDialect(negotiation).name)).toEqual([
      'msgpack',
      'msgpack, compressed',
      'json, compressed',
      'json',
    ]);
  });

  it('does not change after a second hello', () => {
    expect(packing.negotiated({ codec: 'json', compress: false }, LIMITS)).toBe(packing);
  });

  it('knows no other codec', () => {
    expect(codeThrown(() => new NegotiatedDialect({ codec: 'xml', compress: false }))).toBe(
      'ERR_IPC_PROTOCOL',
    );
  });
});
