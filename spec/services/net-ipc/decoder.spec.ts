import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import type { Packet } from '../../../entities/packet.js';
import type { Finding } from '../../../lib/dialects/dialect.js';
import { ByteQueue } from '../../../lib/framing/byte-queue.js';
import { lengthSize, writeLength } from '../../../services/net-ipc/base128.js';
import { NetIpcDialect } from '../../../services/net-ipc/dialect.js';
import {
  bytesOf,
  codeThrown,
  cut,
  itGivesBackWhatItHasNotRead,
  itReadsFrames,
  LIMITS,
  Reader,
  RUNS,
  read,
  readOneByOne,
  sizes,
} from '../../lib/dialects/decoding.js';

const server = new NetIpcDialect({ role: 'server' });
const client = new NetIpcDialect({ role: 'client' });
const upgrading = new NetIpcDialect({ role: 'client', upgrade: 'net-ipc' });
const AGREED = { codec: 'json', compress: false };
const serverEnd = new NetIpcDialect({ role: 'server', negotiation: AGREED });
const clientEnd = new NetIpcDialect({ role: 'client', negotiation: AGREED });

function frame(body: string | Buffer | object): Buffer {
  const bytes = Buffer.isBuffer(body)
    ? body
    : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const size = lengthSize(bytes.length);
  const head = Buffer.alloc(size);
  writeLength(head, size, bytes.length);
  return Buffer.concat([head, bytes]);
}

const frames = (...bodies: (string | object)[]) => Buffer.concat(bodies.map(frame));
const packetsOf = (dialect: NetIpcDialect, ...bodies: (string | object)[]) =>
  read(dialect.decoder(LIMITS), [frames(...bodies)]).packets;

const HELLO = { t: 0, d: { compress: true, messagepack: true, extras: { secret: 1 }, id: 'former' } };

