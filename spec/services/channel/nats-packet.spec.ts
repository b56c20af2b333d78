import { decodePacket, encodePacket, type NatsPacket, split } from '../../../services/channel/nats-packet.js';

const packet: NatsPacket = {
  from: 'a',
  number: 1,
  epoch: 2,
  first: 3,
  seq: 4,
  ackEpoch: 5,
  ackSeq: 6,
  part: 0,
  parts: 0,
  text: '{"n":1}\n{"n":2}\n',
};

describe('A NATS packet', () => {
  it('is read as it was written', () => {
    for (const one of [packet, { ...packet, text: '' }, { ...packet, part: 1, parts: 2, text: 'half' }]) {
      expect(decodePacket(encodePacket(one))).toEqual(one);
    }
  });

  for (const payload of [
    '',
    'nonsense',
    'nonsense\n',
    '{}\n',
    '["a",1]\n',
    '[1,1,2,3,4,5,6,0,0]\n',
    '["a",1,2,0,4,5,6,0,0]\n',
    '["a",1,2,3,4,5,6,2,2]\n',
    '["a",1,2,3,4,5,6,1,0]\n',
    '["a",1.5,2,3,4,5,6,0,0]\n',
    '["a",-1,2,3,4,5,6,0,0]\n',
  ]) {
    it(`is not ${JSON.stringify(payload)}`, () => {
      expect(decodePacket(payload)).toBeUndefined();
    });
  }

  it('contains no lone surrogate, however a text is split', () => {
    const text = 'a\u{1f600}b\u{1f600}\u{1f600}';
    for (let length = 2; length < 10; length++) {
      const parts = split(text, length);
      expect(parts.join('')).toBe(text);
      expect(
        parts.every((part) => part.length <= length && Buffer.from(part).toString() === part),
      ).toBeTrue();
    }
  });
});
