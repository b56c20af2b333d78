import { Unacknowledged } from '../../../lib/pipes/unacknowledged.js';

describe('Packets that the other end of a port has not acknowledged', () => {
  it('are acknowledged in the order of sending, by a valid number only', () => {
    const sent = new Unacknowledged();
    const drained = jasmine.createSpy();
    for (const size of [1, 20, 300]) sent.push(size);
    sent.drained(drained);
    for (const invalid of [-1, 0, 'all', 1.5, Number.NaN, null]) sent.acknowledge(invalid);
    expect([sent.length, sent.bytes]).toEqual([3, 321]);
    sent.acknowledge(2);
    expect([sent.length, sent.bytes]).toEqual([1, 300]);
    expect(drained).not.toHaveBeenCalled();
    sent.acknowledge(1e9);
    expect([sent.length, sent.bytes]).toEqual([0, 0]);
    expect(drained).toHaveBeenCalledOnceWith(false);
  });

  it('are lost when the connection ends, unless nobody needs to know', () => {
    for (const forgotten of [false, true]) {
      const sent = new Unacknowledged();
      const drained = jasmine.createSpy();
      sent.push(1);
      sent.drained(drained);
      if (forgotten) sent.forget();
      sent.end();
      expect(drained).toHaveBeenCalledOnceWith(!forgotten);
    }
  });
});
