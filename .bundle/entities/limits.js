import { IPCError } from './errors.js';
/** The error of a frame that is longer than `maxMessageSize`. */
export function tooLarge(limits) {
    return new IPCError('ERR_IPC_TOO_LARGE', `A frame is longer than ${limits.maxMessageSize} bytes; raise config.maxMessageSize, or send less at a time.`);
}
//# sourceMappingURL=limits.js.map