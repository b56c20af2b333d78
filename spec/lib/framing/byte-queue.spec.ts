import fc from 'fast-check';
import { ByteQueue } from '../../../lib/framing/byte-queue.js';

/** The first bytes as text, read at once. */
function textOf(queue: ByteQueue, size = queue.length): string {
  return queue.takeFor(size, (bytes, from, to) => bytes.toString('utf8', from, to));
}

describe('The byte queue', () => {
  it('reads bytes that exceed its reused memory the same way', () => {
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

  it('keeps a chunk that is longer than its doubled tail', () => {
    const queue = new ByteQueue();
    queue.append(Buffer.alloc(60, 1));
    queue.append(Buffer.alloc(100, 2));
    expect(queue.take()).toEqual(Buffer.concat([Buffer.alloc(60, 1), Buffer.alloc(100, 2)]));
  });

  it('takes or peeks at any number of the first bytes', () => {
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

  it('finds bytes wherever the chunks are cut, and does not search twice', () => {
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

  it('retains only small copies of bytes that were put back', () => {
    const queue = new ByteQueue();
    const chunk = Buffer.from('read unread');
    queue.append(chunk);
    queue.keep(queue.take().subarray(5));
    chunk.fill('x');
    expect(queue.take().toString()).toBe('unread');
  });

  it('returns chunks without a copy if they are exactly the requested bytes, or their first part', () => {
    const queue = new ByteQueue();
    const chunks = [Buffer.alloc(5000, 'a'), Buffer.alloc(4096, 'b'), Buffer.alloc(4096, 'c')];
    queue.append(Buffer.alloc(0));
    for (const chunk of chunks) queue.append(chunk);
    expect(queue.take(5000)).toBe(chunks[0] as Buffer);
    expect(queue.take(4000).buffer).toBe((chunks[1] as Buffer).buffer);
    expect(queue.takeFor(96, (bytes) => bytes.buffer)).toBe((chunks[1] as Buffer).buffer);
    expect(queue.takeFor(1000, (bytes) => bytes.buffer)).toBe((chunks[2] as Buffer).buffer);
    expect(textOf(queue)).toBe('c'.repeat(3096));
    const small = Buffer.from('small');
    queue.append(Buffer.alloc(0));
    queue.append(small);
    expect(queue.take()).toBe(small);
  });

  it('joins chunks of less than 4096 bytes, up to 64 KiB', () => {
    const queue = new ByteQueue();
    queue.append(Buffer.from('x'));
    const chunk = Buffer.alloc(1024, 'y');
    for (let i = 0; i < 65; i++) queue.append(chunk);
    const almost = Buffer.alloc(4095, 'z');
    queue.append(almost);
    chunk.fill('-');
    almost.fill('-');
    expect(queue.take(1).toString()).toBe('x');
    const full = queue.take(65_536);
    expect([full.buffer.byteLength, full.equals(Buffer.alloc(65_536, 'y'))]).toEqual([65_536, true]);
    expect(textOf(queue)).toBe('y'.repeat(1024) + 'z'.repeat(4095));
  });

  it('joins bytes in one reused buffer of up to 256 KiB, and frees a larger one', () => {
    const joined = (size: number) => {
      const queue = new ByteQueue();
      queue.append(Buffer.alloc(5000));
      queue.append(Buffer.alloc(size - 5000));
      return queue.takeFor(size, (bytes) => bytes);
    };
    const reused = joined(6000);
    expect(joined(256 * 1024)).toBe(reused);
    expect(reused.length).toBe(256 * 1024);
    expect(joined(256 * 1024 + 1)).not.toBe(reused);
    // Node 20 cannot free memory by itself.
    const left = 'transfer' in ArrayBuffer.prototype ? 0 : 256 * 1024 + 1;
    expect(joined(256 * 1024 + 1).length).toBe(left);
    expect(joined(7000)).toBe(reused);
  });

  it('searches bytes that were put back from the first one on, unless they were searched', () => {
    const queue = new ByteQueue();
    queue.keep(Buffer.from('abab'));
    expect(queue.indexOf(Buffer.from('ab'))).toBe(0);
    queue.keep(queue.take(), 1);
    expect(queue.indexOf(Buffer.from('ab'))).toBe(2);
  });

  it('is empty once it is cleared', () => {
    const queue = new ByteQueue();
    for (const size of [5, 5000, 5]) queue.append(Buffer.alloc(size));
    queue.clear();
    expect([queue.length, queue.take().length, queue.peek(1).length]).toEqual([0, 0, 0]);
  });

  it('does not change chunks when it returns their text', () => {
    const queue = new ByteQueue();
    const chunks = [Buffer.alloc(5000, 'a'), Buffer.alloc(5000, 'b')];
    for (const chunk of chunks) queue.append(chunk);
    textOf(queue);
    queue.append(chunks[0] as Buffer);
    expect(textOf(queue)).toBe('a'.repeat(5000));
    expect(chunks.map((chunk) => chunk.toString())).toEqual(['a'.repeat(5000), 'b'.repeat(5000)]);
  });

  it('holds single bytes in little more memory than their length', () => {
    const queue = new ByteQueue();
    const before = process.memoryUsage().arrayBuffers;
    const byte = Buffer.from('x');
    for (let i = 0; i < 1_000_000; i++) queue.append(byte);
    const grown = process.memoryUsage().arrayBuffers - before;
    expect(grown).toBeLessThan(4_000_000);
    expect(queue.take().length).toBe(1_000_000);
  });
});
