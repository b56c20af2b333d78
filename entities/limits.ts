import { IPCError } from './errors.js';

/** What a decoder may hold. */
export interface Limits {
  /** The longest frame, in bytes. */
  readonly maxMessageSize: number;
}

/** The error of a frame that is longer than `maxMessageSize`. */
export function tooLarge(limits: Limits): IPCError {
  return new IPCError(
    'ERR_IPC_TOO_LARGE',
    `A frame is longer than ${limits.maxMessageSize} bytes; raise config.maxMessageSize, or send less at a time.`,
  );
}
