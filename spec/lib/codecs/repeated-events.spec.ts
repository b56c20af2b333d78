import type { Packet } from '../../../entities/packet.js';
import { headOf, RepeatedEvents } from '../../../lib/codecs/repeated-events.js';

/** Whole numbers below a limit, the same ones every time. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
}

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
      frameOf({ type: 'x', data: {}, id: -1 }),
      frameOf({ type: 'x', data: {}, id: 1.5 }),
      frameOf({ type: 'x', data: {}, re: 1e30 }),
      frameOf({ type: 'x', data: {}, ri: 1 }),
      frameOf({ type: 'x', data: {}, id: 1, re: 1 }),
      '{"type":"x","data":{},"id":01}',
      '{"type":"x","data":{},"id":1234567890123456}',
      '{"type":"x","data":,"id":1}',
      '{"type":"x","id":1}',
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

  it('reads requests and responses with the numbers they bear', () => {
    for (const member of ['id', 're']) {
      for (const number of [0, 7, 12345, 999_999_999_999_999]) {
        for (const data of [{ n: 1 }, 'text', 5, null, [`,"id":1`]]) {
          const packet = { type: 'x', data, [member]: number };
          expect(read(knowing('x'), frameOf(packet))).toEqual(packet as Packet);
        }
      }
    }
  });

  it('learns a kind from requests, too', () => {
    const events = new RepeatedEvents(500);
    const request = { type: 'x', data: {}, id: 1 };
    for (let i = 0; i < 2; i++) events.learn(request, frameOf(request));
    expect(read(events, frameOf({ ...request, id: 2 }))).toEqual({ ...request, id: 2 });
    expect(read(events, frameOf({ type: 'x', data: [] }))).toEqual({ type: 'x', data: [] });
  });

  it('learns a topic until another comes, and then only that they are messages', () => {
    const message = (topic: string, data: unknown) => ({ type: 'ipc:message', data: { topic, data } });
    const events = new RepeatedEvents(500);
    const learn = (packet: Packet) => events.learn(packet, frameOf(packet));
    for (let i = 0; i < 2; i++) learn(message('a', i));
    for (const data of [{}, [1], 'text"}}', { topic: 'b' }]) {
      expect(read(events, frameOf(message('a', data)))).toEqual(message('a', data));
    }
    for (const data of [1, null]) expect(read(events, frameOf(message('a', data)))).toBeUndefined();
    expect(read(events, frameOf({ ...message('a', {}), id: 1 }))).toBeUndefined();
    expect(read(events, frameOf(message('b', {})))).toBeUndefined();
    learn(message('b', {}));
    for (const topic of ['a', 'b']) {
      expect(read(events, frameOf(message(topic, {})))).toEqual(message(topic, {}));
    }
  });

  it('counts the level around the data of a message', () => {
    const nested = (depth: number) =>
      `{"type":"ipc:message","data":{"topic":"a","data":${'['.repeat(depth)}${']'.repeat(depth)}}}`;
    for (const depth of [499, 500]) {
      const events = new RepeatedEvents(500);
      for (let i = 0; i < 2; i++) events.learn(JSON.parse(nested(1)), nested(1));
      expect(read(events, nested(depth)) === undefined).toBe(depth === 500);
    }
  });

  it('reads what JSON.parse would read, or leaves it alone, however a frame is changed', () => {
    const random = seeded(7);
    const frames = [
      frameOf({ type: 'x', data: { a: 'b,"id":1}' } }),
      frameOf({ type: 'x', data: { a: [1, 2] }, id: 12 }),
      frameOf({ type: 'x', data: 'text', re: 3 }),
      frameOf({ type: 'ipc:message', data: { topic: 'x', data: { a: 1 } } }),
    ];
    const pieces = ['}', '"', ',', '1', '0', '{', ']', ',"id":1', ',"re":2', '\\', ' ', ':', '"data":{}'];
    let known = 0;
    for (let round = 0; round < 20_000; round++) {
      const original = frames[random(frames.length)] as string;
      const events = new RepeatedEvents(500);
      for (let i = 0; i < 2; i++) events.learn(JSON.parse(original), original);
      const at = random(original.length + 1);
      const piece = pieces[random(pieces.length)] as string;
      const frame = original.slice(0, at) + piece + original.slice(at + random(3));
      const packet = read(events, frame);
      if (packet === undefined) continue;
      known++;
      expect(packet).withContext(frame).toEqual(JSON.parse(frame));
    }
    expect(known).toBeGreaterThan(500);
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
