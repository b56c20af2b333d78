import fc from 'fast-check';
import { DEFAULT_LIMITS } from '../../../entities/limits.js';
import type { Packet } from '../../../entities/packet.js';
import { ITEM, type Item } from '../../../entities/stream.js';
import { itemOf } from '../../../lib/conversations/stream-connection.js';
import { decodeBytes, LONG_ITEM } from '../../../lib/dialects/byte-items.js';
import { NodeIpcDialect } from '../../../lib/dialects/node-ipc.js';
import { ByteQueue } from '../../../lib/framing/byte-queue.js';
import { ipcError } from '../../support/errors.js';

const LIMITS = { ...DEFAULT_LIMITS, maxMessageSize: 1_000_000 };
const DIALECTS: readonly (readonly [string, NodeIpcDialect])[] = [
  ['a form feed', new NodeIpcDialect('\f', LIMITS)],
  ['a delimiter that base64 has, too', new NodeIpcDialect('A', LIMITS)],
  ['a delimiter of several characters', new NodeIpcDialect('\r\n', LIMITS)],
  ['lengths', new NodeIpcDialect('\f', LIMITS, 'little-endian')],
];

function bytesOf(encoded: ReturnType<NodeIpcDialect['encode']>): Buffer {
  return Buffer.isBuffer(encoded)
    ? encoded
    : Buffer.from(Array.isArray(encoded) ? encoded.join('') : encoded.toString());
}

/** What comes out of frames that come in chunks of a size. */
function read(dialect: NodeIpcDialect, frames: Buffer, chunk: number): Packet[] {
  const decoder = dialect.decoder(LIMITS);
  const unread = new ByteQueue();
  const packets: Packet[] = [];
  for (let at = 0; at < frames.length; at += chunk) {
    unread.append(Buffer.from(frames.subarray(at, at + chunk)));
    decoder.read(unread, (packet) => packets.push(packet) > 0);
  }
  return packets;
}

function packet(data: object): Packet {
  return { type: ITEM, data };
}

/** A frame of an item, with as much base64 as makes it a long one. */
function frame(beginning: string, ending: string): Buffer {
  return Buffer.from(`${beginning}${'QUJD'.repeat(LONG_ITEM / 4)}${ending}`);
}

const BEGINNING = '{"type":"ipc:item","data":{"re":1,"seq":2,"base64":"';

