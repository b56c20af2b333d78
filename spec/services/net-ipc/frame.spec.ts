import { isNonce, Kind, ours } from '../../../services/net-ipc/frame.js';

describe("A frame of net-ipc's", () => {
  it("is of one of net-ipc's seven kinds", () => {
    expect(Object.entries(Kind)).toEqual([
      ['CONNECTION', 0],
      ['MESSAGE', 1],
      ['REQUEST', 2],
      ['RESPONSE', 3],
      ['PING', 4],
      ['PONG', 5],
      ['END', 6],
    ]);
  });

  it('identifies a request by any number, or by a non-empty string', () => {
    expect(['x', '0', 0, -1, 1.5, 2 ** 53 - 1].every(isNonce)).toBeTrue();
    expect(['', Number.NaN, 1n, null, undefined, {}, ['x'], true].filter(isNonce)).toEqual([]);
  });

  it('returns our own numbers as numbers', () => {
    expect(['1', '42', '9007199254740991'].map(ours)).toEqual([1, 42, 9007199254740991]);
    expect(['01', '1.0', ' 1', '1e3', 'x1', '9007199254740993', 't1'].map(ours)).toEqual([
      '01',
      '1.0',
      ' 1',
      '1e3',
      'x1',
      '9007199254740993',
      't1',
    ]);
    expect(ours(7)).toBe(7);
  });
});
