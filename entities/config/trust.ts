import type { Socket } from 'node:net';
import { callable, filled, flagSetting, listOf, optional, type Settings } from './setting.js';

/** What {@link Authorize} decides: a string or an Error refuses, and gives the reason. */
export type Verdict = boolean | string | Error;

/**
 * Decides whether a client may come in, by its credentials and its socket: a TLSSocket over TLS. A method's type, so that a
 * function that takes a TLSSocket fits.
 */
export type Authorize = {
  authorize(credentials: unknown, socket: Socket): Verdict | Promise<Verdict>;
}['authorize'];

/** Whom a server admits, and what peers may do. */
export interface TrustConfig {
  /** What a client shows when it connects; anything that JSON can express. @default undefined */
  credentials: unknown;
  /** Decides which clients a server admits; see {@link Authorize}. @default undefined, all */
  authorize: Authorize | undefined;
  /**
   * Lets a peer's message carry the name of one of node-ipc's lifecycle events, such as `connect`. Read at
   * each message.
   * @default false
   */
  allowReservedEvents: boolean;
  /**
   * The names that events, requests and streams may have, in both directions: a list, a Set, or a function that returns true for
   * them. Others are neither sent nor delivered. The names of topics are free.
   * @default undefined, all
   */
  allowedEvents: readonly string[] | ReadonlySet<string> | ((name: string) => boolean) | undefined;
  /** A payload's `id` becomes `socket.id`: a label that the peer chose, not who it is. @default true */
  identifyPeer: boolean;
}

export const TRUST: Settings<TrustConfig> = {
  credentials: { default: undefined, check: () => true, expected: 'anything that JSON can express' },
  authorize: {
    default: undefined,
    check: optional(callable),
    expected: 'a function (credentials, socket) => boolean',
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
    // node-ipc 14's default.
    normalize: (value) => (value === false ? undefined : value),
  },
  identifyPeer: flagSetting(true),
};
