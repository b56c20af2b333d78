import { IPCError, messageOf } from '../../entities/errors.js';
import { malformed } from '../../entities/packet.js';
import { LONG, parseAround } from './long-text.js';
import { readJSON } from './read-json.js';
/**
 * JSON.stringify with a payload's own faults told apart from ours.
 * @throws IPCError ERR_IPC_ENCODE
 */
export function stringify(value) {
    try {
        return JSON.stringify(value);
    }
    catch (cause) {
        throw new IPCError('ERR_IPC_ENCODE', `The payload is no JSON: ${messageOf(cause)}.`, { cause });
    }
}
/** {@link readJSON} for a body of any length. */
export function parseJSON(json) {
    const around = json.length >= LONG ? parseAround(json) : undefined;
    return around === undefined ? readJSON(json) : around.value;
}
const HTTP = /^[A-Z]{3,10} [^ ]{0,4096} HTTP\/\d/;
/**
 * Tells of a frame that {@link parseJSON} could not read.
 * @throws IPCError ERR_IPC_PROTOCOL for the head of an HTTP request: any web page can have a browser send one here, with
 * frames in its body
 */
export function unreadable(frame, cause) {
    if (!HTTP.test(frame))
        return malformed('A frame is no JSON', frame, cause);
    throw new IPCError('ERR_IPC_PROTOCOL', 'The other side speaks HTTP, which is not spoken here; it is not heard.');
}
/** Whether a value can stand for a request's id. */
export function isId(id) {
    return typeof id === 'number' && Number.isSafeInteger(id) && id > 0;
}
/** How much of a body that cannot be read is shown, in bytes. */
const SHOWN = 40;
/** The beginning of a body in hexadecimal digits. */
export function shown(bytes, start, end) {
    return bytes.toString('hex', start, Math.min(end, start + SHOWN));
}
//# sourceMappingURL=json.js.map