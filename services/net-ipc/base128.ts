import { IPCError } from '../../entities/errors.js';

/** The maximum number of seven-bit groups in a length: more than any message needs, and exact as a JavaScript number. */
export const LONGEST_LENGTH = 7;

/** How many bytes a length takes. */
export function lengthSize(length: number): number {
  let size = 1;
  for (let most = 128; length >= most; most *= 128) size++;
  return size;
}

/** Writes a length so that it ends at `end`: the highest group first, the last one with its high bit set. */
export function writeLength(bytes: Buffer, end: number, length: number): void {
  let left = length;
  let mark = 128;
  let at = end;
  do {
    bytes[--at] = (left % 128) + mark;
    left = Math.floor(left / 128);
    mark = 0;
  } while (left > 0);
}

/** Lengths below this fit in two groups and can be written as text. */
export const LONGEST_TEXT = 128 * 128;

/** A length below {@link LONGEST_TEXT} in the format of {@link writeLength}, as a string with one character per byte. */
export function lengthText(length: number): string {
  if (length < 128) return String.fromCharCode(length + 128);
  return String.fromCharCode(length >> 7, (length & 127) + 128);
}

/** Where the text starts whose length is at `at`. */
export function textStart(text: string, at: number): number {
  return text.charCodeAt(at) > 127 ? at + 1 : at + 2;
}

/** Where the text ends whose length is at `at`. */
export function textEnd(text: string, at: number): number {
  const first = text.charCodeAt(at);
  return first > 127 ? at + 1 + first - 128 : at + 2 + first * 128 + text.charCodeAt(at + 1) - 128;
}

/**
 * Where the length that starts at `at` ends; 0 if it is incomplete.
 * @throws IPCError ERR_IPC_PROTOCOL if it is invalid
 */
export function lengthEnd(bytes: Buffer, at: number): number {
  const most = Math.min(bytes.length, at + LONGEST_LENGTH);
  for (let i = at; i < most; i++) if ((bytes[i] as number) > 127) return i + 1;
  if (most < at + LONGEST_LENGTH) return 0;
  throw new IPCError(
    'ERR_IPC_PROTOCOL',
    'A frame does not begin with a length: the other side does not speak net-ipc.',
  );
}

/** Reads the length from `at` to `end`. */
export function readLength(bytes: Buffer, at: number, end: number): number {
  let length = 0;
  for (let i = at; i < end; i++) length = length * 128 + ((bytes[i] as number) & 127);
  return length;
}
