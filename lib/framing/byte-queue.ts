import { release } from '../bytes.js';

/** Chunks of at least this many bytes are kept by reference; smaller ones are copied together. */
const LARGE_CHUNK = 4096;
const LARGEST_TAIL = 64 * 1024;

/** Frames up to this size are joined in a reused buffer, in bytes. */
const SCRATCH = 256 * 1024;
let scratch: Buffer | undefined;

const NOTHING = Buffer.alloc(0);

/**
 * The unread bytes of a stream, and the only place where they are buffered. Decoders take what they can read and leave the
 * rest, so that another decoder can continue from there.
 *
 * The cost of a chunk is proportional to its size: large chunks are kept by reference, small ones are copied together. So a
 * peer that sends single bytes does not cause an object per byte.
 */
export class ByteQueue {
  #chunks: Buffer[] = [];
  #tail: Buffer | undefined;
  #used = 0;
  /** How many leading bytes cannot be the start of a match of {@link indexOf}. */
  #searched = 0;
  length = 0;

  /**
   * Appends a chunk and takes ownership of it. An empty queue keeps the chunk without copying, since it is about to be
   * read.
   */
  append(chunk: Buffer): void {
    if (this.length > 0) this.#add(chunk);
    else if (chunk.length > 0) {
      this.length = chunk.length;
      this.#chunks.push(chunk);
    }
  }

  /**
   * Puts back the unread end of a buffer from {@link take}, so that the queue does not retain the bytes that were read.
   * @param searched how many of its leading bytes {@link indexOf} can skip
   */
  keep(rest: Buffer, searched = 0): void {
    this.#add(rest);
    this.#searched = searched;
  }

  /** Removes and returns the first `size` bytes, by default all, as one buffer. */
  take(size = this.length): Buffer {
    if (size === 0) return NOTHING;
    this.#closeTail();
    this.#searched = 0;
    const chunks = this.#chunks;
    const first = chunks[0] as Buffer;
    this.length -= size;
    if (first.length === size) {
      // An array that is emptied by its length loses its memory, which the next chunk would allocate again.
      if (chunks.length === 1) chunks.pop();
      else chunks.shift();
      return first;
    }
    if (first.length > size) {
      chunks[0] = first.subarray(size);
      return first.subarray(0, size);
    }
    return Buffer.concat(this.#split(size), size);
  }

  /**
   * Like {@link take}, but for bytes that are read at once and not retained: bytes that must be joined are placed in a
   * reused buffer or, if they do not fit into it, in memory that is freed afterwards.
   */
  takeFor<Result>(size: number, read: (bytes: Buffer, from: number, to: number) => Result): Result {
    this.#closeTail();
    const first = this.#chunks[0];
    if (first === undefined || first.length >= size) return read(this.take(size), 0, size);
    this.length -= size;
    this.#searched = 0;
    const parts = this.#split(size);
    if (size > SCRATCH) {
      const joined = Buffer.concat(parts, size);
      const result = read(joined, 0, size);
      release(joined);
      return result;
    }
    scratch ??= Buffer.allocUnsafeSlow(SCRATCH);
    let at = 0;
    for (const part of parts) at += part.copy(scratch, at);
    return read(scratch, 0, size);
  }

  /** Returns the first `size` bytes, or all if there are fewer, without removing them. */
  peek(size: number): Buffer {
    this.#closeTail();
    const chunks = this.#chunks;
    const first = chunks[0] ?? NOTHING;
    if (first.length >= size || first.length === this.length) return first.subarray(0, size);
    const head = Buffer.allocUnsafe(Math.min(size, this.length));
    for (let i = 0, at = 0; at < head.length; i++) at += (chunks[i] as Buffer).copy(head, at);
    return head;
  }

  /** Discards everything. */
  clear(): void {
    this.#chunks = [];
    this.#tail = undefined;
    this.#used = 0;
    this.#searched = 0;
    this.length = 0;
  }

  /**
   * The position of `needle`, or -1. It does not search the same bytes twice, so the needle must stay the same until bytes
   * are taken.
   */
  indexOf(needle: Buffer): number {
    const from = this.#searched;
    const chunks = this.#chunks;
    const last = this.#used > 0 ? chunks.length : chunks.length - 1;
    let i = chunks.length;
    let start = this.length - this.#used;
    while (start > from) start -= (chunks[--i] as Buffer).length;
    for (; i <= last; i++) {
      const chunk = this.#chunk(i);
      const at = chunk.indexOf(needle, Math.max(0, from - start));
      if (at !== -1) return start + at;
      const end = start + chunk.length;
      if (i < last) {
        const first = Math.max(from, start, end - needle.length + 1);
        for (let seam = first; seam < end; seam++) if (this.#isAt(needle, i, seam - start)) return seam;
      }
      start = end;
    }
    this.#searched = Math.max(from, this.length - needle.length + 1);
    return -1;
  }

  #chunk(i: number): Buffer {
    return this.#chunks[i] ?? (this.#tail as Buffer).subarray(0, this.#used);
  }

  /** Whether `needle` is at an offset in a chunk; it may continue in the next chunks. */
  #isAt(needle: Buffer, index: number, offset: number): boolean {
    let i = index;
    let at = offset;
    let chunk = this.#chunk(i);
    const last = this.#used > 0 ? this.#chunks.length : this.#chunks.length - 1;
    for (let n = 0; n < needle.length; n++) {
      if (at === chunk.length) {
        if (i === last) return false;
        chunk = this.#chunk(++i);
        at = 0;
      }
      if (chunk[at++] !== needle[n]) return false;
    }
    return true;
  }

  /** Splits off the chunks of the first `size` bytes, which span more than one chunk. */
  #split(size: number): Buffer[] {
    const chunks = this.#chunks;
    let count = 0;
    let left = size;
    while (left > 0 && left >= (chunks[count] as Buffer).length) left -= (chunks[count++] as Buffer).length;
    const parts = chunks.splice(0, count);
    if (left > 0) {
      const cut = chunks[0] as Buffer;
      parts.push(cut.subarray(0, left));
      chunks[0] = cut.subarray(left);
    }
    return parts;
  }

  #add(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.length += chunk.length;
    if (chunk.length >= LARGE_CHUNK) {
      this.#closeTail();
      this.#chunks.push(chunk);
      return;
    }
    const tail = this.#room(chunk.length);
    chunk.copy(tail, this.#used);
    this.#used += chunk.length;
  }

  /** Returns the last chunk, with room for `size` more bytes. */
  #room(size: number): Buffer {
    const tail = this.#tail;
    if (tail !== undefined && this.#used + size <= tail.length) return tail;
    if (tail !== undefined && this.#used + size > LARGEST_TAIL) {
      this.#closeTail();
      return this.#room(size);
    }
    const wanted = Math.max(this.#used + size, tail === undefined ? 0 : 2 * tail.length);
    const grown = Buffer.allocUnsafeSlow(Math.min(Math.max(wanted, 64), LARGEST_TAIL));
    tail?.copy(grown, 0, 0, this.#used);
    this.#tail = grown;
    return grown;
  }

  #closeTail(): void {
    if (this.#tail === undefined) return;
    this.#chunks.push(this.#tail.subarray(0, this.#used));
    this.#tail = undefined;
    this.#used = 0;
  }
}
