import { checkTimeout } from '../../../services/net-ipc/timeout.js';

describe('checkTimeout', () => {
  it('accepts whole numbers of milliseconds, and waits forever for 0 and less', () => {
    expect([checkTimeout(10), checkTimeout(0), checkTimeout(-1)]).toEqual([10, 0, 0]);
  });

  for (const bad of [0.5, '10', Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, null]) {
    it(`refuses ${JSON.stringify(bad)} (${typeof bad}: ${bad})`, () => {
      expect(() => checkTimeout(bad)).toThrowMatching(({ code }) => code === 'ERR_IPC_ARGUMENT');
    });
  }
});
