import { DEFAULT_LIMITS, LONGEST_NAME, MEBIBYTE, MOST_DEPTH } from '../limits.js';
import { duration, looseNumber, MILLISECONDS, number, type Settings, whole } from './setting.js';

/** Limits on memory, sizes and times. */
export interface BoundsConfig {
  /** How many clients may be connected to a server at a time; 0 sets no limit. @default 100 */
  maxConnections: number;
  /** The size limit of a message in both directions, in bytes. @default 67,108,864 */
  maxMessageSize: number;
  /** How deep arrays and objects may nest in a message, in both directions. @default 500 */
  maxDepth: number;
  /** The length limit of the name of an event, request or stream, in characters; at most 4,096. @default 4,096 */
  maxEventNameLength: number;
  /**
   * The limit of unsent bytes on one connection. A server disconnects a client that exceeds it because it does not read; a
   * client's `emit` returns false.
   * @default 67,108,864
   */
  maxPendingBytes: number;
  /**
   * The memory limit for all clients of a server together, in bytes: unfinished messages, unsent bytes, stream bodies that
   * no handler has read yet, topics, and answers kept for `retries`, each including its overhead. If the limit is exceeded,
   * the server disconnects the client that uses the most memory (ERR_IPC_OVERLOADED).
   * @default 268,435,456
   */
  maxTotalBytes: number;
  /** How many bytes a client may send before the server admits it. @default 65,536 */
  admissionLimit: number;
  /**
   * How long an unfinished message may make no progress, in milliseconds: if no further byte of it arrives within this
   * time, the connection ends; 0 sets no limit.
   * @default 30,000
   */
  messageTimeout: number;
  /**
   * The time limit for the TLS handshake, and for the hello if the config requires one, in milliseconds; 0 sets no limit.
   * @default 10,000
   */
  handshakeTimeout: number;
  /** How long a request waits for its answer, in milliseconds; 0 sets no limit. @default 10,000 */
  requestTimeout: number;
}

const BYTES = { check: number(1), expected: 'a number of bytes, from 1' };

export const BOUNDS: Settings<BoundsConfig> = {
  maxConnections: {
    default: 100,
    check: number(0),
    expected: 'a number of connections, from 0 (which sets no limit)',
    normalize: looseNumber,
    unset: 100,
  },
  maxMessageSize: { default: DEFAULT_LIMITS.maxMessageSize, ...BYTES },
  maxDepth: {
    default: DEFAULT_LIMITS.maxDepth,
    check: whole(1, MOST_DEPTH),
    expected: `a number of levels, from 1 to ${MOST_DEPTH}`,
  },
  maxEventNameLength: {
    default: LONGEST_NAME,
    check: whole(1, LONGEST_NAME),
    expected: `a number of characters, from 1 to ${LONGEST_NAME}`,
    // node-ipc 14 uses Infinity to set no limit.
    normalize: (value) => (value === Number.POSITIVE_INFINITY ? LONGEST_NAME : value),
  },
  maxPendingBytes: { default: 64 * MEBIBYTE, ...BYTES },
  maxTotalBytes: { default: 256 * MEBIBYTE, ...BYTES },
  admissionLimit: { default: 64 * 1024, ...BYTES },
  messageTimeout: { default: 30_000, check: duration, expected: `${MILLISECONDS} (0 turns it off)` },
  handshakeTimeout: { default: 10_000, check: duration, expected: `${MILLISECONDS} (0 turns it off)` },
  requestTimeout: { default: 10_000, check: duration, expected: `${MILLISECONDS} (0 waits forever)` },
};