describe('An item that is bytes', () => {
  for (const [name, dialect] of DIALECTS) {
    it(`arrives unchanged, whatever its size and its chunks, between ${name}`, () => {
      const sizes = fc.oneof(fc.nat(20), fc.nat(5000), fc.nat(150_000));
      fc.assert(
        fc.property(
          fc.array(sizes, { minLength: 1, maxLength: 5 }),
          fc.nat(255),
          fc.integer({ min: 500, max: 100_000 }),
          (items, first, chunk) => {
            const sent = items.map((size) =>
              Buffer.from(Uint8Array.from({ length: size }, (_, i) => first + i * 7)),
            );
            const packets = sent.flatMap((item, i): Packet[] => [
              packet({ re: 1, seq: i + 1, item, ...(i % 2 === 1 && { full: true }) }),
              { type: 'event', data: i },
            ]);
            const got = read(
              dialect,
              Buffer.concat(packets.map((one) => bytesOf(dialect.encode(one)))),
              chunk,
            );
            expect(got.map(comparable)).toEqual(packets.map(comparable));
          },
        ),
        { numRuns: 10 },
      );
    });
  }

  it('is base64 in JSON', () => {
    const [, dialect] = DIALECTS[0] as (typeof DIALECTS)[number];
    for (const item of [Buffer.from('hi'), new Uint8Array([104, 105]), new Uint8Array([104, 105]).buffer]) {
      const text = bytesOf(dialect.encode(packet({ id: 3, seq: 9, item, full: true }))).toString();
      expect(text).toBe('{"type":"ipc:item","data":{"id":3,"seq":9,"base64":"aGk=","full":true}}\f');
    }
    const foreign = bytesOf(dialect.encode(packet({ re: 'Grüße "7"', seq: 1, item: Buffer.from('hi') })));
    expect(JSON.parse(foreign.toString().slice(0, -1)).data).toEqual({
      re: 'Grüße "7"',
      seq: 1,
      base64: 'aGk=',
    });
  });

  it('is refused if its frame would exceed maxMessageSize', () => {
    for (const [, dialect] of DIALECTS) {
      const most = Math.floor(((LIMITS.maxMessageSize - 60) / 4) * 3);
      expect(() =>
        dialect.encode(packet({ re: 1, seq: 1, item: Buffer.alloc(most - 60, 255) })),
      ).not.toThrow();
      expect(() => dialect.encode(packet({ re: 1, seq: 1, item: Buffer.alloc(most + 60, 255) }))).toThrow(
        ipcError('ERR_IPC_TOO_LARGE'),
      );
    }
  });

  it('may be exactly as large as maxMessageSize, without the delimiter or the length', () => {
    const item = packet({ re: 1, seq: 1, item: Buffer.alloc(100, 255), full: true });
    const size = bytesOf(new NodeIpcDialect('\f').encode(item)).length - 1;
    for (const order of [undefined, 'little-endian'] as const) {
      const dialectOf = (maxMessageSize: number) =>
        new NodeIpcDialect('\f', { ...LIMITS, maxMessageSize }, order);
      const around = order === undefined ? 1 : 4;
      expect(bytesOf(dialectOf(size).encode(item)).length).toBe(size + around);
      expect(() => dialectOf(size - 1).encode(item)).toThrow(
        ipcError('ERR_IPC_TOO_LARGE', `A message of ${size} bytes is longer`),
      );
    }
  });

  it('is read from its bytes with any padding, and whether its receiver is full or not', () => {
    for (const size of [3001, 3002, 3003]) {
      const item = Buffer.alloc(size, size);
      const base64 = item.toString('base64');
      const plain = Buffer.from(`${BEGINNING}${base64}"}}`);
      expect(decodeBytes(plain, 0, plain.length)).toEqual(packet({ re: 1, seq: 2, item }));
      const full = Buffer.from(`${BEGINNING}${base64}","full":true}}`);
      expect(decodeBytes(full, 0, full.length)).toEqual(packet({ re: 1, seq: 2, item, full: true }));
    }
  });

  it('is read from its bytes from a length on, wherever its frame begins', () => {
    /** A frame of a length. The base64 fills it in steps of four characters, the id the rest. */
    const ofLength = (length: number) => {
      const rest = (length - BEGINNING.length - 3) % 4;
      const beginning = BEGINNING.replace('"re":1', `"re":${'1'.repeat(1 + rest)}`);
      return Buffer.from(`${beginning}${'QUJD'.repeat((length - beginning.length - 3) / 4)}"}}`);
    };
    for (const length of [LONG_ITEM - 1, LONG_ITEM, LONG_ITEM + 1]) {
      const bytes = Buffer.concat([Buffer.alloc(5000), ofLength(length), Buffer.alloc(5000)]);
      const isRead = decodeBytes(bytes, 5000, 5000 + length) !== undefined;
      expect(isRead)
        .withContext(`${length}`)
        .toBe(length >= LONG_ITEM);
    }
  });

  it('is read from its bytes if its frame is long and written as ours are, and otherwise by JSON.parse', () => {
    const long = frame(BEGINNING, '"}}');
    expect((decodeBytes(long, 0, long.length)?.data as Item | undefined)?.item).toEqual(
      Buffer.from('ABC'.repeat(LONG_ITEM / 4)),
    );
    const inside = Buffer.concat([Buffer.from('xx'), long, Buffer.from('yy')]);
    expect(decodeBytes(inside, 2, inside.length - 2)).toEqual(decodeBytes(long, 0, long.length));
    const longest = BEGINNING.replace('"re":1', '"re":999999999999999').replace(
      '"seq":2',
      '"seq":999999999999999',
    );
    const numbered = frame(longest, '"}}');
    expect(decodeBytes(numbered, 0, numbered.length)?.data).toEqual(
      jasmine.objectContaining({ re: 999_999_999_999_999, seq: 999_999_999_999_999 }),
    );
    const others = [
      Buffer.from(`${BEGINNING}QUJD"}}`),
      frame(BEGINNING.replace('ipc:item', 'ipc:itex'), '"}}'),
      frame(BEGINNING.replace('"re":1', '"re":"1"'), '"}}'),
      frame(BEGINNING.replace('"re":1', '"re":01'), '"}}'),
      frame(BEGINNING.replace('"seq":2', '"seq":-2'), '"}}'),
      frame(BEGINNING.replace('"seq":2', '"seq":02'), '"}}'),
      frame(BEGINNING.replace('"seq":2', '"seq":9007199254740993'), '"}}'),
      frame(BEGINNING.replace('base64', 'item'), '"}}'),
      frame(BEGINNING, '\\/"}}'),
      frame(BEGINNING, '\u0001AAA"}}'),
      frame(BEGINNING, 'é"}}'),
      frame(BEGINNING, 'AA"}}'),
      frame(BEGINNING, '","base64":"AAAA"}}'),
      frame(BEGINNING, '","full":false}}'),
      frame(BEGINNING, '","full":null}}'),
      frame(BEGINNING, '"]}'),
      frame(BEGINNING, '"}'),
      frame(BEGINNING, ''),
      frame(BEGINNING, `"}}${' '.repeat(4096)}`),
    ];
    for (const other of others) expect(decodeBytes(other, 0, other.length)).toBeUndefined();
  });
});

/** A packet with its bytes as text, which is compared much faster. */
function comparable({ type, data }: Packet): unknown {
  if (type !== ITEM) return { type, data };
  const { base64: _, ...rest } = data as Item;
  return { type, data: { ...rest, item: (itemOf(data as Item) as Buffer).toString('latin1') } };
}
