import { transcode } from 'node:buffer';

/** No bytes. */
export const EMPTY = Buffer.alloc(0);

/** What a stream takes for bytes. */
export type Bytes = Uint8Array | ArrayBuffer;

export function isBytes(value: unknown): value is Bytes {
  return value instanceof Uint8Array || value instanceof ArrayBuffer;
}

/** The same bytes as a Buffer, not copied. */
export function bufferOf(bytes: Bytes): Buffer {
  if (Buffer.isBuffer(bytes)) return bytes;
  if (bytes instanceof ArrayBuffer) return Buffer.from(bytes);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** So many characters go through memory that is used again. */
const SCRATCH = 64 * 1024;
let scratch: Buffer | undefined;

/** A text's UTF-8. By way of UTF-16 Node makes it several times as fast as otherwise, unless the text is ASCII. */
export function utf8Of(text: string): Buffer {
  return exactUTF8(text) ?? Buffer.from(text);
}

/**
 * {@link utf8Of} for a text that must be the same when it is read.
 * @returns nothing if it has a lone surrogate, which has no bytes of its own
 */
export function exactUTF8(text: string): Buffer | undefined {
  try {
    return transcode(utf16Of(text), 'utf16le', 'utf8');
  } catch {
    return undefined;
  }
}

function utf16Of(text: string): Buffer {
  if (text.length > SCRATCH) return Buffer.from(text, 'utf16le');
  scratch ??= Buffer.allocUnsafeSlow(2 * SCRATCH);
  return scratch.subarray(0, scratch.write(text, 'utf16le'));
}

/**
 * Gives back the memory of bytes that nobody will look at again, where Node can. They would wait for a garbage collector
 * that sees little of them.
 */
export function release(bytes: Buffer): void {
  const memory = bytes.buffer as ArrayBuffer & { transfer?(size: number): ArrayBuffer };
  // Short buffers share theirs.
  if (memory.byteLength === bytes.length) memory.transfer?.(0);
}
