import { isThenable } from '../../lib/thenable.js';

describe('A thenable', () => {
  it('has a method named then', () => {
    // biome-ignore lint/suspicious/noThenProperty: a thenable of somebody else's making
    for (const value of [Promise.resolve(), { then() {} }, Object.assign(() => {}, { then() {} })]) {
      expect(isThenable(value)).toBeTrue();
    }
    // biome-ignore lint/suspicious/noThenProperty: not a thenable
    for (const value of [undefined, null, 5, 'text', {}, { then: 5 }]) expect(isThenable(value)).toBeFalse();
  });
});
