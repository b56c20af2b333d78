import { IPCError } from '../entities/errors.js';
import { brief } from '../entities/suggest.js';

/** The objects to transfer with each payload. */
const transfers = new WeakMap<object, readonly unknown[]>();

/**
 * Marks objects in a payload, such as buffers and message ports, for transfer instead of cloning, on transports that
 * support that.
 * @throws IPCError ERR_IPC_ARGUMENT
 */
export function transfer<Payload extends object>(payload: Payload, list: readonly unknown[]): Payload {
  if (typeof payload !== 'object' || payload === null || !Array.isArray(list)) {
    const message = `transfer(${brief(payload)}, ${brief(list)}) takes an object and the list of what it hands over, such as transfer({ bytes }, [bytes.buffer]).`;
    throw new IPCError('ERR_IPC_ARGUMENT', message);
  }
  transfers.set(payload, list);
  return payload;
}

/** The objects to transfer with a payload. */
export function transferOf(payload: unknown): readonly unknown[] | undefined {
  return typeof payload === 'object' && payload !== null ? transfers.get(payload) : undefined;
}
