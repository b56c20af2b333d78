import fc from 'fast-check';
import type { Packet } from '../../../entities/packet.js';
import { TopicDialect } from '../../../services/socket-ipc/dialect.js';
import {
  bytesOf,
  codeThrown,
  cut,
  itGivesBackWhatItHasNotRead,
  itReadsFrames,
  jsonValue,
  LIMITS,
  RUNS,
  read,
  sizes,
} from '../../lib/dialects/decoding.js';

const topic = new TopicDialect();
const textOf = (packet: Packet) => topic.encode(packet).toString();
const packetsOf = (...frames: string[]) =>
  read(topic.decoder(LIMITS), [Buffer.from(frames.map((frame) => `${frame}\0\0`).join(''))]).packets;

describe("socket-ipc's dialect", () => {
  it("writes socket-ipc's bytes: JSON.stringify({ topic, message }) and two NULs", () => {
    for (const [name, message] of [
      ['a', { x: 'é\0' }],
      ['', null],
      ['x"\0\0', 0],
      ['a', [undefined]],
      ['a', undefined],
    ] as const) {
      expect(textOf({ type: name, data: message })).toBe(`${JSON.stringify({ topic: name, message })}\0\0`);
    }
  });

  it('sends what is published under its topic', () => {
    const data = { topic: 'news', data: [1] };
    for (const type of ['ipc:publish', 'ipc:message']) {
      expect(textOf({ type, data })).toBe('{"topic":"news","message":[1]}\0\0');
    }
  });

  it('does not report control packets', () => {
    for (const type of ['ipc:hello', 'ipc:welcome', 'ipc:bye']) expect(textOf({ type, data: {} })).toBe('');
    expect(textOf({ type: 'x', data: 1, re: 5 })).toBe('');
  });

  it('refuses requests, which it cannot express, and data that is not JSON', () => {
    expect(codeThrown(() => topic.encode({ type: 'ask', data: 1, id: 5 }))).toBe('ERR_IPC_UNSUPPORTED');
    expect(codeThrown(() => topic.encode({ type: 'x', data: 1n }))).toBe('ERR_IPC_ENCODE');
  });

  describe('reading', () => {
    const packets: Packet[] = [
      { type: 'hello', data: { name: 'wörld €' } },
      { type: '', data: null },
      { type: 'x', data: undefined },
      { type: 'ipc:other', data: 0 },
      { type: 'x', data: 'a\0\0b' },
    ];
    itReadsFrames(() => topic.decoder(LIMITS), bytesOf(topic, ...packets), packets);
    itGivesBackWhatItHasNotRead(() => topic.decoder(LIMITS), bytesOf(topic, ...packets), packets);
  });

  it('reads what it wrote, whatever the topics, the messages and the chunks', () => {
    const packet = fc.record({ type: fc.string({ unit: 'binary' }), data: jsonValue });
    const named = packet.filter(({ type }) => !type.startsWith('ipc:'));
    fc.assert(
      fc.property(fc.array(named), sizes, (packets, pieces) => {
        const outcome = read(topic.decoder(LIMITS), cut(bytesOf(topic, ...packets), pieces));
        expect(outcome).toEqual({ packets, error: undefined });
      }),
      RUNS,
    );
  });

  it('reads topics that are left out or are not text', () => {
    expect(packetsOf('{"message":1}', '{"topic":5,"message":1}', '{"topic":null}', '{"topic":true}')).toEqual(
      [{ type: 'none', data: 1 }, { type: '5', data: 1 }, { type: 'none' }, { type: 'true' }],
    );
  });

  it('refuses a topic that exceeds the limit of names', () => {
    expect(packetsOf(`{"topic":"${'x'.repeat(4097)}"}`)).toEqual([{ type: '', error: 'ERR_IPC_DECODE' }]);
  });

  it('reports invalid frames, and continues to read', () => {
    for (const frame of ['no json', 'null', '5', '"x"', '{"topic":{}}', '{"topic":["a"]}']) {
      expect(packetsOf(frame, '{"topic":"next"}'))
        .withContext(frame)
        .toEqual([{ type: '', error: 'ERR_IPC_DECODE' }, { type: 'next' }]);
    }
  });

  it('gives packets or IPCErrors for any bytes, and the same for any chunks', () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 10 }).map((array) => Buffer.from(array)),
      fc.constantFrom('{"topic":"x"}\0\0', '\0', '\0\0\0', '{"topic":').map((text) => Buffer.from(text)),
    );
    const limits = { maxMessageSize: 40, maxDepth: 500 };
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), sizes, (pieces, cuts) => {
        const bytes = Buffer.concat(pieces);
        const whole = read(topic.decoder(limits), [bytes]);
        expect([undefined, 'ERR_IPC_TOO_LARGE']).toContain(whole.error);
        expect(read(topic.decoder(limits), cut(bytes, cuts))).toEqual(whole);
      }),
      RUNS,
    );
  });

  it('agrees to no other dialect, and has no subscriptions', () => {
    expect(topic.negotiated({ codec: 'msgpack', compress: true }, LIMITS)).toBe(topic);
    expect(topic.capabilities).toEqual({
      sharedEncoding: true,
      namedEvents: true,
      calls: false,
      streams: 'none',
      published: 'to-all',
    });
  });
});