describe("The decoder of net-ipc's frames", () => {
  const bytes = frames(
    { t: 1, d: 'wörld €' },
    { t: 1 },
    { t: 2, d: { list: [1] }, n: 'abc' },
    { t: 3, d: 'x'.repeat(300), n: '7' },
    { t: 4, d: 5, n: 'p' },
    { t: 5, n: '8' },
    { t: 6, d: { m: 'bye', a: false } },
  );
  const packets: Packet[] = [
    { type: 'message', data: 'wörld €' },
    { type: 'message', data: undefined },
    { type: 'request', data: { list: [1] }, id: 'abc' },
    { type: 'request', data: 'x'.repeat(300), re: 7 },
    { type: 'ipc:ping', data: 5, id: 'p' },
    { type: 'ipc:ping', data: undefined, re: 8 },
    { type: 'ipc:bye', data: { reason: 'bye', reconnect: false } },
  ];
  itReadsFrames(() => serverEnd.decoder(LIMITS), bytes, packets);
  itGivesBackWhatItHasNotRead(() => serverEnd.decoder(LIMITS), bytes, packets);

  describe('on a server', () => {
    const hello: Packet = {
      type: 'ipc:hello',
      data: { compress: true, session: 'former', credentials: { secret: 1 }, codecs: ['msgpack'] },
    };
    const opened = Buffer.concat([Buffer.from('IPC'), frames(HELLO, { t: 1, d: 1 })]);

    it('reads the opening IPC, then the hello, however they are cut', () => {
      const expected = {
        packets: [{ answer: undefined }, hello, { type: 'message', data: 1 }],
        error: undefined,
      };
      for (let at = 0; at <= opened.length; at++) {
        const chunks = [opened.subarray(0, at), opened.subarray(at)];
        expect(read(server.decoder(LIMITS), chunks))
          .withContext(`cut at ${at}`)
          .toEqual(expected);
      }
      expect(read(server.decoder(LIMITS), cut(opened, [1]))).toEqual(expected);
      expect(readOneByOne(() => server.decoder(LIMITS), [opened], false)).toEqual(expected);
    });

    it('answers an upgrade, then reads the hello, however they are cut', () => {
      const stream = Buffer.concat([upgrading.handshake.preamble as Buffer, frames(HELLO)]);
      for (let at = 0; at <= stream.length; at++) {
        const chunks = [stream.subarray(0, at), stream.subarray(at)];
        const { packets: got } = read(server.decoder(LIMITS), chunks);
        expect(got.length).toBe(2);
        expect(String((got[0] as Finding).answer)).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/);
        expect(got[1]).toEqual(hello);
      }
    });

    it('leaves what follows an opening unread until it is asked again', () => {
      const unread = new ByteQueue();
      unread.append(Buffer.concat([upgrading.handshake.preamble as Buffer, frames(HELLO)]));
      const decoder = server.decoder(LIMITS);
      const found = decoder.read(unread, () => fail('a packet came') === undefined);
      expect(found?.answer).toBeInstanceOf(Buffer);
      expect(unread.length).toBe(frames(HELLO).length);
    });

    it('reports a stream that ends within the opening', () => {
      const decoder = new Reader(server.decoder(LIMITS));
      decoder.push(Buffer.from('GET / HT'), () => true);
      expect(decoder.buffered).toBe(8);
      expect(decoder.end()).toBe('ERR_IPC_DECODE');
    });

    it('reads a hello that asks for nothing', () => {
      const stream = Buffer.concat([
        Buffer.from('IPC'),
        frames({ t: 0, d: { compress: false, messagepack: false, id: null } }),
      ]);
      expect(read(server.decoder(LIMITS), [stream]).packets.slice(1)).toEqual([
        { type: 'ipc:hello', data: { compress: false } },
      ]);
      const empty = Buffer.concat([Buffer.from('IPC'), frames({ t: 0 })]);
      expect(read(server.decoder(LIMITS), [empty]).packets.slice(1)).toEqual([
        { type: 'ipc:hello', data: { compress: false } },
      ]);
    });

    it('accepts one hello, and reports another', () => {
      const stream = Buffer.concat([Buffer.from('IPC'), frames(HELLO, HELLO)]);
      expect(read(server.decoder(LIMITS), [stream]).packets.slice(1)).toEqual([
        hello,
        { type: '', error: 'ERR_IPC_DECODE' },
      ]);
      expect(packetsOf(serverEnd, HELLO)).toEqual([{ type: '', error: 'ERR_IPC_DECODE' }]);
    });

    it('fails if a peer opens in another way', () => {
      for (const begins of [
        '{"type":"x"}\f',
        'POST / HTTP/1.1\r\n',
        '\x16\x03\x01',
        'GET / HTTP/1.1\r\n\r\n',
      ]) {
        const code = read(server.decoder(LIMITS), [Buffer.from(begins, 'latin1')]).error;
        expect(code).withContext(begins).toBe('ERR_IPC_PROTOCOL');
      }
    });

    it("understands the requests for topics of isdk's clients", () => {
      expect(
        packetsOf(
          serverEnd,
          { t: 2, d: { sub: 'news' }, n: 'a' },
          { t: 2, d: { sub: ['a', 'b'] }, n: 'b' },
          { t: 2, d: { unsub: 'news' }, n: 'c' },
          { t: 2, d: { pub: 'news', message: { x: 1 } }, n: 'd' },
          { t: 2, d: { pub: 'news' }, n: 'e' },
        ),
      ).toEqual([
        { type: 'ipc:subscribe', data: ['news'], id: 'a' },
        { type: 'ipc:subscribe', data: ['a', 'b'], id: 'b' },
        { type: 'ipc:unsubscribe', data: ['news'], id: 'c' },
        { type: 'ipc:publish', data: { topic: 'news', data: { x: 1 } }, id: 'd' },
        { type: 'ipc:publish', data: { topic: 'news', data: undefined }, id: 'e' },
      ]);
    });

    it('reads requests that only resemble those as ordinary requests', () => {
      const bodies = [
        { sub: 1 },
        { sub: ['a', 1] },
        { sub: 'a', more: 1 },
        { sub: 'a', unsub: 'a' },
        { sub: 'a', message: 1 },
        { pub: 5, message: 1 },
        { pub: 'a', message: 1, more: 1 },
        { message: 1 },
        'sub',
        null,
        ['sub'],
      ];
      expect(packetsOf(serverEnd, ...bodies.map((d) => ({ t: 2, d, n: 'x' })))).toEqual(
        bodies.map((data) => ({ type: 'request', data, id: 'x' })),
      );
      const plain = new NetIpcDialect({ role: 'server', topics: false, negotiation: AGREED });
      const data = { sub: 'news' };
      expect(packetsOf(plain, { t: 2, d: data, n: 'x' })).toEqual([{ type: 'request', data, id: 'x' }]);
    });
  });

  describe('on a client', () => {
    it('reads the welcome', () => {
      expect(packetsOf(client, { t: 0, d: { id: 'x', compress: true, messagepack: true } })).toEqual([
        { type: 'ipc:welcome', data: { id: 'x', codec: 'msgpack', compress: true } },
      ]);
      expect(packetsOf(client, { t: 0, d: { id: 'x' } })).toEqual([
        { type: 'ipc:welcome', data: { id: 'x', codec: 'json', compress: false } },
      ]);
    });

    it('waits for the answer to an upgrade, however it is cut', () => {
      const answer = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: net-ipc\r\n\r\n';
      const stream = Buffer.concat([Buffer.from(answer), frames({ t: 0, d: { id: 'x' } })]);
      for (let at = 0; at <= stream.length; at++) {
        const { packets: got } = read(upgrading.decoder(LIMITS), [
          stream.subarray(0, at),
          stream.subarray(at),
        ]);
        expect(got[0]).toEqual({ answer: undefined });
        expect(got.slice(1).map((packet) => (packet as Packet).type)).toEqual(['ipc:welcome']);
      }
    });

    it('fails if the upgrade is refused', () => {
      const refusal = Buffer.from("HTTP/1.1 418 I'm a Teapot\r\n\r\n");
      expect(read(upgrading.decoder(LIMITS), [refusal])).toEqual({ packets: [], error: 'ERR_IPC_HANDSHAKE' });
    });

    it("reads publications of isdk's server, which are messages of one form", () => {
      expect(
        packetsOf(clientEnd, { t: 1, d: { pub: 'news', message: 0 } }, { t: 1, d: { pub: 'news' } }),
      ).toEqual([
        { type: 'ipc:message', data: { topic: 'news', data: 0 } },
        { type: 'ipc:message', data: { topic: 'news', data: undefined } },
      ]);
    });

    it('reads messages and requests that only resemble a publication as ordinary ones', () => {
      const bodies = [{ pub: 5, message: 1 }, { pub: 'a', message: 1, more: 1 }, { message: 1 }, null];
      expect(packetsOf(clientEnd, ...bodies.map((d) => ({ t: 1, d })))).toEqual(
        bodies.map((data) => ({ type: 'message', data })),
      );
      const publication = { pub: 'news', message: 1 };
      expect(packetsOf(clientEnd, { t: 2, d: publication, n: 'x' })).toEqual([
        { type: 'request', data: publication, id: 'x' },
      ]);
      expect(packetsOf(serverEnd, { t: 1, d: publication })).toEqual([
        { type: 'message', data: publication },
      ]);
      const plain = new NetIpcDialect({ role: 'client', topics: false, negotiation: AGREED });
      expect(packetsOf(plain, { t: 1, d: publication })).toEqual([{ type: 'message', data: publication }]);
    });
  });

  it('reads a close as net-ipc does: without content the client may reconnect', () => {
    const farewell = (d: unknown) => (packetsOf(clientEnd, { t: 6, d })[0] as Packet).data;
    expect(farewell({ m: 'x', a: true })).toEqual({ reason: 'x', reconnect: true });
    expect(farewell({ m: 'x', a: false })).toEqual({ reason: 'x', reconnect: false });
    expect(farewell({})).toEqual({ reason: undefined, reconnect: false });
    for (const nothing of [undefined, null, 0, '']) {
      expect(farewell(nothing)).toEqual({ reason: undefined, reconnect: true });
    }
  });

  it("keeps a peer's nonce unchanged", () => {
    expect(
      packetsOf(serverEnd, { t: 2, d: 1, n: '5' }, { t: 2, d: 1, n: 5 }, { t: 4, n: '__proto__' }),
    ).toEqual([
      { type: 'request', data: 1, id: '5' },
      { type: 'request', data: 1, id: 5 },
      { type: 'ipc:ping', id: '__proto__' },
    ]);
  });

  it('reports invalid frames, and continues to read', () => {
    const bodies = [
      '',
      'no json',
      'null',
      '5',
      '"x"',
      '[]',
      '{}',
      { t: 7 },
      { t: -1 },
      { t: '1', d: 1 },
      { t: 2, d: 1 },
      { t: 2, d: 1, n: '' },
      { t: 2, d: 1, n: {} },
      { t: 3, d: 1 },
      { t: 4 },
      { t: 5, n: true },
    ];
    for (const body of bodies) {
      const outcome = read(serverEnd.decoder(LIMITS), [frames(body, { t: 1, d: 'next' })]);
      expect(outcome)
        .withContext(JSON.stringify(body))
        .toEqual({
          packets: [
            { type: '', error: 'ERR_IPC_DECODE' },
            { type: 'message', data: 'next' },
          ],
          error: undefined,
        });
    }
  });

  it('reports invalid msgpack, and continues to read', () => {
    const packing = new NetIpcDialect({ role: 'server', negotiation: { codec: 'msgpack', compress: false } });
    const next = bytesOf(packing, { type: 'message', data: 'next' });
    for (const body of ['', 'c0', '01', '90', '80', '81a17407', 'c1', '81a174']) {
      const stream = Buffer.concat([frame(Buffer.from(body, 'hex')), next]);
      expect(read(packing.decoder(LIMITS), [stream]))
        .withContext(body)
        .toEqual({
          packets: [
            { type: '', error: 'ERR_IPC_DECODE' },
            { type: 'message', data: 'next' },
          ],
          error: undefined,
        });
    }
  });

  it('fails as soon as a length exceeds the limit, or is invalid', () => {
    const limits = { maxMessageSize: 300, maxDepth: 500 };
    const fits = new Reader(serverEnd.decoder(limits));
    fits.push(Buffer.from([0x02, 0xac]), () => true);
    expect(fits.buffered).toBe(2);
    const decoder = new Reader(serverEnd.decoder(limits));
    decoder.push(Buffer.from([0x02]), () => true);
    expect(codeThrown(() => decoder.push(Buffer.from([0xad]), () => true))).toBe('ERR_IPC_TOO_LARGE');
    expect(read(serverEnd.decoder(limits), cut(Buffer.alloc(20), [1])).error).toBe('ERR_IPC_PROTOCOL');
  });

  it('stops a decompression bomb', () => {
    const deflating = new NetIpcDialect({ role: 'server', negotiation: { codec: 'json', compress: true } });
    const bomb = frame(deflateRawSync(Buffer.alloc(8 * 1024 * 1024, ' ')));
    expect(read(deflating.decoder(LIMITS), [bomb]).error).toBe('ERR_IPC_TOO_LARGE');
    expect(read(deflating.decoder(LIMITS), [frame(Buffer.from([7]))]).error).toBe('ERR_IPC_PROTOCOL');
  });

  it('reports data that is nested too deep', () => {
    const body = `{"t":1,"d":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect(packetsOf(serverEnd, body)).toEqual([{ type: '', error: 'ERR_IPC_TOO_DEEP' }]);
  });

  it('gives packets or IPCErrors for any bytes, and the same for any chunks', () => {
    const noise = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array));
    const some = fc.oneof(
      noise,
      noise.map(frame),
      fc.constant(frames(HELLO)),
      fc.constant(bytes.subarray(0, 30)),
    );
    const begin = fc
      .constantFrom('', 'IPC', 'GET / HTTP/1.1\r\n', String(upgrading.handshake.preamble))
      .map((text) => Buffer.from(text));
    const limits = { maxMessageSize: 500, maxDepth: 500 };
    fc.assert(
      fc.property(fc.tuple(begin, fc.array(some, { maxLength: 5 })), sizes, ([first, pieces], cuts) => {
        const stream = Buffer.concat([first, ...pieces]);
        for (const dialect of [server, serverEnd, client, upgrading]) {
          const whole = read(dialect.decoder(limits), [stream]);
          expect([undefined, 'ERR_IPC_TOO_LARGE', 'ERR_IPC_PROTOCOL', 'ERR_IPC_HANDSHAKE']).toContain(
            whole.error,
          );
          expect(read(dialect.decoder(limits), cut(stream, cuts))).toEqual(whole);
        }
      }),
      RUNS,
    );
  });
});
