import { IPCError } from '../../entities/errors.js';
import { LONGEST_TIMER } from '../../entities/limits.js';

/** How long a request waits for its answer, in milliseconds. */
export const DEFAULT_TIMEOUT = 10_000;

/**
 * A timeout for the engine; a negative one sets no limit.
 * @throws IPCError ERR_IPC_ARGUMENT
 */
export function checkedTimeout(timeout: unknown): number {
  if (Number.isInteger(timeout) && (timeout as number) <= LONGEST_TIMER)
    return Math.max(0, timeout as number);
  const message = `The timeout is ${String(timeout)}; it must be a whole number of milliseconds, or 0 to wait forever.`;
  throw new IPCError('ERR_IPC_ARGUMENT', message);
}
