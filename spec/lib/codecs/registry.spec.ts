import { BASE_CODEC, codecNamed, codecNames, registerCodec } from '../../../lib/codecs/registry.js';
import { ipcError } from '../../support/errors.js';
import { LIMITS } from '../dialects/decoding.js';

describe('The registry of codecs', () => {
  it('knows JSON, which every peer has, and MessagePack', () => {
    expect(codecNames().slice(0, 2)).toEqual(['json', 'msgpack']);
    expect(BASE_CODEC).toBe('json');
    expect(codecNamed('cbor')).toBeUndefined();
    expect(codecNamed('__proto__')).toBeUndefined();
  });

  for (const name of ['json', 'msgpack']) {
    it(`gives ${name} by its name, which brings fields over`, () => {
      const codec = codecNamed(name);
      expect(codec?.name).toBe(name);
      expect(codecNamed(name)).toBe(codec);
      const fields = ['type', { list: [1, 'two', null] }, 7, null, null];
      const bytes = codec?.encode(fields, LIMITS, 3) as Buffer;
      expect(codec?.decode(bytes, 3, bytes.length, LIMITS)).toEqual(fields);
    });
  }

  it('takes codecs of others, of several with one name the last', () => {
    const codec = (text: string) => ({ name: 'registered', encode: () => text, decode: () => text });
    registerCodec(codec('first'));
    registerCodec(codec('second'));
    expect(codecNames().filter((name) => name === 'registered').length).toBe(1);
    expect(codecNamed('registered')?.encode([], LIMITS, 0).toString()).toBe('second');
  });

  it('refuses values that are not codecs, and codecs with the name of a built-in one', () => {
    const encode = () => '';
    const decode = () => [];
    for (const codec of [undefined, null, 'json', {}, { name: 'x', encode }, { name: '', encode, decode }]) {
      expect(() => registerCodec(codec as never)).toThrow(ipcError('ERR_IPC_ARGUMENT', 'is not a codec'));
    }
    expect(() => registerCodec({ name: 'x'.repeat(256), encode, decode })).not.toThrow();
    expect(() => registerCodec({ name: 'x'.repeat(257), encode, decode })).toThrow(
      ipcError('ERR_IPC_ARGUMENT'),
    );
    for (const name of ['json', 'msgpack', 'deflate']) {
      expect(() => registerCodec({ name, encode, decode })).toThrow(ipcError('ERR_IPC_ARGUMENT', name));
    }
  });
});
