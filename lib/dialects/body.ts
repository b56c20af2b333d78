import { IPCError, messageOf } from '../../entities/errors.js';

/**
 * JSON.stringify with a payload's own faults told apart from ours.
 * @throws IPCError ERR_IPC_ENCODE
 */
export function stringify(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    throw new IPCError('ERR_IPC_ENCODE', `The payload is no JSON: ${messageOf(cause)}.`, { cause });
  }
}

/** Whether a value can stand for a request's id. */
export function isId(id: unknown): id is number {
  return typeof id === 'number' && Number.isSafeInteger(id) && id > 0;
}

/** How much of a body that cannot be read is shown, in bytes. */
const SHOWN = 40;

/** The beginning of a body in hexadecimal digits. */
export function shown(bytes: Buffer, start: number, end: number): string {
  return bytes.toString('hex', start, Math.min(end, start + SHOWN));
}
