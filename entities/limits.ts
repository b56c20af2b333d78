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

/** The longest delay that a timer can wait, in milliseconds: Node takes a longer one for 1. */
export const LONGEST_TIMER = 2 ** 31 - 1;

/** The longest datagram's payload over IPv4, in bytes. */
export const LONGEST_DATAGRAM = 65_507;
