import { codecName, isCustomCodec } from '../../entities/codec.js';

describe('A custom codec', () => {
  const codec = { name: 'own', encode: () => '', decode: () => [] };

  it('must have a name and both functions', () => {
    expect(isCustomCodec(codec)).toBeTrue();
    for (const key of ['name', 'encode', 'decode']) expect(isCustomCodec({ ...codec, [key]: 5 })).toBeFalse();
    expect([isCustomCodec(null), isCustomCodec('own'), isCustomCodec({ ...codec, name: '' })]).toEqual([
      false,
      false,
      false,
    ]);
  });

  it('is referred to by its name, as others are', () => {
    expect([codecName(codec), codecName('json')]).toEqual(['own', 'json']);
  });
});
