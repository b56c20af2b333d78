import { labelPeer } from '../../lib/label-peer.js';

describe('A payload’s id', () => {
  const label = (data: unknown, id: unknown = undefined) => {
    const peer = { id };
    labelPeer(peer, data);
    return peer.id;
  };

  it('labels the peer that it came from', () => {
    expect(label({ id: 'hello' })).toBe('hello');
    expect(label({ id: 7 }, 'before')).toBe(7);
  });

  it('does not change the label if it is missing', () => {
    for (const data of [null, undefined, 'id', 3, [], {}, { id: '' }, { id: 0 }, { id: null }]) {
      expect(label(data, 'before')).toBe('before');
    }
  });

  it('is ignored unless it is a short text or a number, so that peers cannot fill the memory', () => {
    for (const id of [{}, [], [1], true, 'x'.repeat(1025)]) expect(label({ id }, 'before')).toBe('before');
    expect(label({ id: 'x'.repeat(1024) }, 'before')).toBe('x'.repeat(1024));
  });
});
