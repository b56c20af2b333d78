import { BASE_CODEC, CODEC_NAMES, codecNamed } from '../../../lib/codecs/registry.js';
import { LIMITS } from '../dialects/decoding.js';

describe('The registry of codecs', () => {
  it('knows JSON, which every peer has, and MessagePack', () => {
    expect(CODEC_NAMES).toEqual(['json', 'msgpack']);
    expect(BASE_CODEC).toBe('json');
    expect(codecNamed('cbor')).toBeUndefined();
    expect(codecNamed('__proto__')).toBeUndefined();
  });

  for (const name of CODEC_NAMES) {
    it(`gives ${name} by its name, which brings fields over`, () => {
      const codec = codecNamed(name);
      expect(codec?.name).toBe(name);
      expect(codecNamed(name)).toBe(codec);
      const fields = ['type', { list: [1, 'two', null] }, 7, null, null];
      const bytes = codec?.encode(fields, LIMITS, 3) as Buffer;
      expect(codec?.decode(bytes, 3, bytes.length, LIMITS)).toEqual(fields);
    });
  }
});
