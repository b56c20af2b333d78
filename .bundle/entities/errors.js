/**
 * The one error class of this package. `code` is stable and meant to be compared, `message` says what is wrong and
 * what to do, `cause` holds the error underneath (`error.cause.code === 'ENOENT'`).
 *
 * A request's handler that threw arrives as an IPCError too: with the `name`, `message` and `code` it had over there.
 */
export class IPCError extends Error {
    code;
    constructor(code, message, details = {}) {
        super(message, 'cause' in details ? { cause: details.cause } : undefined);
        this.code = code;
        if (details.issues !== undefined)
            this.issues = details.issues;
    }
    static {
        Object.defineProperty(IPCError.prototype, 'name', {
            value: 'IPCError',
            writable: true,
            configurable: true,
            enumerable: false,
        });
    }
}
/** What an unknown thrown value says; an error of another realm is none of this one's Errors. */
export function messageOf(error) {
    const message = error?.message;
    if (message === '' && error instanceof AggregateError)
        return error.errors.map(messageOf).join('; ');
    if (typeof message === 'string')
        return message;
    try {
        return String(error);
    }
    catch {
        return Object.prototype.toString.call(error);
    }
}
/** The `code` of a system error, or ''. */
export function codeOf(error) {
    const code = error?.code;
    return typeof code === 'string' ? code : '';
}
/** Of what is said to a client that was closed. */
export function closedError(id) {
    return new IPCError('ERR_IPC_CLOSED', `${id} is closed; connect again to send.`);
}
/** Of a request whose connection went away. */
export function lostError(id) {
    return new IPCError('ERR_IPC_DISCONNECTED', `The connection to ${id} was lost; use retries to have requests sent again.`);
}
/** Of a packet that carries a lifecycle event's name. */
export function reservedError(type) {
    const message = `A packet named ${JSON.stringify(type)} came in and was ignored, since that is a lifecycle event; rename it, or set ` +
        'config.allowReservedEvents.';
    return new IPCError('ERR_IPC_RESERVED', message);
}
//# sourceMappingURL=errors.js.map