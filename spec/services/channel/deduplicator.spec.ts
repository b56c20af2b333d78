import { Deduplicator, Incoming } from '../../../services/channel/deduplicator.js';

describe('Deduplicator', () => {
  it('accepts every message once and in order, whatever is sent again', () => {
    const one = new Deduplicator(1, 1);
    expect([1, 2, 2, 1, 4, 3, 3, 4].map((seq) => one.take(1, seq))).toEqual([
      true,
      true,
      false,
      false,
      false,
      true,
      false,
      true,
    ]);
    expect(one.last).toBe(4);
  });

  it('accepts nothing of an earlier stream of the sender', () => {
    const one = new Deduplicator(1, 1);
    one.take(1, 1);
    one.resume(2, 1);
    expect([one.take(1, 2), one.take(1, 1), one.take(2, 1)]).toEqual([false, false, true]);
    one.resume(1, 1);
    expect([one.epoch, one.last, one.take(1, 2)]).toEqual([2, 1, false]);
  });

  it('continues at the position of the sender, and never goes back', () => {
    const one = new Deduplicator(1, 5);
    expect([one.take(1, 4), one.take(1, 5)]).toEqual([false, true]);
    one.resume(1, 2);
    expect([one.last, one.take(1, 5)]).toEqual([5, false]);
    one.resume(1, 9);
    expect([one.take(1, 6), one.take(1, 9)]).toEqual([false, true]);
  });

  it('accepts nothing once it is closed', () => {
    const one = new Deduplicator(1, 1);
    one.close();
    expect(one.take(1, 1)).toBeFalse();
  });
});

describe('Incoming', () => {
  it('keeps a separate state for every run of a member', () => {
    const incoming = new Incoming();
    const first = incoming.from('a', 1, 1, 1);
    first.take(1, 1);
    expect(incoming.from('a', 1, 1, 1)).toBe(first);
    expect(incoming.from('b', 2, 1, 1)).not.toBe(first);
    expect(incoming.from('a', 1, 1, 1).last).toBe(1);
  });

  it('forgets a run when the next one has its number', () => {
    const incoming = new Incoming();
    const first = incoming.from('a', 1, 1, 1);
    incoming.from('b', 1, 1, 1);
    expect(incoming.from('a', 1, 1, 1)).not.toBe(first);
  });

  it('accepts nothing once it is closed, also not from later members', () => {
    const incoming = new Incoming();
    const first = incoming.from('a', 1, 1, 1);
    incoming.close();
    expect([first.take(1, 1), incoming.from('b', 2, 1, 1).take(1, 1)]).toEqual([false, false]);
  });
});
