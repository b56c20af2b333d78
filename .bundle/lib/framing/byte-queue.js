import { release } from '../bytes.js';
/** Chunks from this size on are kept as they came; smaller ones are copied together. */
const LARGE_CHUNK = 4096;
const LARGEST_TAIL = 64 * 1024;
/**
 * Bytes that wait for the rest of their frame. Chunks of any size are taken in at a cost in proportion to their bytes:
 * large ones by reference, small ones copied together, so that a peer which sends byte by byte costs no object a byte.
 */
export class ByteQueue {
    #chunks = [];
    #tail;
    #used = 0;
    length = 0;
    /** Adds a chunk at the end. */
    append(chunk) {
        if (chunk.length === 0)
            return;
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
    /** Everything held, as one buffer; the carry is empty afterwards. */
    take() {
        this.#closeTail();
        const chunks = this.#chunks;
        const bytes = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, this.length);
        this.#chunks = [];
        this.length = 0;
        return bytes;
    }
    /** {@link take} as text. */
    takeText() {
        this.#closeTail();
        const joined = this.#chunks.length > 1;
        const bytes = this.take();
        const text = bytes.toString();
        if (joined)
            release(bytes);
        return text;
    }
    /** A tail with room for `size` bytes more. */
    #room(size) {
        const tail = this.#tail;
        if (tail !== undefined && this.#used + size <= tail.length)
            return tail;
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
    #closeTail() {
        if (this.#tail === undefined)
            return;
        this.#chunks.push(this.#tail.subarray(0, this.#used));
        this.#tail = undefined;
        this.#used = 0;
    }
}
//# sourceMappingURL=byte-queue.js.map