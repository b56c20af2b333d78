import type { Packet } from '../../../entities/packet.js';
import { headOf, RepeatedEvents } from '../../../lib/codecs/repeated-events.js';

const frameOf = (packet: object) => JSON.stringify(packet);

/** One that has learned events of a type. */
function knowing(type: string): RepeatedEvents {
  const envelope = new RepeatedEvents(500);
  for (let i = 0; i < 2; i++) {
    const frame = frameOf({ type, data: i });
    envelope.learn(JSON.parse(frame), frame);
  }
  return envelope;
}

const read = (envelope: RepeatedEvents, frame: string) =>
  envelope.read(frame, 0, frame.length, !frame.includes('\\'));

describe('Repeated events', () => {
  it('begins as JSON.stringify has it', () => {
    for (const type of ['message', '', 'a"b', '\u{1f600}', '\n']) {
      expect(`${headOf(type)}1}`).toBe(frameOf({ type, data: 1 }));
    }
  });

  it('reads what it has learned, wherever in a text it is', () => {
    for (const type of ['message', 'a"b\\', '\u{1f600}']) {
      const envelope = knowing(type);
      for (const data of [{}, { n: 1 }, [1, [2]], 'text', '', { text: '}{"' }]) {
        const frame = frameOf({ type, data });
        const text = `before\f${frame}\fafter`;
        expect(envelope.read(text, 7, 7 + frame.length, false)).toEqual({ type, data });
      }
    }
  });

  it('knows nothing at first, and nothing of an event that came once', () => {
    const frame = frameOf({ type: 'x', data: {} });
    const envelope = new RepeatedEvents(500);
    expect(read(envelope, frame)).toBeUndefined();
    envelope.learn(JSON.parse(frame), frame);
    expect(read(envelope, frame)).toBeUndefined();
    envelope.learn(JSON.parse(frame), frame);
    expect(read(envelope, frame)).toEqual({ type: 'x', data: {} });
  });

  it('leaves to others what is not surely an event of the kind', () => {
    const frames = [
      frameOf({ type: 'y', data: {} }),
      frameOf({ data: {}, type: 'x' }),
      frameOf({ type: 'x', data: 1 }),
      frameOf({ type: 'x', data: null }),
      frameOf({ type: 'x', data: {}, id: 1 }),
      frameOf({ type: 'x', data: {}, re: 1 }),
      frameOf({ type: 'x', data: {}, re: 1, error: { message: 'no' } }),
      frameOf({ type: 'x', data: {}, id: 'a' }),
      frameOf({ type: 'x', data: 'a', type2: 'b' }),
      '{"type":"x","data":{},"type":"y","data":{}}',
      '{"type":"x","data":{}]',
      '{"type":"x","data":"}',
      '{"type":"x","data":}',
      '{"type":"x","data":{"a":}}',
      '{"type":"x","data":{}}}',
      '{"type":"x","data":',
      '{"type":"x"}',
      '',
    ];
    for (const frame of frames)
      expect(read(knowing('x'), frame))
        .withContext(frame)
        .toBeUndefined();
  });

  it('looks no further than the end of its frame', () => {
    const text = '{"type":"x","data":{"a":1},"b":2}}';
    for (let to = 0; to < text.length; to++) {
      expect(knowing('x').read(text, 0, to, true))
        .withContext(text.slice(0, to))
        .toBeUndefined();
    }
  });

  it('forgets the kind whose frames say more, and does not learn it again until another came', () => {
    const envelope = knowing('x');
    const plain = frameOf({ type: 'x', data: {} });
    const learn = (type: string) => {
      const frame = frameOf({ type, data: {} });
      for (let i = 0; i < 2; i++) envelope.learn(JSON.parse(frame), frame);
    };
    expect(read(envelope, frameOf({ type: 'x', data: {}, more: {} }))).toBeUndefined();
    expect(read(envelope, plain)).toBeUndefined();
    learn('x');
    expect(read(envelope, plain)).toBeUndefined();
    learn('y');
    learn('x');
    expect(read(envelope, plain)).toEqual({ type: 'x', data: {} });
  });

  it('learns no kind whose frames are written otherwise', () => {
    const spaced = '{ "type": "x", "data": {} }';
    const turned = '{"data":{},"type":"x"}';
    const more = '{"type":"x","data":{},"more":{}}';
    for (const frame of [spaced, turned, more]) {
      const envelope = new RepeatedEvents(500);
      for (let i = 0; i < 3; i++) envelope.learn(JSON.parse(frame), frame);
      expect(read(envelope, '{"type":"x","data":{}}')).withContext(frame).toBeUndefined();
    }
  });

  it('reads nothing that nests too deep', () => {
    const nested = (depth: number) => `{"type":"x","data":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    const packet = read(knowing('x'), nested(500)) as Packet;
    expect(Array.isArray(packet.data)).toBeTrue();
    expect(read(knowing('x'), nested(501))).toBeUndefined();
  });
});
