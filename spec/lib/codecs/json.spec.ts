import type { IPCError } from '../../../entities/errors.js';
import { checkDepth, jsonCodec, parseJSON, stringify } from '../../../lib/codecs/json.js';
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

  it('is refused with a remedy for what is wrong with it', () => {
    const circle: { self?: unknown } = {};
    circle.self = circle;
    const throwing = {
      get here() {
        throw new Error('two\n  lines');
      },
    };
    const remedies: readonly (readonly [unknown, RegExp])[] = [
      [1n, /^The payload is not JSON: .*BigInt.*; send its text, or set config\.codec to 'msgpack'\.$/],
      [circle, /^The payload is not JSON: .*circular.*; send a copy without the reference that closes.*\.$/],
      [throwing, /^The payload is not JSON: two lines; a toJSON or a getter of the payload threw that\.$/],
    ];
    for (const [value, message] of remedies) {
      expect(() => stringify(value)).toThrow(ipcError('ERR_IPC_ENCODE', message));
    }
  });

  it('is refused with the error of JSON.parse if it is not JSON', () => {
    for (const json of ['', '{"a"}', `["${'long'.repeat(100_000)}"`]) {
      expect(() => parseJSON(json)).toThrowError(SyntaxError);
    }
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

  it('nests as deep as config.maxDepth, and no deeper, even if it has nothing but brackets', () => {
    for (const maxDepth of [1, 2, 3, 20, 500]) {
      const limits = { maxMessageSize: 10_000, maxDepth };
      const [fits, deeper] = [maxDepth, maxDepth + 1].map((n) => '['.repeat(n) + ']'.repeat(n)) as [
        string,
        string,
      ];
      expect(stringify(JSON.parse(fits), limits)).toBe(fits);
      expect(JSON.stringify(parseJSON(fits, limits))).toBe(fits);
      expect(JSON.stringify(parseJSON(deeper, limits, 1))).toBe(deeper);
      expect(codeThrown(() => stringify(JSON.parse(deeper), limits))).toBe('ERR_IPC_TOO_DEEP');
      expect(codeThrown(() => parseJSON(deeper, limits))).toBe('ERR_IPC_TOO_DEEP');
      expect(codeThrown(() => parseJSON(`[${deeper}]`, limits, 1))).toBe('ERR_IPC_TOO_DEEP');
      expect(codeThrown(() => checkDepth(JSON.parse(deeper), deeper.length, limits))).toBe(
        'ERR_IPC_TOO_DEEP',
      );
      expect(codeThrown(() => checkDepth(JSON.parse(fits), fits.length, limits))).toBeUndefined();
      for (const flat of ['text', 1, null, undefined]) {
        expect(codeThrown(() => checkDepth(flat, 10_000, limits))).toBeUndefined();
      }
    }
  });

  it('encodes the fields of a packet as an array, with an empty object for undefined data', () => {
    const codec = jsonCodec();
    const bytes = codec.encode(['x', undefined, 7, null, null], LIMITS, 4);
    expect(bytes.toString('utf8', 4)).toBe('["x",{},7,null,null]');
    expect(codec.decode(bytes, 4, bytes.length, LIMITS)).toEqual(['x', {}, 7, null, null]);
  });
});
