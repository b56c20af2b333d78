import { IPCError, messageOf } from './errors.js';
/** How long an encoded packet is, in bytes and characters. */
export function lengthOf(encoded) {
    if (typeof encoded === 'string' || Buffer.isBuffer(encoded))
        return encoded.length;
    return encoded.reduce((length, part) => length + part.length, 0);
}
/** Packets that begin so are between connections; users' events never do. */
export const CONTROL_PREFIX = 'ipc:';
/** Whether a packet is between connections. */
export function isControl(type) {
    return type.charCodeAt(0) === 105 && type.startsWith(CONTROL_PREFIX);
}
/**
 * Checks an event's name.
 * @throws IPCError ERR_IPC_ARGUMENT
 */
export function eventName(type) {
    if (typeof type !== 'string') {
        throw new IPCError('ERR_IPC_ARGUMENT', `An event's name must be a string, not ${typeof type}.`);
    }
    if (isControl(type)) {
        throw new IPCError('ERR_IPC_ARGUMENT', `Names that begin with 'ipc:' are not for events; rename ${type}.`);
    }
    return type;
}
export const HELLO = 'ipc:hello';
export const WELCOME = 'ipc:welcome';
export const BYE = 'ipc:bye';
export const PING = 'ipc:ping';
export const SUBSCRIBE = 'ipc:subscribe';
export const UNSUBSCRIBE = 'ipc:unsubscribe';
export const PUBLISH = 'ipc:publish';
export const MESSAGE = 'ipc:message';
/** An error in the form that travels. */
export function toPacketError(error) {
    const { name, code, issues } = (error ?? {});
    const packed = {
        name: typeof name === 'string' ? name : 'Error',
        message: messageOf(error),
    };
    if (typeof code === 'string')
        packed.code = code;
    if (Array.isArray(issues))
        packed.issues = issues;
    return packed;
}
/** The error that a peer sent; whatever it left out or got wrong is filled in. */
export function fromPacketError(packed) {
    const { name, message, code, issues } = (packed ?? {});
    const error = new IPCError(typeof code === 'string' ? code : 'ERR_IPC_REMOTE', typeof message === 'string' ? message : 'The other side refused the request and gave no reason.', Array.isArray(issues) ? { issues } : {});
    if (typeof name === 'string' && name !== error.name) {
        Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true });
    }
    return error;
}
const FRAME_START = 80;
/** A packet that tells of a frame which could not be read; the connection reports it and goes on. */
export function malformed(what, frame, cause) {
    const start = frame.length > FRAME_START ? `${frame.slice(0, FRAME_START)}...` : frame;
    const details = cause === undefined ? {} : { cause };
    const error = new IPCError('ERR_IPC_DECODE', `${what}: ${JSON.stringify(start)}`, details);
    return { type: '', data: undefined, error };
}
//# sourceMappingURL=packet.js.map