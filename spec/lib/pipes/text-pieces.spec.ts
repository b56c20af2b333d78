import { LONGEST_PIECE, pieceEnd, pieceOf } from '../../../lib/pipes/text-pieces.js';

describe('A piece of a text', () => {
  it('ends with the text, or at its longest', () => {
    expect(pieceEnd('abc', 1)).toBe(3);
    expect(pieceEnd('a'.repeat(LONGEST_PIECE + 5), 0)).toBe(LONGEST_PIECE);
    expect(pieceEnd('a'.repeat(LONGEST_PIECE + 5), 5)).toBe(LONGEST_PIECE + 5);
  });

  it('separates no surrogate pair', () => {
    const text = `${'a'.repeat(LONGEST_PIECE - 1)}😀b`;
    const end = pieceEnd(text, 0);
    expect(end).toBe(LONGEST_PIECE - 1);
    expect(pieceOf(text, end, pieceEnd(text, end)).toString()).toBe('😀b');
  });
});
