import { IPCError } from './errors.js';

/** Size limits of a message. */
export interface Limits {
  /** The maximum size of a message, in bytes. */
  readonly maxMessageSize: number;
  /** How deep arrays and objects may nest in its data. */
  readonly maxDepth: number;
}

export const MEBIBYTE = 1024 * 1024;

/** The default limits. */
export const DEFAULT_LIMITS: Limits = { maxMessageSize: 64 * MEBIBYTE, maxDepth: 500 };

/**
 * The largest `maxDepth` that the config accepts. JSON.stringify, JSON.parse and msgpackr overflow the stack at a few
 * thousand levels.
 */
export const MOST_DEPTH = 2000;

/** The error of an incoming frame that exceeds `maxMessageSize`. */
export function tooLarge({ maxMessageSize }: Limits): IPCError {
  return new IPCError(
    'ERR_IPC_TOO_LARGE',
    `A frame is longer than ${maxMessageSize} bytes; raise config.maxMessageSize, or send less at a time.`,
  );
}

/** The error of an outgoing message that exceeds `maxMessageSize`. */
export function tooLargeToSend(size: number, { maxMessageSize }: Limits): IPCError {
  return new IPCError(
    'ERR_IPC_TOO_LARGE',
    `A message of ${size} bytes is longer than config.maxMessageSize (${maxMessageSize} bytes) and was not sent; raise that ` +
      'on both sides, or send less at a time.',
  );
}

/** The error of an outgoing message that alone exceeds `maxPendingBytes`, so that it could never be queued. */
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
    `The data nest arrays and objects more than ${maxDepth} levels deep (config.maxDepth), or contain a circular reference; flatten them, or raise ` +
      'config.maxDepth on both sides.',
  );
}

/** The longest delay of a timer, in milliseconds. Node replaces a longer delay with 1 ms. */
export const LONGEST_TIMER = 2 ** 31 - 1;

/** How long a peer may take to end a connection after this side has, in milliseconds. */
export const END_GRACE = 5000;

/** How long a server's connections may take to end when it stops, in milliseconds, unless the options say otherwise. */
export const STOP_TIMEOUT = 5000;

/** How much more memory a connection may hold before it is counted, in bytes. */
export const WORTH_COUNTING = 16 * 1024;

/** The largest payload of a datagram over IPv4, in bytes. */
export const LONGEST_DATAGRAM = 65_507;

/** The maximum length of the name of an event, a request or a topic, in characters. */
export const LONGEST_NAME = 4096;
