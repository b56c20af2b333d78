import { constants } from 'node:buffer';
import { codeOf, IPCError, messageOf } from '../../entities/errors.js';
import { tooLarge } from '../../entities/limits.js';
import { loadPackage } from './optional-packages.js';
function ignore() { }
/** @throws IPCError ERR_IPC_MISSING_PACKAGE */
export function loadFastZlib() {
    return loadPackage('fast-zlib', 'config.compress');
}
/**
 * One direction of a connection through raw deflate: each body is flushed, and made with what the ones before had in it.
 * So what was deflated must be sent.
 */
export class Deflater {
    #stream;
    /** @throws IPCError ERR_IPC_MISSING_PACKAGE */
    constructor() {
        const { DeflateRaw } = loadFastZlib();
        this.#stream = new DeflateRaw();
    }
    deflate(body) {
        return this.#stream.process(body);
    }
}
/** The other end of a {@link Deflater}: takes the bodies in the order in which they were made. */
export class Inflater {
    #limits;
    #stream;
    /** @throws IPCError ERR_IPC_MISSING_PACKAGE */
    constructor(limits) {
        const { InflateRaw } = loadFastZlib();
        this.#limits = limits;
        // Inflating stops where this is passed, before the rest takes any memory.
        this.#stream = new InflateRaw({ maxOutputLength: Math.min(limits.maxMessageSize, constants.MAX_LENGTH) });
    }
    /** @throws IPCError ERR_IPC_TOO_LARGE, ERR_IPC_PROTOCOL; it is of no more use after either */
    inflate(body) {
        try {
            return this.#stream.process(body);
        }
        catch (cause) {
            // Node's stream will emit the same error again, when nobody listens any more: uncaught, it would end the process.
            this.#stream.instance.on('error', ignore);
            if (codeOf(cause) === 'ERR_BUFFER_TOO_LARGE')
                throw tooLarge(this.#limits);
            const message = `A compressed frame cannot be inflated: ${messageOf(cause)}; the two ends no longer agree.`;
            throw new IPCError('ERR_IPC_PROTOCOL', message, { cause });
        }
    }
}
//# sourceMappingURL=deflate.js.map