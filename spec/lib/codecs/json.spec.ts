import type { IPCError } from '../../../entities/errors.js';
import { jsonCodec, parseJSON, stringify } from '../../../lib/codecs/json.js';
import { ipcError } from '../../support/errors.js';
import { codeThrown, LIMITS } from '../dialects/decoding.js';

describe('A body', () => {
  it('is the result of JSON.stringify, and empty if that is undefined', () => {
    expect(stringify({ a: [1, 'é'] })).toBe('{"a":[1,"é"]}');
    expect(stringify(undefined)).toBeUndefined();
    expect(stringify(() => 0)).toBeUndefined();
  });

  it('is refused with the reason if JSON cannot represent it', () => {
    try {
      stringify({ big: 1n });
      fail('It was not refused');
    } catch (error) {
      expect((error as IPCError).code).toBe('ERR_IPC_ENCODE');
      expect((error as IPCError).message).toContain('BigInt');
      expect((error as IPCError).cause).toBeInstanceOf(TypeError);
    }
  });

  it('is refused with the reason, and not as too deep, if the payload itself throws a RangeError', () => {
    const payload = {
      toJSON() {
        throw new RangeError('out of range');
      },
    };
    expect(() => stringify(payload)).toThrow(ipcError('ERR_IPC_ENCODE', 'out of range'));
  });

  it('is read up to 500 levels deep, also beside a long text', () => {
    const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
    for (const text of ['short', 'long'.repeat(100_000)]) {
      const frame = (levels: number) => `{"text":"${text}","deep":${nested(levels)}}`;
      expect(parseJSON(frame(499))).toEqual(JSON.parse(frame(499)));
      expect(() => parseJSON(frame(501))).toThrow(ipcError('ERR_IPC_TOO_DEEP'));
    }
  });

  it('is refused with a separate code if it nests deeper than config.maxDepth, whatever its length', () => {
    const nested = (levels: number): unknown => (levels === 0 ? 'x'.repeat(50) : [nested(levels - 1)]);
    const limits = { maxMessageSize: 1000, maxDepth: 20 };
    expect(stringify(nested(20), limits)).toBe(JSON.stringify(nested(20)));
    expect(codeThrown(() => stringify(nested(21), limits))).toBe('ERR_IPC_TOO_DEEP');
    let deep: unknown = 1;
    for (let i = 0; i < 100_000; i++) deep = [deep];
    expect(codeThrown(() => stringify(deep))).toBe('ERR_IPC_TOO_DEEP');
    expect(() => stringify(nested(21), limits)).toThrowError(/more than 20 levels.*config\.maxDepth/);
  });

  it('encodes the fields of a packet as an array, with an empty object for undefined data', () => {
    const codec = jsonCodec();
    const bytes = codec.encode(['x', undefined, 7, null, null], LIMITS, 4);
    expect(bytes.toString('utf8', 4)).toBe('["x",{},7,null,null]');
    expect(codec.decode(bytes, 4, bytes.length, LIMITS)).toEqual(['x', {}, 7, null, null]);
  });
});
