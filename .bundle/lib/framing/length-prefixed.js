import { tooLarge } from '../../entities/limits.js';
import { ByteQueue } from './byte-queue.js';
const NOTHING = Buffer.alloc(0);
/** Frames that begin with a head which says how long their body is. Its heirs read heads and bodies. */
export class LengthPrefixedDecoder {
    limits;
    /** Bytes of the head that was read last. */
    headSize = 0;
    /** Bytes of the body that it announces. */
    bodySize = 0;
    /** A frame whose head is whole and whose body is not. */
    #carry = new ByteQueue();
    /** Bytes of the frame in the carry when it is whole. */
    #wanted = 0;
    /** A head that is not whole, or what `deliver` did not want yet. */
    #unread = NOTHING;
    constructor(limits) {
        this.limits = limits;
    }
    get buffered() {
        return this.#carry.length + this.#unread.length;
    }
    push(chunk, deliver) {
        let bytes = chunk;
        if (this.#unread.length > 0) {
            bytes = chunk.length === 0 ? this.#unread : Buffer.concat([this.#unread, chunk]);
            this.#unread = NOTHING;
        }
        let at = 0;
        if (this.#carry.length > 0) {
            at = this.#wanted - this.#carry.length;
            this.#carry.append(at < bytes.length ? bytes.subarray(0, at) : bytes);
            if (at > bytes.length)
                return;
            const frame = this.#carry.take();
            if (!deliver(this.body(frame, this.headSize, frame.length))) {
                this.#unread = bytes.subarray(at);
                return;
            }
        }
        this.#frames(bytes, at, deliver);
    }
    rest() {
        const bytes = Buffer.concat([this.#carry.take(), this.#unread]);
        this.#unread = NOTHING;
        return bytes;
    }
    /** Delivers the frames from `at` on, and keeps the one that is not whole. */
    #frames(bytes, from, deliver) {
        let at = from;
        while (at < bytes.length) {
            if (!this.head(bytes, at)) {
                this.#unread = Buffer.from(bytes.subarray(at));
                return;
            }
            if (this.bodySize > this.limits.maxMessageSize)
                throw tooLarge(this.limits);
            const start = at + this.headSize;
            const end = start + this.bodySize;
            if (end > bytes.length) {
                this.#wanted = end - at;
                this.#carry.append(bytes.subarray(at));
                return;
            }
            at = end;
            if (!deliver(this.body(bytes, start, end))) {
                this.#unread = bytes.subarray(at);
                return;
            }
        }
    }
}
//# sourceMappingURL=length-prefixed.js.map