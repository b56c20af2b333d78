import fc from 'fast-check';
import {
  LONGEST_LENGTH,
  LONGEST_TEXT,
  lengthEnd,
  lengthSize,
  lengthText,
  readLength,
  textEnd,
  textStart,
  writeLength,
} from '../../../services/net-ipc/base128.js';
import { codeThrown, RUNS } from '../../lib/dialects/decoding.js';

function bytesOf(length: number): Buffer {
  const bytes = Buffer.alloc(lengthSize(length));
  writeLength(bytes, bytes.length, length);
  return bytes;
}

describe('A length in base 128', () => {
  it('has its highest group first and a mark on its last one', () => {
    expect([...bytesOf(0)]).toEqual([0x80]);
    expect([...bytesOf(1)]).toEqual([0x81]);
    expect([...bytesOf(127)]).toEqual([0xff]);
    expect([...bytesOf(128)]).toEqual([0x01, 0x80]);
    expect([...bytesOf(300)]).toEqual([0x02, 0xac]);
    expect([...bytesOf(16_383)]).toEqual([0x7f, 0xff]);
    expect([...bytesOf(16_384)]).toEqual([0x01, 0x00, 0x80]);
    expect([...bytesOf(2 ** 32)]).toEqual([0x10, 0x00, 0x00, 0x00, 0x80]);
  });

  it('is the same as text, one character per byte, up to two bytes', () => {
    for (const length of [0, 1, 127, 128, 300, LONGEST_TEXT - 1]) {
      expect(Buffer.from(lengthText(length), 'latin1'))
        .withContext(String(length))
        .toEqual(bytesOf(length));
    }
    expect(lengthSize(LONGEST_TEXT)).toBe(3);
  });

  it('gives the start and the end of the text after it', () => {
    for (const length of [0, 1, 127, 128, 300, LONGEST_TEXT - 1]) {
      const text = `before${lengthText(length)}${'x'.repeat(length)}`;
      expect([textStart(text, 6), textEnd(text, 6)]).toEqual([text.length - length, text.length]);
    }
  });

  it('is read as it was written, at any offset', () => {
    const most = 128 ** LONGEST_LENGTH - 1;
    const lengths = fc.oneof(fc.nat(20_000), fc.integer({ min: 0, max: most }));
    fc.assert(
      fc.property(
        lengths,
        fc.uint8Array({ maxLength: 9 }),
        fc.uint8Array({ maxLength: 9 }),
        (length, before, after) => {
          const bytes = Buffer.concat([before, bytesOf(length), after]);
          const end = lengthEnd(bytes, before.length);
          expect(end).toBe(before.length + lengthSize(length));
          expect(readLength(bytes, before.length, end)).toBe(length);
        },
      ),
      RUNS,
    );
  });

  it('is incomplete until its last group has come', () => {
    expect(lengthEnd(Buffer.from([1, 2, 3]), 0)).toBe(0);
    expect(lengthEnd(Buffer.from([]), 0)).toBe(0);
    expect(lengthEnd(Buffer.from([1, 2, 0x83]), 1)).toBe(3);
  });

  it('is invalid if it has more than seven groups', () => {
    expect(lengthEnd(Buffer.from([0, 0, 0, 0, 0, 0, 0x81]), 0)).toBe(7);
    expect(codeThrown(() => lengthEnd(Buffer.from([0, 0, 0, 0, 0, 0, 0, 0x81]), 0))).toBe('ERR_IPC_PROTOCOL');
    expect(codeThrown(() => lengthEnd(Buffer.from('{"type":'), 0))).toBe('ERR_IPC_PROTOCOL');
  });
});
