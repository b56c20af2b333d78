import fc from 'fast-check';
import { ByteQueue } from '../../../lib/framing/byte-queue.js';

describe('The byte queue', () => {
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
        const carry = new ByteQueue();
        for (const part of parts) carry.append(Buffer.from(part));
        const whole = Buffer.concat(parts);
        expect(carry.length).toBe(whole.length);
        expect(carry.take().equals(whole)).toBeTrue();
        expect(carry.length).toBe(0);
        expect(carry.take().length).toBe(0);
        for (const part of parts) carry.append(Buffer.from(part));
        expect(carry.takeText()).toBe(whole.toString());
        expect(carry.length).toBe(0);
        expect(carry.takeText()).toBe('');
      }),
      { numRuns: 200 },
    );
  });

  it('keeps a chunk that is longer than the room that doubling its tail makes', () => {
    const carry = new ByteQueue();
    carry.append(Buffer.alloc(60, 1));
    carry.append(Buffer.alloc(100, 2));
    expect(carry.take()).toEqual(Buffer.concat([Buffer.alloc(60, 1), Buffer.alloc(100, 2)]));
  });

  it('keeps small chunks as they were when they came, even if the caller reuses their memory', () => {
    const carry = new ByteQueue();
    const chunk = Buffer.from('abc');
    carry.append(chunk);
    chunk.fill('x');
    expect(carry.take().toString()).toBe('abc');
  });

  it('leaves chunks as they are when it gives their text', () => {
    const carry = new ByteQueue();
    const chunks = [Buffer.alloc(5000, 'a'), Buffer.alloc(5000, 'b')];
    for (const chunk of chunks) carry.append(chunk);
    carry.takeText();
    carry.append(chunks[0] as Buffer);
    expect(carry.takeText()).toBe('a'.repeat(5000));
    expect(chunks.map((chunk) => chunk.toString())).toEqual(['a'.repeat(5000), 'b'.repeat(5000)]);
  });

  it('holds single bytes in little more memory than they are', () => {
    const carry = new ByteQueue();
    const before = process.memoryUsage().arrayBuffers;
    const byte = Buffer.from('x');
    for (let i = 0; i < 1_000_000; i++) carry.append(byte);
    const grown = process.memoryUsage().arrayBuffers - before;
    expect(grown).toBeLessThan(4_000_000);
    expect(carry.take().length).toBe(1_000_000);
  });
});
