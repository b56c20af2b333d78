import { IPCError } from '../../entities/errors.js';
/** How long a request waits for its answer, in milliseconds. */
export const DEFAULT_TIMEOUT = 10_000;
const LONGEST = 2 ** 31 - 1;
/** @throws IPCError ERR_IPC_ARGUMENT */
export function checkTimeout(timeout) {
    if (Number.isInteger(timeout) && timeout <= LONGEST)
        return Math.max(0, timeout);
    const message = `The timeout is ${String(timeout)}; it must be a whole number of milliseconds, or 0 to wait forever.`;
    throw new IPCError('ERR_IPC_ARGUMENT', message);
}
//# sourceMappingURL=timeout.js.map