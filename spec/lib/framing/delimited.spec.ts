import { constants } from 'node:buffer';
import fc from 'fast-check';
import type { Packet } from '../../../entities/packet.js';
import { DelimitedFormat, DelimitedReader } from '../../../lib/framing/delimited.js';
import { leastGrowth } from '../../support/memory.js';
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

/** Packets whose data are the frames themselves. */
const asText = (text: string, from = 0, to = text.length): Packet => ({
  type: 'frame',
  data: text.slice(from, to),
});
const make = (delimiter: string, maxMessageSize = LIMITS.maxMessageSize) =>
  new DelimitedReader(new DelimitedFormat(delimiter, { parse: asText }, { maxMessageSize, maxDepth: 500 }));
const framesOf = (delimiter: string, chunks: Buffer[]) =>
  read(make(delimiter), chunks).packets.map((packet) => (packet as Packet).data);

const DELIMITERS = ['\f', '\n', '\0\0', '||', '§', '|a|', '\u{1f600}', '\ufffd', 'abab'];

describe('The decoder of delimited frames', () => {
  for (const delimiter of ['\f', '\0\0', '§', '|=|']) {
    describe(`with ${JSON.stringify(delimiter)}`, () => {
      const frames = ['first', 'zweiter ü€\u{1f600}', 'a \ufeff mark', 'last'];
      const bytes = Buffer.from(frames.map((frame) => frame + delimiter).join(''));
      const packets = frames.map((frame) => asText(frame));
      const fresh = () => make(delimiter);
      itReadsFrames(fresh, bytes, packets);
      itGivesBackWhatItHasNotRead(fresh, bytes, packets);
    });
  }

  it('finds the same frames in any bytes, whatever the chunks', () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)),
      fc.constantFrom(...DELIMITERS, '|', 'a', '\ud83d', 'é', 'ab').map((text) => Buffer.from(text)),
      fc.constantFrom([0xc2], [0xe2, 0x82], [0xf0, 0x9f, 0x98], [0xff], [0xef, 0xbf]).map(Buffer.from),
    );
    const stream = fc.array(piece, { maxLength: 40 }).map((pieces) => Buffer.concat(pieces));
    fc.assert(
      fc.property(fc.constantFrom(...DELIMITERS), stream, sizes, (delimiter, bytes, pieces) => {
        const whole = read(make(delimiter), [bytes]);
        expect(read(make(delimiter), cut(bytes, pieces))).toEqual(whole);
        expect(readOneByOne(() => make(delimiter), cut(bytes, pieces), false)).toEqual(whole);
      }),
      RUNS,
    );
  });

  it('finds the same frames in long ones, whose characters are cut in two', () => {
    const text = 'aé€\u{1f600}'.repeat(40_000);
    for (const size of [4096, 65_536, 65_537, 100_003]) {
      expect(framesOf('\f', cut(Buffer.from(`${text}\f${text}\f`), [size]))).toEqual([text, text]);
    }
  });

  it('uses the first of two delimiters that overlap', () => {
    expect(framesOf('\0\0', [Buffer.from('a\0\0\0b\0\0')])).toEqual(['a', '\0b']);
    expect(framesOf('\0\0', [Buffer.from('a\0\0\0'), Buffer.from('b\0\0')])).toEqual(['a', '\0b']);
    expect(framesOf('abab', [Buffer.from('1ababab2abab')])).toEqual(['1', 'ab2']);
  });

  it('does not mistake bytes that are not UTF-8 for a delimiter', () => {
    const bytes = Buffer.concat([Buffer.from('a'), Buffer.from([0xff]), Buffer.from('b\ufffdc\ufffd')]);
    expect(framesOf('\ufffd', [bytes])).toEqual(['a\ufffdb', 'c']);
  });

  it('reads a frame as long as the limit, and none that is longer', () => {
    for (const delimiter of ['\f', '||']) {
      for (const size of [1, 2, 5, 20]) {
        const fits = cut(Buffer.from(`x${delimiter}${'a'.repeat(10)}${delimiter}`), [size]);
        expect(read(make(delimiter, 10), fits).packets.length).toBe(2);
        const long = cut(Buffer.from(`x${delimiter}${'a'.repeat(11)}${delimiter}`), [size]);
        const outcome = read(make(delimiter, 10), long);
        expect(outcome).toEqual({ packets: [asText('x')], error: 'ERR_IPC_TOO_LARGE' });
      }
    }
  });

  it('fails when the bytes that it holds exceed the limit', () => {
    const decoder = new Reader(make('\f', 1000));
    const chunk = Buffer.alloc(100, 'a');
    for (let i = 0; i < 10; i++) decoder.push(chunk, () => true);
    expect(decoder.buffered).toBe(1000);
    expect(codeThrown(() => decoder.push(Buffer.from('a'), () => true))).toBe('ERR_IPC_TOO_LARGE');
  });

  it('applies the limit in bytes', () => {
    expect(read(make('\f', 8), [Buffer.from('éééé\f')]).error).toBeUndefined();
    expect(read(make('\f', 7), [Buffer.from('éééé\f')]).error).toBe('ERR_IPC_TOO_LARGE');
  });

  it('applies the limit to each of many short frames in a chunk', () => {
    const frames = Array.from({ length: 1000 }, (_, i) => String(i));
    const outcome = read(make('\f', 4), [Buffer.from(`${frames.join('\f')}\f`)]);
    expect(outcome).toEqual({ packets: frames.map((frame) => asText(frame)), error: undefined });
  });

  it('refuses a frame that is longer than any string, even without a limit', () => {
    const bytes = Buffer.alloc(constants.MAX_STRING_LENGTH + 1);
    const push = () => new Reader(make('\f', Number.POSITIVE_INFINITY)).push(bytes, () => true);
    expect(codeThrown(push)).toBe('ERR_IPC_TOO_LARGE');
  });

  it('keeps only the frames that were not requested yet', () => {
    const decoder = new Reader(make('\f'));
    const got: unknown[] = [];
    const once = ({ data }: Packet) => got.push(data) < 0;
    decoder.push(Buffer.from('one\ftwo\fthr'), once);
    expect(got).toEqual(['one']);
    expect(decoder.buffered).toBe(7);
    expect(decoder.rest().toString()).toBe('two\fthr');
    expect(decoder.buffered).toBe(0);
    decoder.push(NOTHING, once);
    expect(got).toEqual(['one']);
  });

  it('gives back the part of a long frame that it holds', () => {
    const decoder = new Reader(make('\f'));
    const bytes = Buffer.from('é'.repeat(100_000));
    for (const chunk of cut(bytes, [65_535])) decoder.push(chunk, () => true);
    expect(decoder.buffered).toBe(200_000);
    expect(decoder.rest().equals(bytes)).toBeTrue();
    expect(decoder.buffered).toBe(0);
  });

  it('skips empty frames, and a byte order mark before the first', () => {
    const bytes = Buffer.from('\ufeffone\f\f\f\ufefftwo\f');
    for (const size of [1, 2, 3, 100]) {
      expect(framesOf('\f', cut(bytes, [size]))).toEqual(['one', '\ufefftwo']);
    }
    expect(framesOf('\f', [Buffer.from('\f\fone\f')])).toEqual(['one']);
  });

  it('refuses a stream that begins as HTTP or TLS, whatever the delimiter, the length and the chunks', () => {
    const beginnings = [
      `POST /${'a'.repeat(100_000)} HTTP/1.1\r\n`,
      'GET /||{"type":"x"}|| HTTP/1.1\r\n',
      'OPTIONS * HTTP/1.1\r\n',
      'GET http://localhost/ HTTP/1.1\r\n',
      'HTTP/1.1 400 Bad Request\r\n',
      '\x16\x03\x01\x02',
    ];
    for (const beginning of beginnings) {
      for (const delimiter of ['\f', '||', '\n', '\0\0']) {
        const bytes = Buffer.from(`${beginning}${delimiter}frame${delimiter}`, 'latin1');
        for (const size of [1, 7, bytes.length]) {
          const outcome = read(make(delimiter), cut(bytes.subarray(0, 200), [size]));
          expect(outcome)
            .withContext(`${beginning.slice(0, 20)} ${delimiter} ${size}`)
            .toEqual({ packets: [], error: 'ERR_IPC_PROTOCOL' });
        }
      }
    }
  });

  it('reads a frame that only resembles HTTP', () => {
    const frames = ['GET', 'POST', 'A /', 'HELLO world', 'HTTP', 'get / HTTP/1.1', '"POST / HTTP/1.1"'];
    for (const frame of frames) expect(framesOf('\f', [Buffer.from(`${frame}\f`)])).toEqual([frame]);
    for (const frame of frames) expect(framesOf('\f', cut(Buffer.from(`${frame}\f`), [1]))).toEqual([frame]);
    expect(framesOf('\f', [Buffer.from('one\fPOST / HTTP/1.1\f')])).toEqual(['one', 'POST / HTTP/1.1']);
    expect(framesOf('GET /', [Buffer.from('GET /oneGET /')])).toEqual(['one']);
  });

  it('reports a stream that ends within a frame', () => {
    const decoder = new Reader(make('\f'));
    decoder.push(Buffer.from('one\ftwo'), () => true);
    expect(decoder.end()).toBe('ERR_IPC_DECODE');
    expect(decoder.buffered).toBe(0);
    for (const end of ['', '\n', ' \r\n']) {
      decoder.push(Buffer.from(`one\f${end}`), () => true);
      expect(decoder.end()).toBeUndefined();
      expect(decoder.buffered).toBe(0);
    }
  });

  it('holds single bytes of a frame in little more memory than their length', () => {
    const byte = Buffer.from('x');
    const held: unknown[] = [];
    const grown = leastGrowth(
      () => {
        const decoder = new Reader(make('\f'));
        for (let i = 0; i < 500_000; i++) decoder.push(byte, () => true);
        expect(decoder.buffered).toBe(500_000);
        held.push(decoder);
      },
      ({ heapUsed, arrayBuffers }) => heapUsed + arrayBuffers,
    );
    expect(held.length).toBeGreaterThan(0);
    expect(grown).toBeLessThan(40_000_000);
  });
});
