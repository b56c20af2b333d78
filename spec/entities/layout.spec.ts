import { setFlagsFromString } from 'node:v8';
import { runInThisContext } from 'node:vm';
import { defaults } from '../../entities/config.js';
import { layoutOf } from '../../entities/layout.js';
import { fixed } from '../../entities/settings.js';

describe('The layout of settings', () => {
  let isRecord: (value: object) => boolean;
  let areAlike: (one: object, other: object) => boolean;

  beforeAll(() => {
    setFlagsFromString('--allow-natives-syntax');
    isRecord = runInThisContext('(value) => %HasFastProperties(value)');
    areAlike = runInThisContext('(one, other) => %HaveSameMap(one, other)');
    isRecord({});
    areAlike({}, {});
    setFlagsFromString('--no-allow-natives-syntax');
  });

  it('makes separate objects with the given keys', () => {
    const blank = layoutOf(['one', 'two']);
    const first = blank();
    first.one = 1;
    expect(blank()).toEqual({ one: null, two: null });
    expect(first).toEqual({ one: 1, two: null });
  });

  it('keeps the settings of a server or client, which every message reads, in fast mode of V8', () => {
    const settings = fixed({ ...defaults(), maxDepth: 7 });
    expect(isRecord(settings)).toBeTrue();
    expect(settings.maxDepth).toBe(7);
  });

  it('gives the settings of all servers and clients one hidden class of V8, so that their number does not slow reading', () => {
    const one = fixed({ ...defaults(), maxDepth: 7 });
    expect(areAlike(one, fixed({ ...defaults(), id: 'other' }))).toBeTrue();
  });

  it('keeps the settings that can be changed at any time in fast mode of V8', () => {
    expect(isRecord(defaults())).toBeTrue();
  });
});
