import fc from 'fast-check';
import { ByteQueue } from '../../../lib/framing/byte-queue.js';

/** The first bytes as text, read at once. */
function textOf(queue: ByteQueue, size = queue.length): string {
  return queue.takeFor(size, (bytes, from, to) => bytes.toString('utf8', from, to));
}

describe('The byte queue', () => {
  it('has what is longer than the memory that it uses again read just the same', () => {
    const queue = new ByteQueue();
    for (const size of [300_000, 200_000, 70_000]) queue.append(Buffer.alloc(size, String(size)));
    expect(textOf(queue, 400_000)).toBe(`${'300000'.repeat(50_000)}${'200000'.repeat(16_666)}2000`);
    expect(textOf(queue, 110_000)).toMatch(/^00(200000)+20(70000)+$/);
    expect(queue.length).toBe(60_000);
  });

  it('gives back what was appended, whatever the sizes of the chunks', () => {
    const chunks = fc.array(
      fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc
          .tuple(fc.integer({ min: 0, max: 9000 }), fc.nat(255))
          .map(([size, byte]) => Buffer.alloc(size, byte)),
      ),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(chunks, (parts) => {
        const queue = new ByteQueue();
        for (const part of parts) queue.append(Buffer.from(part));
        const whole = Buffer.concat(parts);
        expect(queue.length).toBe(whole.length);
        expect(queue.take().equals(whole)).toBeTrue();
        expect(queue.length).toBe(0);
        expect(queue.take().length).toBe(0);
        for (const part of parts) queue.append(Buffer.from(part));
        expect(textOf(queue)).toBe(whole.toString());
        expect(queue.length).toBe(0);
        expect(textOf(queue)).toBe('');
      }),
      { numRuns: 200 },
    );
  });

  it('keeps a chunk that is longer than the room that doubling its tail makes', () => {
    const queue = new ByteQueue();
    queue.append(Buffer.alloc(60, 1));
    queue.append(Buffer.alloc(100, 2));
    expect(queue.take()).toEqual(Buffer.concat([Buffer.alloc(60, 1), Buffer.alloc(100, 2)]));
  });

  it('takes and shows any number of the first bytes', () => {
    const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 5000 }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(chunks, fc.array(fc.nat(6000), { maxLength: 9 }), (parts, takes) => {
        const queue = new ByteQueue();
        for (const part of parts) queue.append(Buffer.from(part));
        let left = Buffer.concat(parts);
        for (const take of takes) {
          const size = Math.min(take, left.length);
          expect(queue.peek(take).equals(left.subarray(0, size))).toBeTrue();
          expect(queue.take(size).equals(left.subarray(0, size))).toBeTrue();
          left = left.subarray(size);
          expect(queue.length).toBe(left.length);
        }
        expect(queue.take().equals(left)).toBeTrue();
      }),
      { numRuns: 200 },
    );
  });

  it('finds bytes wherever the chunks are cut, and goes on where it has looked', () => {
    const pieces = fc.array(fc.constantFrom('a', 'b', 'ab', 'aab', 'x'.repeat(5000)), { maxLength: 12 });
    const needles = fc.constantFrom('b', 'ab', 'aab', 'abab', 'bbb');
    fc.assert(
      fc.property(pieces, needles, fc.nat(4), (parts, needle, kept) => {
        const queue = new ByteQueue();
        const bytes = Buffer.from(needle);
        let text = '';
        for (const [i, part] of parts.entries()) {
          if (i === kept) queue.keep(queue.take(), Math.max(0, text.length - needle.length + 1));
          queue.append(Buffer.from(part));
          text += part;
          const at = queue.indexOf(bytes);
          expect(at).toBe(text.indexOf(needle));
          if (at === -1) continue;
          text = text.slice(at + needle.length);
          expect(textOf(queue, at + needle.length).endsWith(needle)).toBeTrue();
        }
      }),
      { numRuns: 500 },
    );
  });

  it('holds on to nothing but small copies of what was put back', () => {
    const queue = new ByteQueue();
    const chunk = Buffer.from('read unread');
    queue.append(chunk);
    queue.keep(queue.take().subarray(5));
    chunk.fill('x');
    expect(queue.take().toString()).toBe('unread');
  });

  it('is empty once it is cleared', () => {
    const queue = new ByteQueue();
    for (const size of [5, 5000, 5]) queue.append(Buffer.alloc(size));
    queue.clear();
    expect([queue.length, queue.take().length, queue.peek(1).length]).toEqual([0, 0, 0]);
  });

  it('leaves chunks as they are when it gives their text', () => {
    const queue = new ByteQueue();
    const chunks = [Buffer.alloc(5000, 'a'), Buffer.alloc(5000, 'b')];
    for (const chunk of chunks) queue.append(chunk);
    textOf(queue);
    queue.append(chunks[0] as Buffer);
    expect(textOf(queue)).toBe('a'.repeat(5000));
    expect(chunks.map((chunk) => chunk.toString())).toEqual(['a'.repeat(5000), 'b'.repeat(5000)]);
  });

  it('holds single bytes in little more memory than they are', () => {
    const queue = new ByteQueue();
    const before = process.memoryUsage().arrayBuffers;
    const byte = Buffer.from('x');
    for (let i = 0; i < 1_000_000; i++) queue.append(byte);
    const grown = process.memoryUsage().arrayBuffers - before;
    expect(grown).toBeLessThan(4_000_000);
    expect(queue.take().length).toBe(1_000_000);
  });
});
