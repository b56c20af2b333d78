import fc from 'fast-check';
import type { DialectName } from '../../../entities/config.js';
import type { Packet } from '../../../entities/packet.js';
import { DetectDialect } from '../../../lib/dialects/detect.js';
import { DIALECT, type Dialect } from '../../../lib/dialects/dialect.js';
import { NetIpcDialect } from '../../../lib/dialects/net-ipc.js';
import { NodeIpcDialect } from '../../../lib/dialects/node-ipc.js';
import { TopicDialect } from '../../../lib/dialects/topic.js';
import { bytesOf, codeThrown, cut, LIMITS, NOTHING, RUNS, read, readOneByOne, sizes } from './decoding.js';

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

const OPENINGS: [Dialect, Buffer, string][] = [
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
  [netIpc, client.handshake.preamble as Buffer, 'ipc:upgrade'],
];

describe('A dialect that accepts several', () => {
  for (const [dialect, bytes, type] of OPENINGS) {
    it(`tells ${dialect.name} by ${JSON.stringify(bytes.toString('latin1', 0, 9))}, however it is cut, and reads on`, () => {
      for (let at = 0; at <= bytes.length; at++) {
        const chunks = [bytes.subarray(0, at), bytes.subarray(at)];
        const { packets, error } = read(accept.decoder(LIMITS), chunks);
        expect(error).toBeUndefined();
        expect(packets.map((packet) => (packet as Packet).type)).toEqual([DIALECT, type]);
        expect((packets[0] as Packet).data).toBe(dialect);
      }
      expect(read(accept.decoder(LIMITS), cut(bytes, [1])).packets.length).toBe(2);
    });

    it(`leaves ${JSON.stringify(bytes.toString('latin1', 0, 9))} to another decoder, where it is stopped`, () => {
      for (const chunks of [[bytes], cut(bytes, [1])]) {
        const decoder = accept.decoder(LIMITS);
        let found: Dialect | undefined;
        const rest: Buffer[] = [];
        for (const chunk of chunks) {
          if (found !== undefined) {
            rest.push(chunk);
            continue;
          }
          decoder.push(chunk, ({ data }) => {
            found = data as Dialect;
            return false;
          });
          if (found !== undefined) rest.push(decoder.rest());
        }
        expect(decoder.buffered).toBe(0);
        expect(Buffer.concat(rest)).toEqual(bytes);
        expect(read((found as Dialect).decoder(LIMITS), rest).packets.length).toBe(1);
      }
    });
  }

  it('waits where the first bytes do not tell yet, and counts them', () => {
    for (const begins of ['I', 'IP', 'G', 'GET', '{', '{"t', '{"topic"', '{"top']) {
      const decoder = accept.decoder(LIMITS);
      expect(read(decoder, [Buffer.from(begins)]).packets)
        .withContext(begins)
        .toEqual([]);
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
      expect((packets[0] as Packet).data)
        .withContext(begins)
        .toBe(dialect);
    }
  });

  it('goes on where it was stopped, if no other decoder takes over', () => {
    const bytes = Buffer.from('{"type":"x","data":1}\f{"type":"y","data":2}\f');
    const { packets } = readOneByOne(() => accept.decoder(LIMITS), [bytes, NOTHING], false);
    expect(packets.map((packet) => (packet as Packet).type)).toEqual([DIALECT, 'x', 'y']);
  });

  it('knows only what it accepts', () => {
    const two = new DetectDialect(new Map(ALL.slice(1)));
    expect(read(two.decoder(LIMITS), [Buffer.from('{"type":"x"}\f')])).toEqual({
      packets: [],
      error: 'ERR_IPC_PROTOCOL',
    });
    const plain = new DetectDialect(
      new Map([ALL[0] as [DialectName, Dialect], ALL[2] as [DialectName, Dialect]]),
    );
    expect((read(plain.decoder(LIMITS), [Buffer.from('I')]).packets[0] as Packet).data).toBe(json);
  });

  it('speaks, until it knows, what a peer that waits to be spoken to most likely speaks', () => {
    const packet = { type: 'x', data: 1 };
    expect(accept.encode(packet)).toBe('{"type":"x","data":1}\f');
    expect(accept.assumed).toBe(json);
    expect(new DetectDialect(new Map(ALL.slice(1))).assumed).toBe(topic);
    expect(accept.agree({ codec: 'json', compress: false }, LIMITS)).toBe(json);
    expect([accept.handshake.hello, accept.capabilities.sharedEncoding]).toEqual(['detect', true]);
  });

  it('gives packets or IPCErrors for any bytes, and the same for any chunks', () => {
    const begin = fc
      .constantFrom('', 'IPC', 'GET ', '{"topic":', '{"type":', '{"top')
      .map((text) => Buffer.from(text));
    const stream = fc.tuple(begin, fc.uint8Array({ maxLength: 40 })).map((parts) => Buffer.concat(parts));
    const limits = { maxMessageSize: 30 };
    fc.assert(
      fc.property(stream, sizes, (bytes, pieces) => {
        const whole = read(accept.decoder(limits), [bytes]);
        expect(read(accept.decoder(limits), cut(bytes, pieces))).toEqual(whole);
        expect(codeThrown(() => accept.decoder(limits).push(bytes, () => true))).toBe(whole.error);
      }),
      RUNS,
    );
  });
});
