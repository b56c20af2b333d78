import { UnframedReader } from '../../../lib/framing/none.js';
import { Reader } from '../dialects/decoding.js';

describe('A stream without frames', () => {
  it('is delivered as it comes, and may end anywhere', () => {
    const got: unknown[] = [];
    const reader = new Reader(new UnframedReader());
    for (const text of ['one', '', 'two']) reader.push(Buffer.from(text), (packet) => got.push(packet) > 0);
    expect(got).toEqual([
      { type: 'data', data: Buffer.from('one') },
      { type: 'data', data: Buffer.from('two') },
    ]);
    expect(reader.end()).toBeUndefined();
  });
});
