import { checkedTimeout } from '../../../services/net-ipc/timeout.js';

describe('checkedTimeout', () => {
  it('accepts whole numbers of milliseconds, and waits forever for 0 and less', () => {
    expect([checkedTimeout(10), checkedTimeout(0), checkedTimeout(-1)]).toEqual([10, 0, 0]);
  });

  for (const bad of [0.5, '10', Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, null]) {
    it(`refuses ${JSON.stringify(bad)} (${typeof bad}: ${bad})`, () => {
      expect(() => checkedTimeout(bad)).toThrowMatching(({ code }) => code === 'ERR_IPC_ARGUMENT');
    });
  }
});
