import { ByteTail } from '../../../lib/pipes/byte-tail.js';

describe('A byte tail', () => {
  it('joins small pieces in order, in little more memory than their bytes', () => {
    const tail = new ByteTail();
    for (let i = 0; i < 200; i++) tail.append(Buffer.from(`${i},`));
    expect(tail.length).toBe(690);
    const joined = tail.take() as Buffer;
    expect(joined.toString()).toBe(`${[...Array(200).keys()]},`);
    expect(joined.buffer.byteLength).toBe(1024);
    expect([tail.length, tail.take()]).toEqual([0, undefined]);
  });

  it('returns a full block, and starts a new one', () => {
    const tail = new ByteTail();
    const piece = Buffer.alloc(4000, 'a');
    for (let i = 0; i < 4; i++) expect(tail.append(piece)).toBeUndefined();
    expect(tail.append(Buffer.alloc(4000, 'b'))?.toString()).toBe('a'.repeat(16_000));
    expect(tail.take()?.toString()).toBe('b'.repeat(4000));
    expect([ByteTail.suits(4096), ByteTail.suits(4097)]).toEqual([true, false]);
  });
});
