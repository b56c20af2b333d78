import { IPCError } from './errors.js';

/** What a message may be. */
export interface Limits {
  /** The longest message, in bytes. */
  readonly maxMessageSize: number;
  /** How many arrays and objects may be within each other in its data. */
  readonly maxDepth: number;
}

export const MEBIBYTE = 1024 * 1024;

/** The limits where a config does not say otherwise. */
export const DEFAULT_LIMITS: Limits = { maxMessageSize: 64 * MEBIBYTE, maxDepth: 500 };

/** The error of a frame that is longer than `maxMessageSize`. */
export function tooLarge({ maxMessageSize }: Limits): IPCError {
  return new IPCError(
    'ERR_IPC_TOO_LARGE',
    `A frame is longer than ${maxMessageSize} bytes; raise config.maxMessageSize, or send less at a time.`,
  );
}

/** The error of a message of so many bytes, which is not sent since it is longer than `maxMessageSize`. */
export function tooLargeToSend(size: number, { maxMessageSize }: Limits): IPCError {
  return new IPCError(
    'ERR_IPC_TOO_LARGE',
    `A message of ${size} bytes is longer than config.maxMessageSize (${maxMessageSize} bytes) and was not sent; raise that ` +
      'on both sides, or send less at a time.',
  );
}

/** The error of a message of so many bytes that it could not wait to be sent even if nothing else did. */
export function tooLargeToHold(size: number, maxPendingBytes: number): IPCError {
  return new IPCError(
    'ERR_IPC_TOO_LARGE',
    `A message of ${size} bytes is longer than config.maxPendingBytes (${maxPendingBytes} bytes) and was not sent; raise ` +
      'that, or send less at a time.',
  );
}

/** The error of data that nests deeper than `maxDepth`. */
export function tooDeep({ maxDepth }: Limits): IPCError {
  return new IPCError(
    'ERR_IPC_TOO_DEEP',
    `The data nest arrays and objects more than ${maxDepth} levels deep (config.maxDepth), or have a circle; flatten them, or raise ` +
      'config.maxDepth on both sides.',
  );
}

/** The longest delay that a timer can wait, in milliseconds: Node takes a longer one for 1. */
export const LONGEST_TIMER = 2 ** 31 - 1;

/** The longest datagram's payload over IPv4, in bytes. */
export const LONGEST_DATAGRAM = 65_507;

/** The longest name of an event, a request or a topic, in characters. */
export const LONGEST_NAME = 4096;
