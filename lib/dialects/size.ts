import type { Framing } from '../../entities/config/wire.js';
import { type Limits, tooLargeToSend } from '../../entities/limits.js';
import { type Encoded, lengthOf } from '../../entities/packet.js';
import { type ByteOrder, UINT32, writeUint32 } from '../framing/length-prefixed.js';

/** The maximum number of bytes per UTF-16 code unit in UTF-8. */
const WIDEST = 3;

/** Quick check whether a packet could exceed the size limit and needs to be measured. */
export function mayBeTooLarge(encoded: Encoded, limits: Limits): boolean {
  const length = typeof encoded === 'string' ? encoded.length : lengthOf(encoded);
  return length * WIDEST > limits.maxMessageSize;
}

/**
 * Measures the encoded size of a packet.
 * @param around how many of its bytes do not count
 * @throws IPCError ERR_IPC_TOO_LARGE
 */
export function checkSize(encoded: Encoded, around: number, limits: Limits): void {
  const size = byteLengthOf(encoded) - around;
  if (size > limits.maxMessageSize) throw tooLargeToSend(size, limits);
}

function byteLengthOf(encoded: Encoded): number {
  if (typeof encoded === 'string' || Buffer.isBuffer(encoded)) return Buffer.byteLength(encoded);
  return encoded.reduce(
    (size, part) => size + Buffer.byteLength(typeof part === 'string' ? part : part.text),
    0,
  );
}

/**
 * Prepends the four-byte length to a message.
 * @throws IPCError ERR_IPC_TOO_LARGE
 */
export function prefixed(message: Buffer | string, order: ByteOrder, limits: Limits): Buffer {
  checkSize(message, 0, limits);
  const frame = Buffer.allocUnsafe(UINT32 + Buffer.byteLength(message));
  if (typeof message === 'string') frame.write(message, UINT32);
  else message.copy(frame, UINT32);
  return writeUint32(frame, order);
}

/** The byte order of the length before each message; undefined if there is no length. */
export function orderOf(framing: Framing): ByteOrder | undefined {
  if (framing === 'delimited') return undefined;
  return framing === 'length-prefixed' ? 'big-endian' : 'little-endian';
}
