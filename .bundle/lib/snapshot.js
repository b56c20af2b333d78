import { deserialize, serialize } from 'node:v8';
import { IPCError, messageOf } from '../entities/errors.js';
/** A copy of a value in bytes, as whatever will encode it later would have read it now. */
export class Snapshot {
    bytes;
    /** @throws IPCError ERR_IPC_ENCODE */
    constructor(value) {
        try {
            this.bytes = serialize(plain(value));
        }
        catch (cause) {
            throw new IPCError('ERR_IPC_ENCODE', `The payload cannot be sent: ${messageOf(cause)}.`, { cause });
        }
    }
    /** The value; a fresh one each time. */
    get value() {
        return deserialize(this.bytes);
    }
}
/** What is copied as it is: a codec may know more of it than its properties. */
const WHOLE = [Date, Map, Set, RegExp, Error, ArrayBuffer];
/**
 * The value without what no codec sends: functions, symbols, and classes, whose instances say themselves what they are.
 * `told`: it is what a toJSON gave, which as in JSON has the last word.
 */
function plain(value, told = false) {
    if (typeof value === 'function' || typeof value === 'symbol')
        return undefined;
    if (typeof value !== 'object' || value === null)
        return value;
    if (Array.isArray(value))
        return value.map((entry) => plain(entry));
    if (ArrayBuffer.isView(value) || WHOLE.some((known) => value instanceof known))
        return value;
    const { toJSON } = value;
    if (typeof toJSON === 'function' && !told)
        return plain(toJSON.call(value), true);
    const copy = {};
    for (const [key, entry] of Object.entries(value))
        copy[key] = plain(entry);
    return copy;
}
//# sourceMappingURL=snapshot.js.map