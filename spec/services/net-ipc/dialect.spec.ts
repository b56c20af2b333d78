import { createRequire } from 'node:module';
import { inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import type { Packet } from '../../../entities/packet.js';
import { lengthEnd, readLength } from '../../../services/net-ipc/base128.js';
import { NetIpcDialect } from '../../../services/net-ipc/dialect.js';
import {
  bytesOf,
  codeThrown,
  cut,
  jsonValue,
  LIMITS,
  RUNS,
  read,
  sizes,
} from '../../lib/dialects/decoding.js';

const client = new NetIpcDialect({ role: 'client' });
const server = new NetIpcDialect({ role: 'server' });

/** The bodies of frames. */
function bodiesOf(bytes: Buffer): Buffer[] {
  const bodies: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const start = lengthEnd(bytes, at);
    const end = start + readLength(bytes, at, start);
    bodies.push(bytes.subarray(start, end));
    at = end;
  }
  return bodies;
}

const textOf = (packet: Packet, dialect = client) =>
  bodiesOf(bytesOf(dialect, packet))
    .map((body) => body.toString())
    .join(' ');

describe("net-ipc's dialect", () => {
  it("writes net-ipc's bytes", () => {
    const hello = { type: 'ipc:hello', data: { credentials: { secret: 1 } } };
    const body = '{"t":0,"d":{"compress":false,"messagepack":false,"extras":{"secret":1},"id":null}}';
    expect(bytesOf(client, hello).toString('latin1')).toBe(`\xd2${body}`);
    expect(
      bytesOf(client, { type: 'message', data: 'é'.repeat(100) })
        .subarray(0, 4)
        .toString('hex'),
    ).toBe('01d67b22');
  });

  it('writes hello and welcome as net-ipc does', () => {
    const data = { session: 'former', credentials: 'pw', codecs: ['msgpack'], compress: true };
    expect(textOf({ type: 'ipc:hello', data })).toBe(
      '{"t":0,"d":{"compress":true,"messagepack":true,"extras":"pw","id":"former"}}',
    );
    expect(textOf({ type: 'ipc:hello', data: {} })).toBe(
      '{"t":0,"d":{"compress":false,"messagepack":false,"id":null}}',
    );
    expect(textOf({ type: 'ipc:welcome', data: { id: 'x', codec: 'msgpack', compress: true } }, server)).toBe(
      '{"t":0,"d":{"id":"x","compress":true,"messagepack":true}}',
    );
    expect(textOf({ type: 'ipc:welcome', data: { id: 'x' } }, server)).toBe(
      '{"t":0,"d":{"id":"x","compress":false,"messagepack":false}}',
    );
  });

  it('returns short frames as text, which encodes to the same bytes jointly and separately', () => {
    const texts = [
      'x',
      'x'.repeat(200),
      'x'.repeat(16_000),
      'é',
      'é'.repeat(100),
      '€'.repeat(16_000),
      '\x7f',
      '\0',
    ];
    const packets: (Packet & { data: string })[] = texts.flatMap((data) => [
      { type: 'message', data },
      { type: 'request', data, id: 1 },
      { type: 'request', data, re: 'né' },
    ]);
    for (const some of [
      packets,
      packets.filter(({ data, re }) => /^[\0-\x7f]*$/.test(data) && re === undefined),
    ]) {
      const frames = some.map((packet) => client.encode(packet) as string);
      const bytes = client.bytes(frames.join(''));
      expect(bytes).toEqual(Buffer.concat(frames.map((frame) => client.bytes(frame))));
      const bodies = bodiesOf(bytes).map((body) => JSON.parse(body.toString()));
      expect(bodies.map(({ d }) => d)).toEqual(some.map(({ data }) => data));
      expect(bodies.map(({ n }) => n)).toEqual(some.map(({ id, re }) => re ?? id?.toString()));
    }
    expect(client.encode({ type: 'message', data: 'x'.repeat(17_000) })).toBeInstanceOf(Buffer);
  });

  it('sends an event named message as its data, and others with their names', () => {
    expect(textOf({ type: 'message', data: { a: 1 } })).toBe('{"t":1,"d":{"a":1}}');
    expect(textOf({ type: 'message', data: undefined })).toBe('{"t":1}');
    expect(textOf({ type: 'news', data: 'x' })).toBe('{"t":1,"d":{"type":"news","data":"x"}}');
  });

  it('sends a request named request as its data, and others with their names', () => {
    expect(textOf({ type: 'request', data: 'q', id: 7 })).toBe('{"t":2,"d":"q","n":"7"}');
    expect(textOf({ type: 'add', data: [1, 2], id: 8 })).toBe(
      '{"t":2,"d":{"type":"add","data":[1,2]},"n":"8"}',
    );
  });

  it("answers with the request's own nonce", () => {
    expect(textOf({ type: 'request', data: { a: 1 }, re: 'k3j' })).toBe('{"t":3,"d":{"a":1},"n":"k3j"}');
    expect(textOf({ type: 'request', data: undefined, re: 'a"b' })).toBe('{"t":3,"n":"a\\"b"}');
    expect(textOf({ type: 'request', data: 0, re: 5 })).toBe('{"t":3,"d":0,"n":5}');
  });

  it('answers a refused request with nothing, as net-ipc does, with the reason in an extra field', () => {
    const error = { name: 'Error', message: 'no', code: 'E' };
    expect(textOf({ type: 'request', data: { left: 'over' }, re: 'x', error })).toBe(
      '{"t":3,"n":"x","e":{"name":"Error","message":"no","code":"E"}}',
    );
    const [packet] = read(connected('client').decoder(LIMITS), [
      bytesOf(server, { type: 'request', data: 1, re: '5', error }),
    ]).packets;
    expect(packet).toEqual({ type: 'request', re: 5, error });
  });

  it('pings and answers pings', () => {
    expect(textOf({ type: 'ipc:ping', data: undefined, id: 3 })).toBe('{"t":4,"n":"3"}');
    expect(textOf({ type: 'ipc:ping', data: undefined, re: 'abc' })).toBe('{"t":5,"n":"abc"}');
  });

  it('writes a close with the reason and whether to reconnect', () => {
    expect(textOf({ type: 'ipc:bye', data: { reason: 'why', reconnect: false } })).toBe(
      '{"t":6,"d":{"m":"why","a":false}}',
    );
    expect(textOf({ type: 'ipc:bye', data: { reason: 'why', reconnect: true } })).toBe(
      '{"t":6,"d":{"m":"why","a":true}}',
    );
    expect(textOf({ type: 'ipc:bye', data: {} })).toBe('{"t":6,"d":{"a":true}}');
  });

  it("sends subscriptions as isdk's ipc-server does: as requests", () => {
    expect(textOf({ type: 'ipc:subscribe', data: ['news'], id: 1 })).toBe(
      '{"t":2,"d":{"sub":"news"},"n":"1"}',
    );
    expect(textOf({ type: 'ipc:unsubscribe', data: ['news'], id: 2 })).toBe(
      '{"t":2,"d":{"unsub":"news"},"n":"2"}',
    );
    expect(textOf({ type: 'ipc:subscribe', data: [], id: 3 })).toBe('{"t":2,"d":{"sub":[]},"n":"3"}');
    expect(textOf({ type: 'ipc:subscribe', data: ['a', 'b'], id: 4 })).toBe(
      '{"t":2,"d":{"sub":["a","b"]},"n":"4"}',
    );
    const fresh = new NetIpcDialect({ role: 'client' });
    expect(textOf({ type: 'ipc:publish', data: { topic: 'a', data: 1 } }, fresh)).toBe(
      '{"t":2,"d":{"pub":"a","message":1},"n":"t1"}',
    );
  });

  it("forwards a publication as isdk's ipc-server does: as a message, with any payload", () => {
    for (const [data, body] of [
      [1, '{"pub":"a","message":1}'],
      [0, '{"pub":"a","message":0}'],
      ['', '{"pub":"a","message":""}'],
      [null, '{"pub":"a","message":null}'],
      [undefined, '{"pub":"a"}'],
    ]) {
      expect(textOf({ type: 'ipc:message', data: { topic: 'a', data } })).toBe(`{"t":1,"d":${body}}`);
    }
  });

  it('encodes nothing for packets that net-ipc cannot express', () => {
    expect(client.encode({ type: 'ipc:other', data: 1 }).length).toBe(0);
  });

  it('refuses data that cannot be encoded', () => {
    for (const dialect of [client, connected('client', 'msgpack')]) {
      const circle: unknown[] = [];
      circle.push(circle);
      expect(codeThrown(() => dialect.encode({ type: 'message', data: circle }))).toMatch(
        /^ERR_IPC_(ENCODE|TOO_DEEP)$/,
      );
    }
  });

  it('opens with IPC, or with a request for an upgrade that the server must accept', () => {
    expect(client.handshake.preamble?.toString()).toBe('IPC');
    expect(client.handshake.awaitsUpgrade).toBeFalsy();
    const upgrading = new NetIpcDialect({ role: 'client', upgrade: 'net-ipc' });
    expect(upgrading.handshake.preamble?.toString()).toContain('Host: net-ipc\r\n');
    expect(upgrading.handshake.awaitsUpgrade).toBeTrue();
    const elsewhere = new NetIpcDialect({ role: 'client', upgrade: 'isdk-ipc', host: 'example.org' });
    expect(elsewhere.handshake.preamble?.toString()).toContain(
      'Host: example.org\r\nConnection: Upgrade\r\nUpgrade: isdk-ipc\r\n',
    );
    expect(server.handshake.preamble).toBeUndefined();
    expect(server.handshake.awaitsUpgrade).toBeFalsy();
  });

  it('does not change if only JSON is agreed on', () => {
    expect(server.negotiated({ codec: 'json', compress: false }, LIMITS)).toBe(server);
    expect([server.capabilities.sharedEncoding, server.handshake.hello]).toEqual([true, 'required']);
  });

  it('is another one after msgpack was agreed on: one for all connections', () => {
    const packs = { codec: 'msgpack', compress: false };
    const agreed = server.negotiated(packs, LIMITS);
    expect(agreed).toBe(server.negotiated(packs, LIMITS));
    expect([agreed.capabilities.sharedEncoding, agreed.handshake.hello]).toEqual([true, 'required']);
    expect(agreed.handshake.preamble).toBeUndefined();
  });

  it('is a separate one for each connection with compression', () => {
    const deflates = { codec: 'json', compress: true };
    expect(server.negotiated(deflates, LIMITS)).not.toBe(server.negotiated(deflates, LIMITS));
    expect(server.negotiated(deflates, LIMITS).capabilities.sharedEncoding).toBeFalse();
  });

  it('agrees on no unknown codec', () => {
    server.negotiated({ codec: 'msgpack', compress: false }, LIMITS);
    expect(codeThrown(() => server.negotiated({ codec: 'xml', compress: false }, LIMITS))).toBe(
      'ERR_IPC_PROTOCOL',
    );
  });

  it("packs bodies with msgpackr's defaults", () => {
    const { unpack } = createRequire(import.meta.url)('msgpackr');
    const [body] = bodiesOf(
      bytesOf(connected('client', 'msgpack'), { type: 'request', data: { a: Buffer.from('x') }, id: 7 }),
    );
    expect(unpack(body)).toEqual({ t: 2, d: { a: Buffer.from('x') }, n: '7' });
    const [none] = bodiesOf(bytesOf(connected('client', 'msgpack'), { type: 'message', data: undefined }));
    expect(unpack(none)).toEqual({ t: 1, d: undefined });
    const long = bytesOf(connected('client', 'msgpack'), { type: 'message', data: 'x'.repeat(20_000) });
    expect(bodiesOf(long).length).toBe(1);
    expect(unpack(bodiesOf(long)[0])).toEqual({ t: 1, d: 'x'.repeat(20_000) });
  });

  it('deflates bodies, and does not compress their lengths', () => {
    const deflating = connected('server', 'json', true);
    const bodies = bodiesOf(bytesOf(deflating, { type: 'message', data: 1 }, { type: 'message', data: 1 }));
    expect(bodies.length).toBe(2);
    expect(bodies.every((body) => body.subarray(-4).toString('hex') === '0000ffff')).toBeTrue();
    const stream = Buffer.concat([...bodies, Buffer.from([0x03, 0])]);
    expect(inflateRawSync(stream).toString()).toBe('{"t":1,"d":1}{"t":1,"d":1}');
  });

  for (const codec of ['json', 'msgpack']) {
    for (const compress of [false, true]) {
      it(`reads what it wrote in ${codec}${compress ? ', compressed' : ''}, whatever the chunks`, () => {
        const list = fc.array(jsonValue, { minLength: 1, maxLength: 5 });
        fc.assert(
          fc.property(list, sizes, (values, pieces) => {
            const [writer, reader] = [
              connected('server', codec, compress),
              connected('client', codec, compress),
            ];
            const bytes = bytesOf(
              writer,
              ...values.flatMap((data) => [
                { type: 'message', data },
                { type: 'request', data, id: 5 },
                { type: 'request', data, re: 'theirs' },
              ]),
            );
            const { packets, error } = read(reader.decoder(LIMITS), cut(bytes, pieces));
            expect(error).toBeUndefined();
            expect(packets.length).toBe(3 * values.length);
            if (codec === 'msgpack') return;
            expect(packets).toEqual(
              values.flatMap((data) => [
                { type: 'message', data },
                { type: 'request', data, id: '5' },
                { type: 'request', data, re: 'theirs' },
              ]),
            );
          }),
          { ...RUNS, numRuns: 60 },
        );
      });
    }
  }
});

/** What an end speaks when hello and welcome are over. Topics are left out, so that any data is data. */
function connected(role: 'client' | 'server', codec = 'json', compress = false): NetIpcDialect {
  return new NetIpcDialect({ role, topics: false, negotiation: { codec, compress } });
}
