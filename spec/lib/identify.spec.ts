import { identify } from '../../lib/identify.js';

describe('A payload’s id', () => {
  const label = (data: unknown, id: unknown = undefined) => {
    const peer = { id };
    identify(peer, data);
    return peer.id;
  };

  it('names the peer it came from', () => {
    expect(label({ id: 'hello' })).toBe('hello');
    expect(label({ id: 7 }, 'before')).toBe(7);
  });

  it('leaves the name as it is where there is none', () => {
    for (const data of [null, undefined, 'id', 3, [], {}, { id: '' }, { id: 0 }, { id: null }]) {
      expect(label(data, 'before')).toBe('before');
    }
  });
});
