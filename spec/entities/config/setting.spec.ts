import {
  flagSetting,
  listOf,
  looseFlag,
  looseFlagSetting,
  looseNumber,
  oneOf,
  optional,
  text,
  whole,
} from '../../../entities/config/setting.js';

describe('A check of a setting', () => {
  it('accepts whole numbers between two bounds', () => {
    const check = whole(0, 10);
    expect([0, 10].every(check)).toBeTrue();
    expect([-1, 11, 0.5, Number.NaN, '5', undefined].some(check)).toBeFalse();
  });

  it('accepts lists whose items all fit', () => {
    expect(listOf(text)(['a', 'b'])).toBeTrue();
    expect([['a', 1], 'a', undefined].some(listOf(text))).toBeFalse();
  });

  it('accepts undefined if a setting is optional, and refuses everything else that does not fit', () => {
    const check = optional(oneOf('a', 'b'));
    expect([undefined, 'a', 'b'].every(check)).toBeTrue();
    expect([null, 'c'].some(check)).toBeFalse();
  });
});

describe('A value that node-ipc also accepts', () => {
  it('is a flag if it is 0 or 1', () => {
    expect([0, 1, true, 2, -1].map(looseFlag)).toEqual([false, true, true, true, true]);
    expect(['', '1', 'true'].map(looseFlag)).toEqual([false, true, true]);
    expect(['0', 'false', 'yes', Number.NaN].map(looseFlag)).toEqual(['0', 'false', 'yes', Number.NaN]);
  });

  it('is a number if it is a numeric string', () => {
    expect(['8000', ' 1.5 ', '', '1e3', '-1', true].map(looseNumber)).toEqual([
      8000,
      1.5,
      '',
      '1e3',
      '-1',
      true,
    ]);
  });
});

describe('A flag', () => {
  it('is off if it is unset in node-ipc, and must be set if it is not of node-ipc', () => {
    expect(looseFlagSetting(true)).toEqual(jasmine.objectContaining({ default: true, unset: false }));
    expect('unset' in flagSetting(true)).toBeFalse();
  });
});
