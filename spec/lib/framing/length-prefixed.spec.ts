import fc from 'fast-check';
import type { Limits } from '../../../entities/limits.js';
import { malformed, type Packet } from '../../../entities/packet.js';
import {
  type LengthPrefix,
  LengthPrefixedReader,
  Uint32Prefix,
  writeUint32,
} from '../../../lib/framing/length-prefixed.js';
import { ipcError } from '../../support/errors.js';
import {
  codeThrown,
  cut,
  itGivesBackWhatItHasNotRead,
  itReadsFrames,
  LIMITS,
  NOTHING,
  Reader,
  RUNS,
  read,
  readOneByOne,
  sizes,
} from '../dialects/decoding.js';

/** Heads of one or two bytes: 255 says that another 255 bytes follow, and a second byte how many more. */
class TestPrefix implements LengthPrefix {
  size = 0;
  length = 0;

  read(bytes: Buffer, at: number): boolean {
    const first = bytes[at] as number;
    if (first === 255 && at + 1 >= bytes.length) return false;
    this.size = first === 255 ? 2 : 1;
    this.length = first === 255 ? 255 + (bytes[at + 1] as number) : first;
    return true;
  }
}

function body(bytes: Buffer, start: number, end: number): Packet | undefined {
  const text = bytes.toString('latin1', start, end);
  if (text === 'nothing') return undefined;
  return text === 'bad' ? malformed('A bad frame', 3) : { type: 'frame', data: text };
}

const make = (limits: Limits = LIMITS) => new LengthPrefixedReader(new TestPrefix(), body, limits);
const frameOf = (text: string) =>
  Buffer.from(
    String.fromCharCode(...(text.length < 255 ? [text.length] : [255, text.length - 255])) + text,
    'latin1',
  );
const bytesOf = (...texts: string[]) => Buffer.concat(texts.map(frameOf));

describe('The decoder of frames that begin with their length', () => {
  const texts = ['one', '', 'x'.repeat(254), 'y'.repeat(255), 'z'.repeat(300), 'bad', 'last'];
  const bytes = bytesOf(...texts);
  const packets = texts.map((text) =>
    text === 'bad' ? malformed('A bad frame', 3) : { type: 'frame', data: text },
  );
  itReadsFrames(make, bytes, packets);
  itGivesBackWhatItHasNotRead(make, bytes, packets);

  it('finds the same frames in any bytes, whatever the chunks', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), sizes, (array, pieces) => {
        const stream = Buffer.from(array);
        const whole = read(make(), [stream]);
        expect(read(make(), cut(stream, pieces))).toEqual(whole);
        expect(readOneByOne(make, cut(stream, pieces), true)).toEqual(whole);
      }),
      RUNS,
    );
  });

  it('fails as soon as a length exceeds the limit', () => {
    const decoder = new Reader(make({ maxMessageSize: 260, maxDepth: 500 }));
    decoder.push(frameOf('x'.repeat(260)), () => true);
    decoder.push(Buffer.from([255]), () => true);
    expect(codeThrown(() => decoder.push(Buffer.from([6]), () => true))).toBe('ERR_IPC_TOO_LARGE');
  });

  it('says so if text came in place of a length', () => {
    const read = (start: string) => {
      const prefix = new Uint32Prefix('big-endian');
      new Reader(new LengthPrefixedReader(prefix, body, LIMITS)).push(
        Buffer.from(start, 'latin1'),
        () => true,
      );
    };
    expect(() => read('{"ty')).toThrow(ipcError('ERR_IPC_TOO_LARGE', 'set the same config.framing on both'));
    expect(() => read('\x7f\xff\xff\xff')).toThrow(
      ipcError('ERR_IPC_TOO_LARGE', 'raise config.maxMessageSize'),
    );
  });

  it('holds no more than the frame that has begun', () => {
    const decoder = new Reader(make());
    decoder.push(Buffer.concat([bytesOf('one'), frameOf('x'.repeat(300)).subarray(0, 200)]), () => true);
    expect(decoder.buffered).toBe(200);
    decoder.push(frameOf('x'.repeat(300)).subarray(200), () => true);
    expect(decoder.buffered).toBe(0);
  });

  it('skips bodies without a packet', () => {
    expect(read(make(), [bytesOf('a', 'nothing', 'b')]).packets).toEqual([
      { type: 'frame', data: 'a' },
      { type: 'frame', data: 'b' },
    ]);
  });

  it('reports a stream that ends within a frame', () => {
    const decoder = new Reader(make());
    decoder.push(bytesOf('whole'), () => true);
    expect(decoder.end()).toBeUndefined();
    decoder.push(bytesOf('cut').subarray(0, 2), () => true);
    expect(decoder.end()).toBe('ERR_IPC_DECODE');
    expect(decoder.buffered).toBe(0);
    decoder.push(bytesOf('whole'), () => true);
    expect(decoder.buffered).toBe(0);
  });

  it('reads and writes lengths of four bytes in either order', () => {
    for (const [order, first] of [
      ['little-endian', 2],
      ['big-endian', 0],
    ] as const) {
      const frame = writeUint32(Buffer.from([0, 0, 0, 0, 7, 7]), order);
      expect(frame[0]).toBe(first);
      const prefix = new Uint32Prefix(order);
      expect(prefix.read(frame.subarray(0, 3), 0)).toBeFalse();
      expect(prefix.read(frame, 0)).toBeTrue();
      expect([prefix.size, prefix.length]).toEqual([4, 2]);
    }
  });

  it('continues without new bytes', () => {
    const decoder = new Reader(make());
    const got: unknown[] = [];
    decoder.push(bytesOf('a', 'b', 'c'), ({ data }) => got.push(data) > 5);
    decoder.push(NOTHING, ({ data }) => got.push(data) > 5);
    expect(got).toEqual(['a', 'b']);
    expect(decoder.buffered).toBe(2);
  });
});
