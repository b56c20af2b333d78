import { IPCError, messageOf } from '../../entities/errors.js';

/** The error with which a connection ends, because of what was thrown while it read: a violation of the protocol. */
export function faultOf(thrown: unknown): IPCError {
  if (thrown instanceof IPCError) return thrown;
  return new IPCError('ERR_IPC_PROTOCOL', `The connection broke: ${messageOf(thrown)}.`, { cause: thrown });
}
