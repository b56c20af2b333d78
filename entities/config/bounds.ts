import { DEFAULT_LIMITS, LONGEST_NAME, MEBIBYTE } from '../limits.js';
import { duration, looseNumber, MILLISECONDS, number, type Settings, whole } from './setting.js';

/** How much, and how long, is put up with. */
export interface BoundsConfig {
  /** How many clients a server takes at a time; 0 sets no limit. @default 100 */
  maxConnections: number;
  /** The longest message that is sent or received, in bytes. @default 67,108,864 */
  maxMessageSize: number;
  /** How many arrays and objects may be within each other in what is sent or received. @default 500 */
  maxDepth: number;
  /** The longest name of an event, a request or a stream, in characters, up to 4,096. @default 4,096 */
  maxEventNameLength: number;
  /**
   * How many bytes may wait to be sent on one connection. A server disconnects a client that does not read; a
   * client's `emit` returns false.
   * @default 67,108,864
   */
  maxPendingBytes: number;
  /**
   * How many bytes of memory all clients of a server may occupy together: unfinished messages, what waits to be sent, bodies that
   * nobody has taken yet, topics, and answers kept for `retries`, each with what it takes beside its bytes. Beyond that the
   * client that occupies the most is disconnected (ERR_IPC_OVERLOADED).
   * @default 268,435,456
   */
  maxTotalBytes: number;
  /** How many bytes a client may send before the server has admitted it. @default 65,536 */
  admissionLimit: number;
  /**
   * How many milliseconds a message that has begun may take for each byte more, before its connection ends; 0
   * sets no limit.
   * @default 30,000
   */
  messageTimeout: number;
  /**
   * How many milliseconds TLS may take, and the hello where one is asked for; 0 sets no limit.
   * @default 10,000
   */
  handshakeTimeout: number;
  /** How many milliseconds a request waits for its answer; 0 waits forever. @default 10,000 */
  requestTimeout: number;
}

/** JSON.stringify, JSON.parse and msgpackr go a few thousand levels deep. */
const DEEPEST = 2000;
const BYTES = { check: number(1), expected: 'a number of bytes, from 1' };

export const BOUNDS: Settings<BoundsConfig> = {
  maxConnections: {
    default: 100,
    check: number(0),
    expected: 'a number of connections, from 0 (which sets no limit)',
    normalize: looseNumber,
  },
  maxMessageSize: { default: DEFAULT_LIMITS.maxMessageSize, ...BYTES },
  maxDepth: {
    default: DEFAULT_LIMITS.maxDepth,
    check: whole(1, DEEPEST),
    expected: `a number of levels, from 1 to ${DEEPEST}`,
  },
  maxEventNameLength: {
    default: LONGEST_NAME,
    check: whole(1, LONGEST_NAME),
    expected: `a number of characters, from 1 to ${LONGEST_NAME}`,
    // node-ipc 14's way to set no limit.
    normalize: (value) => (value === Number.POSITIVE_INFINITY ? LONGEST_NAME : value),
  },
  maxPendingBytes: { default: 64 * MEBIBYTE, ...BYTES },
  maxTotalBytes: { default: 256 * MEBIBYTE, ...BYTES },
  admissionLimit: { default: 64 * 1024, ...BYTES },
  messageTimeout: { default: 30_000, check: duration, expected: `${MILLISECONDS} (0 turns it off)` },
  handshakeTimeout: { default: 10_000, check: duration, expected: `${MILLISECONDS} (0 turns it off)` },
  requestTimeout: { default: 10_000, check: duration, expected: `${MILLISECONDS} (0 waits forever)` },
};
