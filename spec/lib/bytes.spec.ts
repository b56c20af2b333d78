import fc from 'fast-check';
import { bufferOf, exactUTF8, isBytes, release, utf8Of } from '../../lib/bytes.js';

describe('Bytes', () => {
  it('are the UTF-8 of a text, whatever its length', () => {
    const text = fc.tuple(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 2 ** 17 }));
    fc.assert(
      fc.property(text, ([part, length]) => {
        const long = part.repeat(Math.ceil(length / (part.length || 1)));
        expect(utf8Of(long).equals(Buffer.from(long))).toBeTrue();
        expect(exactUTF8(long)?.equals(Buffer.from(long))).toBeTrue();
      }),
      { numRuns: 100 },
    );
  });

  it('are an ArrayBuffer, or any view of single bytes, which become a buffer over the same memory', () => {
    const array = new Uint8Array([1, 2, 3, 4]).subarray(1, 3);
    const memory = new Uint8Array([5, 6]).buffer;
    const buffer = Buffer.from([7]);
    expect([array, memory, buffer].map(isBytes)).toEqual([true, true, true]);
    expect([[1], 'text', new DataView(memory), new Uint16Array(1), undefined].filter(isBytes)).toEqual([]);
    expect(bufferOf(buffer)).toBe(buffer);
    expect([...bufferOf(array)]).toEqual([2, 3]);
    expect([...bufferOf(memory)]).toEqual([5, 6]);
    for (const bytes of [array, memory]) {
      expect(bufferOf(bytes)).toBeInstanceOf(Buffer);
      expect(bufferOf(bytes).buffer).toBe(bytes === array ? array.buffer : memory);
    }
  });

  it('do not restore a text with a lone surrogate', () => {
    for (const text of ['\ud83d', 'a\ude00b', `${'é'.repeat(100_000)}\ud83d`]) {
      expect(exactUTF8(text)).toBeUndefined();
      expect(utf8Of(text).equals(Buffer.from(text))).toBeTrue();
    }
  });

  it('are released only if nothing else uses their memory', () => {
    const shared = Buffer.from('shared');
    release(shared);
    expect(shared.toString()).toBe('shared');
    const own = Buffer.alloc(100_000, 'x');
    release(own.subarray(10));
    expect(own.length).toBe(100_000);
    release(own);
    // Before Node 22 there is no way.
    expect(own.length).toBe('transfer' in ArrayBuffer.prototype ? 0 : 100_000);
  });
});
