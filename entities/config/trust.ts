import type { Socket } from 'node:net';
import { callable, filled, flagSetting, listOf, optional, type Settings } from './setting.js';

/** The decision of {@link Authorize}. A string or an Error refuses the client and states the reason. */
export type Verdict = boolean | string | Error;

/**
 * Decides whether a server admits a client, by its credentials and its socket (a TLSSocket over TLS). It is declared as a
 * method, so that a function whose parameter is a TLSSocket is accepted.
 */
export type Authorize = {
  authorize(credentials: unknown, socket: Socket): Verdict | Promise<Verdict>;
}['authorize'];

/** Which clients a server admits, and what peers may send. */
export interface TrustConfig {
  /**
   * The credentials that a client sends when it connects: any JSON value.
   * @default undefined
   * @example
   * ipc.config.credentials = 'swordfish';
   */
  credentials: unknown;
  /**
   * Decides which clients a server admits; see {@link Authorize}.
   * @default undefined: all clients
   * @example
   * ipc.config.authorize = (credentials) => credentials === 'swordfish' || 'wrong password';
   */
  authorize: Authorize | undefined;
  /**
   * Whether a message from a peer may have the name of one of node-ipc's lifecycle events, such as `connect`.
   * @default false
   */
  allowReservedEvents: boolean;
  /**
   * The permitted names of events, requests and streams, in both directions: an array, a Set, or a function that returns
   * true for a permitted name. Others are neither sent nor delivered. It does not apply to topic names.
   * @default undefined: all names
   * @example
   * ipc.config.allowedEvents = (name) => name.startsWith('order.');
   */
  allowedEvents: readonly string[] | ReadonlySet<string> | ((name: string) => boolean) | undefined;
  /**
   * Whether the `id` of a payload becomes `socket.id`. It is a label that the peer chooses, not an authenticated identity.
   * @default true
   */
  identifyPeer: boolean;
}

export const TRUST: Settings<TrustConfig> = {
  credentials: { default: undefined, check: () => true, expected: 'anything that JSON can express' },
  authorize: {
    default: undefined,
    check: optional(callable),
    expected: 'a function (credentials, socket) => boolean',
    protects: 'all',
  },
  allowReservedEvents: flagSetting(false),
  allowedEvents: {
    default: undefined,
    check: (value) =>
      value === undefined ||
      callable(value) ||
      listOf(filled)(value) ||
      (value instanceof Set && listOf(filled)([...value])),
    expected: 'a list or a Set of names, or a function (name) => boolean',
    // The default of node-ipc 14.
    normalize: (value) => (value === false ? undefined : value),
    protects: 'all',
  },
  identifyPeer: flagSetting(true),
};
