import { checkTimeout } from '../../../services/net-ipc/timeout.js';

describe('checkTimeout', () => {
  it('takes whole numbers of milliseconds, and waits forever from 0 down', () => {
    expect([checkTimeout(10), checkTimeout(0), checkTimeout(-1)]).toEqual([10, 0, 0]);
  });

  for (const bad of [0.5, '10', Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, null]) {
    it(`refuses ${JSON.stringify(bad)} (${typeof bad}: ${bad})`, () => {
      expect(() => checkTimeout(bad)).toThrowMatching(({ code }) => code === 'ERR_IPC_ARGUMENT');
    });
  }
});
