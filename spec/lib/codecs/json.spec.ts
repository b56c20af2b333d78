import type { IPCError } from '../../../entities/errors.js';
import { isId, parseJSON, shown, stringify } from '../../../lib/codecs/json.js';

describe('A body', () => {
  it('is what JSON.stringify makes, and nothing where that makes nothing', () => {
    expect(stringify({ a: [1, 'é'] })).toBe('{"a":[1,"é"]}');
    expect(stringify(undefined)).toBeUndefined();
    expect(stringify(() => 0)).toBeUndefined();
  });

  it('is refused with the reason where there is no JSON for it', () => {
    try {
      stringify({ big: 1n });
      fail('It was not refused');
    } catch (error) {
      expect((error as IPCError).code).toBe('ERR_IPC_ENCODE');
      expect((error as IPCError).message).toContain('BigInt');
      expect((error as IPCError).cause).toBeInstanceOf(TypeError);
    }
  });

  it('is read up to 500 levels deep, also beside a long text', () => {
    const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
    for (const text of ['short', 'long'.repeat(100_000)]) {
      const frame = (levels: number) => `{"text":"${text}","deep":${nested(levels)}}`;
      expect(parseJSON(frame(499))).toEqual(JSON.parse(frame(499)));
      expect(() => parseJSON(frame(501))).toThrowError(RangeError);
    }
  });

  it('names a request by a positive integer that a number holds exactly', () => {
    expect([1, 2 ** 53 - 1].every(isId)).toBeTrue();
    const others = [
      0,
      -1,
      1.5,
      2 ** 53,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      '1',
      1n,
      null,
      undefined,
      {},
      true,
    ];
    expect(others.filter(isId)).toEqual([]);
  });

  it('is shown by its first forty bytes', () => {
    expect(shown(Buffer.from([0, 1, 0xab, 0xff]), 1, 3)).toBe('01ab');
    expect(shown(Buffer.alloc(1000, 0xee), 10, 1000)).toBe('ee'.repeat(40));
  });
});
