import type { LongText } from '../../entities/packet.js';
import { utf8Of } from '../bytes.js';

/** Longer text is converted to bytes and written in pieces of this many characters, as fast as the kernel accepts them. */
export const LONGEST_PIECE = 64 * 1024;

/** A piece of a text as bytes. */
export function pieceOf(part: string | LongText, start: number, end: number): Buffer {
  return typeof part === 'string' ? utf8Of(part.slice(start, end)) : part.bytes(start, end);
}

/** Where a piece ends without separating a surrogate pair. */
export function pieceEnd(text: string, start: number): number {
  const end = start + LONGEST_PIECE;
  if (end >= text.length) return text.length;
  return (text.charCodeAt(end - 1) & 0xfc00) === 0xd800 ? end - 1 : end;
}
