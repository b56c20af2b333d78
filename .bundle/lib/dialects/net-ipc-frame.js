import { isId } from '../codecs/json.js';
/** What a frame of net-ipc's is, in its `t`. */
export const Kind = {
    CONNECTION: 0,
    MESSAGE: 1,
    REQUEST: 2,
    RESPONSE: 3,
    PING: 4,
    PONG: 5,
    END: 6,
};
/** The only names there are on this wire. */
export const EVENT = 'message';
export const ASK = 'request';
/** Whether a value can name a request of the peer's, or one of ours in its answer. */
export function isNonce(nonce) {
    return isId(nonce) || (typeof nonce === 'string' && nonce !== '');
}
/** A nonce that comes back, as we know it: ours are numbers. */
export function ours(nonce) {
    const id = Number(nonce);
    return isId(id) && String(id) === nonce ? id : nonce;
}
//# sourceMappingURL=net-ipc-frame.js.map