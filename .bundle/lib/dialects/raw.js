import { IPCError, messageOf } from '../../entities/errors.js';
const NOTHING = Buffer.alloc(0);
/** Delivers each chunk as it came. */
class RawDecoder {
    buffered = 0;
    push(chunk, deliver) {
        if (chunk.length > 0)
            deliver({ type: 'data', data: chunk });
    }
    rest() {
        return NOTHING;
    }
}
/** Of what is more than bytes. */
export function rawUnsupported(type) {
    const message = `${type} cannot be sent: with config.rawBuffer there are only bytes; turn it off for requests and topics.`;
    return new IPCError('ERR_IPC_UNSUPPORTED', message);
}
/** Bytes as they are; strings and arrays become bytes by `config.encoding`. */
export class RawDialect {
    name = 'raw';
    shared = true;
    plain = true;
    #encoding;
    constructor(encoding) {
        this.#encoding = encoding;
    }
    encode({ type, data, id }) {
        if (type !== 'data' || id !== undefined)
            throw rawUnsupported(type);
        if (Buffer.isBuffer(data))
            return data;
        if (ArrayBuffer.isView(data))
            return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
        try {
            if (typeof data === 'string')
                return Buffer.from(data, this.#encoding);
            return Buffer.from(data);
        }
        catch (cause) {
            const message = `rawBuffer sends a string, an array of bytes or a Buffer: ${messageOf(cause)}`;
            throw new IPCError('ERR_IPC_ENCODE', message, { cause });
        }
    }
    decoder(_limits) {
        return new RawDecoder();
    }
    agree(_agreement, _limits) {
        return this;
    }
}
//# sourceMappingURL=raw.js.map