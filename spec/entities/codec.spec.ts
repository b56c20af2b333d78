import { codecName, isCustomCodec } from '../../entities/codec.js';

describe('A codec of one’s own', () => {
  const codec = { name: 'own', encode: () => '', decode: () => [] };

  it('has a name and both functions', () => {
    expect(isCustomCodec(codec)).toBeTrue();
    for (const key of ['name', 'encode', 'decode']) expect(isCustomCodec({ ...codec, [key]: 5 })).toBeFalse();
    expect([isCustomCodec(null), isCustomCodec('own'), isCustomCodec({ ...codec, name: '' })]).toEqual([
      false,
      false,
      false,
    ]);
  });

  it('is called by its name, as others are', () => {
    expect([codecName(codec), codecName('json')]).toEqual(['own', 'json']);
  });
});
