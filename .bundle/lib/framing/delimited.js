import { constants } from 'node:buffer';
import { tooLarge } from '../../entities/limits.js';
import { ByteQueue } from './byte-queue.js';
const NOTHING = Buffer.alloc(0);
/** In place of a position: `deliver` wanted no more. */
const STOPPED = -1;
/**
 * Frames of UTF-8 text, each followed by a delimiter: node-ipc's and socket-ipc's. It looks for delimiters in bytes and
 * decodes all complete frames of a chunk at once, so no character is ever cut in two.
 */
export class DelimitedDecoder {
    #parse;
    #limits;
    #delimiter;
    #bytes;
    /** By how many bytes the delimiter can overlap with itself. */
    #shifts;
    /** Whether bytes that are no UTF-8 could become the delimiter's text. */
    #replacement;
    /** Holds no whole delimiter. */
    #carry = new ByteQueue();
    /** Comes after the carry: the beginning of a delimiter that a chunk ended in, or what `deliver` did not want yet. */
    #unread = NOTHING;
    constructor(delimiter, parse, limits) {
        this.#delimiter = delimiter;
        this.#bytes = Buffer.from(delimiter);
        this.#shifts = shiftsOf(this.#bytes);
        this.#replacement = delimiter.includes('\ufffd');
        this.#parse = parse;
        this.#limits = limits;
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
        const width = this.#bytes.length;
        let start = 0;
        if (this.#carry.length > 0) {
            const end = bytes.indexOf(this.#bytes);
            if (end === -1) {
                this.#keep(bytes);
                return;
            }
            start = end + width;
            if (!this.#first(bytes.subarray(0, end), deliver)) {
                this.#unread = bytes.subarray(start);
                return;
            }
        }
        const last = this.#lastDelimiter(bytes);
        if (last >= start) {
            start = this.#frames(bytes, start, last, deliver);
            if (start === STOPPED)
                return;
        }
        if (start < bytes.length)
            this.#keep(start === 0 ? bytes : bytes.subarray(start));
    }
    rest() {
        const bytes = Buffer.concat([this.#carry.take(), this.#unread]);
        this.#unread = NOTHING;
        return bytes;
    }
    /** Where the last delimiter begins: mostly at the very end, as peers write whole frames. */
    #lastDelimiter(bytes) {
        if (this.#bytes.length > 1)
            return bytes.lastIndexOf(this.#bytes);
        const byte = this.#bytes[0];
        const end = bytes.length - 1;
        return bytes[end] === byte ? end : bytes.lastIndexOf(byte);
    }
    /** Delivers the frame whose end is `end` and whose beginning was carried. */
    #first(end, deliver) {
        if (this.#carry.length + end.length > this.#longest)
            throw tooLarge(this.#limits);
        this.#carry.append(end);
        const text = this.#carry.takeText();
        return deliver(this.#whole(text));
    }
    /** The longest frame, in bytes: no string can be longer than Node's longest. */
    get #longest() {
        return Math.min(this.#limits.maxMessageSize, constants.MAX_STRING_LENGTH);
    }
    /** Delivers the complete frames from `start` to the delimiter at `last`; where they end, or STOPPED. */
    #frames(bytes, start, last, deliver) {
        if (last - start > this.#longest || this.#isUnclear(bytes, start, last)) {
            return this.#oneByOne(bytes, start, deliver);
        }
        const text = bytes.toString('utf8', start, last);
        const delimiter = this.#delimiter;
        const width = delimiter.length;
        const plain = isPlain(text);
        let count = 0;
        let from = 0;
        for (;;) {
            const to = text.indexOf(delimiter, from);
            count++;
            if (!deliver(this.#parse(text, from, to === -1 ? text.length : to, plain))) {
                this.#unread = bytes.subarray(this.#skip(bytes, start, count));
                return STOPPED;
            }
            if (to === -1)
                return last + this.#bytes.length;
            from = to + width;
        }
    }
    /** Whether the text of the frames could be divided otherwise than their bytes. */
    #isUnclear(bytes, start, last) {
        if (this.#replacement)
            return true;
        const shifts = this.#shifts;
        for (let i = 0; i < shifts.length; i++) {
            // One that begins before the last one counts, not the last one.
            let at = last - shifts[i];
            if (at < start)
                continue;
            const from = at;
            while (at < last && bytes[at] === this.#bytes[at - from])
                at++;
            if (at === last)
                return true;
        }
        return false;
    }
    /** Where the bytes of the frame after the next `count` frames begin. */
    #skip(bytes, start, count) {
        let at = start;
        for (let i = 0; i < count; i++)
            at = bytes.indexOf(this.#bytes, at) + this.#bytes.length;
        return at;
    }
    /** As {@link #frames}, with each frame measured and decoded by itself. */
    #oneByOne(bytes, start, deliver) {
        let from = start;
        for (;;) {
            const to = bytes.indexOf(this.#bytes, from);
            if (to === -1)
                return from;
            if (to - from > this.#longest)
                throw tooLarge(this.#limits);
            const frame = bytes.toString('utf8', from, to);
            from = to + this.#bytes.length;
            if (!deliver(this.#whole(frame))) {
                this.#unread = bytes.subarray(from);
                return STOPPED;
            }
        }
    }
    #whole(frame) {
        return this.#parse(frame, 0, frame.length, isPlain(frame));
    }
    /** Holds the beginning of a frame. */
    #keep(bytes) {
        const cut = this.#cutDelimiter(bytes);
        const whole = bytes.length - cut;
        if (this.#carry.length + whole > this.#longest)
            throw tooLarge(this.#limits);
        this.#carry.append(cut === 0 ? bytes : bytes.subarray(0, whole));
        if (cut > 0)
            this.#unread = Buffer.from(bytes.subarray(whole));
    }
    /** How many bytes at the end could be the beginning of a delimiter. */
    #cutDelimiter(bytes) {
        const delimiter = this.#bytes;
        for (let size = Math.min(delimiter.length - 1, bytes.length); size > 0; size--) {
            if (bytes.subarray(bytes.length - size).equals(delimiter.subarray(0, size)))
                return size;
        }
        return 0;
    }
}
/** Asked once for many frames: each by itself would cost two percent. */
function isPlain(text) {
    return !text.includes('\\');
}
/** The distances at which a second delimiter can begin inside of a first one. */
function shiftsOf(delimiter) {
    const shifts = [];
    for (let shift = 1; shift < delimiter.length; shift++) {
        if (delimiter.subarray(shift).equals(delimiter.subarray(0, -shift)))
            shifts.push(shift);
    }
    return shifts;
}
//# sourceMappingURL=delimited.js.map