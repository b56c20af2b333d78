import fc from 'fast-check';
import type { DialectName } from '../../../entities/config/wire.js';
import type { Packet } from '../../../entities/packet.js';
import { DetectDialect } from '../../../lib/dialects/detect.js';
import type { Dialect, Finding } from '../../../lib/dialects/dialect.js';
import { NodeIpcDialect } from '../../../lib/dialects/node-ipc.js';
import { registerDialect } from '../../../lib/dialects/registry.js';
import { ByteQueue } from '../../../lib/framing/byte-queue.js';
import { NET_IPC, NetIpcDialect } from '../../../services/net-ipc/dialect.js';
import { SOCKET_IPC, TopicDialect } from '../../../services/socket-ipc/dialect.js';
import { bytesOf, codeThrown, cut, LIMITS, Reader, RUNS, read, sizes } from './decoding.js';

registerDialect(NET_IPC);
registerDialect(SOCKET_IPC);

const json = new NodeIpcDialect('\f');
const topic = new TopicDialect();
const netIpc = new NetIpcDialect({ role: 'server' });
const client = new NetIpcDialect({ role: 'client', upgrade: 'net-ipc' });
const ALL: [DialectName, Dialect][] = [
  ['json', json],
  ['net-ipc', netIpc],
  ['topic', topic],
];
const accept = new DetectDialect(new Map(ALL));

const OPENINGS: [Dialect, Buffer, string | undefined][] = [
  [json, Buffer.from('{"type":"x","data":1}\f'), 'x'],
  [json, Buffer.from(' \n{"type":"x","data":1}\f'), 'x'],
  [json, Buffer.from('{"topics":1}\f'), ''],
  [json, Buffer.from('nonsense\f'), ''],
  [topic, Buffer.from('{"topic":"x","message":1}\0\0'), 'x'],
  [
    netIpc,
    Buffer.concat([Buffer.from('IPC'), bytesOf(client, { type: 'ipc:hello', data: {} })]),
    'ipc:hello',
  ],
  [netIpc, client.handshake.preamble as Buffer, undefined],
];

describe('A dialect that accepts several', () => {
  for (const [dialect, bytes, type] of OPENINGS) {
    it(`detects ${dialect.name} by ${JSON.stringify(bytes.toString('latin1', 0, 9))}, whatever the chunks`, () => {
      for (let at = 0; at <= bytes.length; at++) {
        const chunks = [bytes.subarray(0, at), bytes.subarray(at)];
        const { packets, error } = read(accept.decoder(LIMITS), chunks);
        expect(error).toBeUndefined();
        expect(packets[0]).toEqual({ dialect });
        expect((packets.at(-1) as Packet).type).toBe(type as string);
      }
      expect(read(accept.decoder(LIMITS), cut(bytes, [1])).packets[0]).toEqual({ dialect });
    });

    it(`leaves ${JSON.stringify(bytes.toString('latin1', 0, 9))} to the decoder of the dialect`, () => {
      const unread = new ByteQueue();
      unread.append(bytes);
      expect(accept.decoder(LIMITS).read(unread, () => true)?.dialect).toBe(dialect);
      expect(unread.take()).toEqual(bytes);
    });
  }

  it('waits if the first bytes are ambiguous, and counts them', () => {
    for (const begins of ['I', 'IP', 'G', 'GET', '{', '{"t', '{"topic"', '{"top']) {
      const decoder = new Reader(accept.decoder(LIMITS));
      decoder.push(Buffer.from(begins), () => fail('a packet came') === undefined);
      expect(decoder.buffered).toBe(begins.length);
      expect(decoder.rest().toString()).toBe(begins);
    }
  });

  it('decides as soon as it can', () => {
    for (const [begins, dialect] of [
      ['{"ty', json],
      ['IX', json],
      ['GEX', json],
      ['IPC', netIpc],
      ['GET ', netIpc],
    ] as const) {
      const { packets } = read(accept.decoder(LIMITS), [Buffer.from(begins)]);
      expect((packets[0] as Finding).dialect)
        .withContext(begins)
        .toBe(dialect);
    }
  });

  it('detects a dialect after a byte order mark', () => {
    const bytes = Buffer.from('\ufeff{"topic":"x","message":1}\0\0');
    for (const size of [1, 2, 100]) {
      const { packets } = read(accept.decoder(LIMITS), cut(bytes, [size]));
      expect(packets).toEqual([{ dialect: topic }, { type: 'x', data: 1 }]);
    }
  });

  it('reports a stream that ends before its dialect is known', () => {
    const decoder = new Reader(accept.decoder(LIMITS));
    expect(decoder.end()).toBeUndefined();
    decoder.push(Buffer.from('{"t'), () => true);
    expect(decoder.end()).toBe('ERR_IPC_DECODE');
    expect(decoder.buffered).toBe(0);
  });

  it('detects only dialects that it accepts', () => {
    const two = new DetectDialect(new Map(ALL.slice(1)));
    expect(read(two.decoder(LIMITS), [Buffer.from('{"type":"x"}\f')])).toEqual({
      packets: [],
      error: 'ERR_IPC_PROTOCOL',
    });
    const plain = new DetectDialect(
      new Map([ALL[0] as [DialectName, Dialect], ALL[2] as [DialectName, Dialect]]),
    );
    expect((read(plain.decoder(LIMITS), [Buffer.from('I')]).packets[0] as Finding).dialect).toBe(json);
  });

  it('uses, until it knows, the most likely dialect of a peer that waits for data', () => {
    const packet = { type: 'x', data: 1 };
    expect(accept.encode(packet)).toBe('{"type":"x","data":1}\f');
    expect(accept.assumed).toBe(json);
    expect(new DetectDialect(new Map(ALL.slice(1))).assumed).toBe(topic);
    const topics = new DetectDialect(new Map([['topic', topic]]));
    expect([topic.capabilities.calls, topics.capabilities.calls]).toEqual([false, true]);
    const needing = new DetectDialect(new Map([['net-ipc', netIpc] as const, ['second', client] as const]));
    expect(needing.assumed).toBe(netIpc);
    expect(accept.negotiated({ codec: 'json', compress: false }, LIMITS)).toBe(json);
    expect([accept.handshake.hello, accept.capabilities.sharedEncoding]).toEqual(['detect', true]);
  });

  it('gives packets or IPCErrors for any bytes, and the same for any chunks', () => {
    const begin = fc
      .constantFrom('', 'IPC', 'GET ', '{"topic":', '{"type":', '{"top')
      .map((text) => Buffer.from(text));
    const stream = fc.tuple(begin, fc.uint8Array({ maxLength: 40 })).map((parts) => Buffer.concat(parts));
    const limits = { maxMessageSize: 30, maxDepth: 500 };
    fc.assert(
      fc.property(stream, sizes, (bytes, pieces) => {
        const whole = read(accept.decoder(limits), [bytes], limits);
        expect(read(accept.decoder(limits), cut(bytes, pieces), limits)).toEqual(whole);
        expect(codeThrown(() => new Reader(accept.decoder(limits), limits).push(bytes, () => true))).toBe(
          whole.error,
        );
      }),
      RUNS,
    );
  });
});
