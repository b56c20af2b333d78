import fc from 'fast-check';
import { IPCError } from '../../../entities/errors.js';
import type { LongText, Packet } from '../../../entities/packet.js';
import { NegotiatedDialect } from '../../../lib/dialects/negotiated.js';
import { NodeIpcDialect } from '../../../lib/dialects/node-ipc.js';
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

const json = new NodeIpcDialect('\f');
const decodeText = (text: string, dialect = json) =>
  read(dialect.decoder(LIMITS), [Buffer.from(text)]).packets;
const textOf = (packet: Packet, dialect = json) => bytesOf(dialect, packet).toString();

/** Delimiters that config allows, some of which overlap with JSON or with themselves. */
const DELIMITERS = [
  '\f',
  '\n',
  '\0\0',
  '||',
  '§',
  '\u{1f600}',
  '\u2028',
  '/',
  '}|{',
  '|"}|',
  'x{"type":"x',
  '\t\t',
  'ab|"',
];

describe('The json dialect', () => {
  it("writes node-ipc's bytes", () => {
    expect(textOf({ type: 'app.message', data: { id: 'world', message: 'é\f' } })).toBe(
      '{"type":"app.message","data":{"id":"world","message":"é\\f"}}\f',
    );
    expect(textOf({ type: 'a"b', data: null })).toBe('{"type":"a\\"b","data":null}\f');
    expect(textOf({ type: '', data: 0 })).toBe('{"type":"","data":0}\f');
  });

  it('writes data that JSON omits as {}, as node-ipc writes undefined', () => {
    for (const data of [undefined, () => 0, Symbol('x'), { toJSON: () => undefined }]) {
      expect(textOf({ type: 'x', data })).toBe('{"type":"x","data":{}}\f');
    }
  });

  it('adds the fields of requests, answers and refusals', () => {
    expect(textOf({ type: 'add', data: [1], id: 7 })).toBe('{"type":"add","data":[1],"id":7}\f');
    expect(textOf({ type: 'add', data: 2, re: 7 })).toBe('{"type":"add","data":2,"re":7}\f');
    expect(textOf({ type: 'a"b', data: undefined, re: 7 })).toBe('{"type":"a\\"b","re":7}\f');
    expect(textOf({ type: 'add', data: null, re: 7 })).toBe('{"type":"add","data":null,"re":7}\f');
    const error = { name: 'Error', message: 'no', code: 'E' };
    expect(textOf({ type: 'add', data: undefined, re: 7, error })).toBe(
      '{"type":"add","data":{},"re":7,"error":{"name":"Error","message":"no","code":"E"}}\f',
    );
  });

  it('writes a long frame in the same format as a short one', () => {
    const data = { text: 'é"\f'.repeat(50_000) };
    expect(textOf({ type: 'ü', data, id: 1 })).toBe(`${JSON.stringify({ type: 'ü', data, id: 1 })}\f`);
    expect(textOf({ type: 'ü', data }, new NodeIpcDialect('||'))).toBe(
      `${JSON.stringify({ type: 'ü', data })}||`,
    );
  });

  it('passes a long text on without a copy', () => {
    const text = 'aé€\n'.repeat(50_000);
    const parts = json.encode({ type: 'x', data: { text }, id: 1 }) as (string | LongText)[];
    expect(parts.map((part) => (typeof part === 'string' ? part : part.text === text))).toEqual([
      '{"type":"x","data":{"text":"',
      true,
      '"},"id":1}\f',
    ]);
    const list = [[text]];
    expect(json.encode({ type: 'x', data: list })).toEqual([
      '{"type":"x","data":',
      JSON.stringify(list),
      '}\f',
    ]);
    const around = decodeText(textOf({ type: 'x', data: { text, more: 1 } })).at(0) as Packet;
    expect(around).toEqual({ type: 'x', data: { text, more: 1 } });
  });

  it('refuses values that JSON cannot represent', () => {
    const circle: unknown[] = [];
    circle.push(circle);
    for (const data of [
      1n,
      circle,
      {
        toJSON: () => {
          throw new Error('mine');
        },
      },
    ]) {
      expect(codeThrown(() => json.encode({ type: 'x', data }))).toBe('ERR_IPC_ENCODE');
    }
  });

  describe('reading', () => {
    const packets: Packet[] = [
      { type: 'message', data: { id: 'wörld', list: [1, '€', null] } },
      { type: '', data: '' },
      { type: 'x', data: null },
      { type: 'x', data: false },
      { type: 'x', data: 0 },
      { type: '\u{1f600}', data: '\ud83d\f', id: 3 },
      { type: 'x', data: [], re: 3 },
      { type: 'x', data: {}, re: 4, error: { name: 'Error', message: 'no' } },
    ];
    for (const delimiter of ['\f', '\0\0', '§']) {
      describe(`with ${JSON.stringify(delimiter)}`, () => {
        const dialect = new NodeIpcDialect(delimiter);
        const make = () => dialect.decoder(LIMITS);
        itReadsFrames(make, bytesOf(dialect, ...packets), packets);
        itGivesBackWhatItHasNotRead(make, bytesOf(dialect, ...packets), packets);
      });
    }
  });

  it('reads what it wrote, whatever the packets, the delimiter and the chunks', () => {
    const stream = fc.array(packetWith(jsonValue), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.constantFrom(...DELIMITERS), stream, sizes, (delimiter, packets, pieces) => {
        const dialect = new NodeIpcDialect(delimiter);
        const outcome = read(dialect.decoder(LIMITS), cut(bytesOf(dialect, ...packets), pieces));
        expect(outcome).toEqual({ packets: packets.map(tidy), error: undefined });
      }),
      RUNS,
    );
  });

  it('keeps a payload in its frame, even if it contains the delimiter', () => {
    const texts = fc.array(
      fc.oneof(fc.constantFrom(...DELIMITERS, '"}', '"', '\\', '{', '}', '|'), fc.string()),
    );
    fc.assert(
      fc.property(fc.constantFrom(...DELIMITERS), texts, eventName, (delimiter, pieces, type) => {
        const dialect = new NodeIpcDialect(delimiter);
        const data = pieces.join('');
        const text = textOf({ type: type + data, data }, dialect);
        expect(text.indexOf(delimiter)).toBe(text.length - delimiter.length);
        expect(JSON.parse(text.slice(0, -delimiter.length))).toEqual({ type: type + data, data });
      }),
      RUNS,
    );
  });

  it('writes a part of the delimiter unchanged', () => {
    expect(textOf({ type: 'a|b', data: '|' }, new NodeIpcDialect('||'))).toBe('{"type":"a|b","data":"|"}||');
    expect(textOf({ type: 'x', data: 'a||b|' }, new NodeIpcDialect('||'))).toBe(
      '{"type":"x","data":"a\\u007c\\u007cb\\u007c"}||',
    );
  });

  it('reports invalid frames, and continues to read', () => {
    const frames = [
      'no json',
      '{"type":"x"',
      'null',
      '5',
      '"text"',
      '[]',
      '{}',
      '{"type":5}',
      '{"type":null,"data":1}',
    ];
    for (const frame of frames) {
      const decoded = decodeText(`${frame}\f{"type":"next","data":1}\f`);
      expect(decoded)
        .withContext(frame)
        .toEqual([
          { type: '', error: 'ERR_IPC_DECODE' },
          { type: 'next', data: 1 },
        ]);
    }
  });

  it('reports an unreadable frame without its content', () => {
    let error: unknown;
    new Reader(json.decoder(LIMITS)).push(Buffer.from(`${'x'.repeat(1000)}\f`), (packet) => {
      error = packet.error;
      return true;
    });
    expect(error).toBeInstanceOf(IPCError);
    expect((error as Error).message).toBe('A frame is not JSON; it was dropped (length 1000).');
  });

  it('treats a frame whose re is neither a string nor a number as an event with a member of the peer', () => {
    for (const re of ['null', '{}', '{"x":1}', 'true', '[1]', '1e400']) {
      expect(decodeText(`{"type":"x","data":1,"re":${re},"error":{"message":"no"}}\f`))
        .withContext(re)
        .toEqual([{ type: 'x', data: 1 }]);
    }
  });

  it('keeps an id that is a string or number, and drops any other id, and an error without a request', () => {
    for (const id of ['null', '{}', '1e400', 'true', '[1]']) {
      expect(decodeText(`{"type":"x","data":1,"id":${id}}\f`)).toEqual([{ type: 'x', data: 1 }]);
    }
    for (const id of ['1', 'seven', '', 0, -1, 1.5, 2 ** 60]) {
      for (const packet of [
        { type: 'x', data: 1, id },
        { type: 'x', data: 1, re: id },
      ]) {
        expect(read(json.decoder(LIMITS), [bytesOf(json, packet)]).packets).toEqual([packet]);
      }
    }
    expect(decodeText('{"type":"x","data":1,"error":{"message":"forged"}}\f')).toEqual([
      { type: 'x', data: 1 },
    ]);
  });

  it('refuses a name that exceeds the limit', () => {
    const named = (length: number) => `{"type":"${'x'.repeat(length)}","data":1}\f`;
    expect((decodeText(named(4096))[0] as Packet).type.length).toBe(4096);
    expect(decodeText(named(4097))).toEqual([{ type: '', error: 'ERR_IPC_DECODE' }]);
  });

  it('skips blank frames without an exception for each', () => {
    const parse = spyOn(JSON, 'parse').and.callThrough();
    expect(decodeText(`\f \r\n\f${' \f'.repeat(100)}`)).toEqual([]);
    expect(parse).not.toHaveBeenCalled();
    expect(decodeText('\f \r\n\f{"type":"x","data":1}\f\n')).toEqual([{ type: 'x', data: 1 }]);
  });

  it('refuses to write a message that exceeds maxMessageSize in bytes', () => {
    for (const delimiter of ['\f', '§']) {
      const limits = { maxMessageSize: 200_000, maxDepth: 500 };
      const limited = new NodeIpcDialect(delimiter, limits);
      const around = '{"type":"x","data":""}'.length;
      for (const text of ['é'.repeat((200_000 - around) / 2), 'x'.repeat(200_000 - around)]) {
        const fits = bytesOf(limited, { type: 'x', data: text });
        expect(read(limited.decoder(limits), [fits]).packets).toEqual([{ type: 'x', data: text }]);
        expect(codeThrown(() => limited.encode({ type: 'x', data: `${text}é` }))).toBe('ERR_IPC_TOO_LARGE');
        expect(codeThrown(() => limited.encode({ type: 'x', data: { text: `${text}é` } }))).toBe(
          'ERR_IPC_TOO_LARGE',
        );
      }
    }
  });

  it('can prefix its frames with their length, in either byte order', () => {
    for (const order of ['big-endian', 'little-endian'] as const) {
      const prefixing = new NodeIpcDialect('\f', LIMITS, order);
      const packets = [
        { type: 'x', data: 'ü\f' },
        { type: 'y', data: { a: [1] }, id: 7 },
        { type: 'z', data: null, re: 'a' },
      ];
      const bytes = bytesOf(prefixing, ...packets);
      expect(bytes.readUInt32BE(0) === 26).toBe(order === 'big-endian');
      for (const size of [1, 3, 100])
        expect(read(prefixing.decoder(LIMITS), cut(bytes, [size])).packets).toEqual(packets);
      expect(read(prefixing.decoder(LIMITS), [Buffer.from('POST / HTTP/1.1\r\n')]).error).toBe(
        'ERR_IPC_TOO_LARGE',
      );
    }
  });

  it('treats names of prototypes as ordinary names', () => {
    const [packet] = decodeText('{"type":"__proto__","data":{"__proto__":{"polluted":1},"constructor":2}}\f');
    const { data } = packet as Packet;
    expect(Object.keys(data as object)).toEqual(['__proto__', 'constructor']);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    const own = decodeText('{"type":"x","__proto__":{"id":5},"data":1}\f')[0];
    expect(own).toEqual({ type: 'x', data: 1 });
  });

  it('uses the last of two equal keys', () => {
    expect(decodeText('{"type":"a","type":"b","data":1,"data":2}\f')).toEqual([{ type: 'b', data: 2 }]);
  });

  it('reads numbers as JSON.parse does, however large', () => {
    expect(decodeText(`{"type":"x","data":[1e400,-1e400,${'9'.repeat(400)},1e-400,-0]}\f`)).toEqual([
      {
        type: 'x',
        data: [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, 0, -0],
      },
    ]);
  });

  it('carries lone surrogates', () => {
    const packet = { type: '\udc00', data: '\ud800 \ude00\ud83d' };
    expect(read(json.decoder(LIMITS), [bytesOf(json, packet)]).packets).toEqual([packet]);
  });

  it('reads deeply nested data, and reports data beyond the limit of depth', () => {
    const nested = (levels: number) => `{"type":"x","data":${'['.repeat(levels)}${']'.repeat(levels)}}\f`;
    expect((decodeText(nested(500))[0] as Packet).type).toBe('x');
    for (const levels of [501, 100_000]) {
      expect(decodeText(`${nested(levels)}{"type":"next"}\f`)).toEqual([
        { type: '', error: 'ERR_IPC_TOO_DEEP' },
        { type: 'next' },
      ]);
    }
  });

  it('does not write data beyond the limit of depth, also beside a long text', () => {
    const nested = (levels: number): unknown => {
      let value: unknown = 1;
      for (let i = 0; i < levels; i++) value = [value];
      return value;
    };
    const text = 'x'.repeat(1_000_000);
    // The array of both is a level, too.
    const codes = [499, 500].map((levels) =>
      codeThrown(() => json.encode({ type: 'x', data: [text, nested(levels)] })),
    );
    expect(codes).toEqual([undefined, 'ERR_IPC_TOO_DEEP']);
  });

  it('stops reading from a peer that speaks HTTP', () => {
    const request = 'POST / HTTP/1.1\r\nHost: localhost\r\n\r\n\f{"type":"x","data":1}\f';
    expect(read(json.decoder(LIMITS), [Buffer.from(request)])).toEqual({
      packets: [],
      error: 'ERR_IPC_PROTOCOL',
    });
    expect(decodeText('HTTP\f')).toEqual([{ type: '', error: 'ERR_IPC_DECODE' }]);
  });

  it('refuses to write data that is nested too deep', () => {
    let data: unknown = 1;
    for (let i = 0; i < 100_000; i++) data = [data];
    expect(codeThrown(() => json.encode({ type: 'x', data }))).toBe('ERR_IPC_TOO_DEEP');
  });

  it('reads bytes that are not UTF-8 as replacement characters', () => {
    const bytes = Buffer.concat([
      Buffer.from('{"type":"x","data":"'),
      Buffer.from([0xff, 0xc3]),
      Buffer.from('"}\f'),
    ]);
    expect(read(json.decoder(LIMITS), cut(bytes, [1])).packets).toEqual([
      { type: 'x', data: '\ufffd\ufffd' },
    ]);
  });

  it('gives packets or IPCErrors for any bytes, and the same for any chunks', () => {
    const frame = jsonValue.map((data) => bytesOf(json, { type: 'x', data }));
    const noise = fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes));
    const limits = { maxMessageSize: 200, maxDepth: 500 };
    fc.assert(
      fc.property(fc.array(fc.oneof(frame, noise), { maxLength: 8 }), sizes, (pieces, cuts) => {
        const bytes = Buffer.concat(pieces);
        const whole = read(json.decoder(limits), [bytes]);
        // Noise may begin as HTTP or TLS does.
        expect([undefined, 'ERR_IPC_TOO_LARGE', 'ERR_IPC_PROTOCOL']).toContain(whole.error);
        expect(read(json.decoder(limits), cut(bytes, cuts))).toEqual(whole);
      }),
      RUNS,
    );
  });

  it('switches to the negotiated dialect', () => {
    expect(json.negotiated({ codec: 'json', compress: false }, LIMITS)).toBe(json);
    const packing = json.negotiated({ codec: 'msgpack', compress: false }, LIMITS);
    expect(packing).toBeInstanceOf(NegotiatedDialect);
    expect(packing.name).toBe('msgpack');
    expect(json.negotiated({ codec: 'json', compress: true }, LIMITS).name).toBe('json, compressed');
  });

  it('shares one dialect among connections with msgpack, but none with compression', () => {
    const packs = { codec: 'msgpack', compress: false };
    expect(json.negotiated(packs, LIMITS)).toBe(json.negotiated(packs, LIMITS));
    expect(json.negotiated(packs, LIMITS).capabilities.sharedEncoding).toBeTrue();
    const deflates = { codec: 'msgpack', compress: true };
    expect(json.negotiated(deflates, LIMITS)).not.toBe(json.negotiated(deflates, LIMITS));
    expect(json.negotiated(deflates, LIMITS).capabilities.sharedEncoding).toBeFalse();
  });

  it('agrees on no unknown codec', () => {
    json.negotiated({ codec: 'msgpack', compress: false }, LIMITS);
    expect(codeThrown(() => json.negotiated({ codec: 'xml', compress: false }, LIMITS))).toBe(
      'ERR_IPC_PROTOCOL',
    );
    expect(codeThrown(() => json.negotiated({ codec: {} as string, compress: true }, LIMITS))).toBe(
      'ERR_IPC_PROTOCOL',
    );
  });
});
