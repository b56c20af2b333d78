import { checkSlips } from '../../entities/suggest.js';

/** Connection options of `@nats-io/transport-node`, which are passed on unchanged. */
export interface NatsOptions {
  /** `nats://127.0.0.1:4222`, or several such addresses. */
  servers?: string | string[];
  /** The token, if the server requires one. */
  token?: string;
  /** The name of the user. */
  user?: string;
  /** The password of the user. */
  pass?: string;
  /** For nkeys, JWTs and credentials files: the result of the package's `nkeyAuthenticator` or `credsAuthenticator`. */
  authenticator?: unknown;
  /** Certificates: `{ caFile, certFile, keyFile }` or their contents. */
  tls?: unknown;
  [option: string]: unknown;
}

/** The names of the connection options of `@nats-io/transport-node` 3. */
export const NATS_OPTIONS = [
  'authenticator',
  'debug',
  'ignoreAuthErrorAbort',
  'ignoreClusterUpdates',
  'inboxPrefix',
  'maxPingOut',
  'maxReconnectAttempts',
  'name',
  'noAsyncTraces',
  'noEcho',
  'noRandomize',
  'pass',
  'pedantic',
  'pingInterval',
  'port',
  'reconnect',
  'reconnectDelayHandler',
  'reconnectJitter',
  'reconnectJitterTLS',
  'reconnectTimeWait',
  'reconnectToServer',
  'resolve',
  'servers',
  'timeout',
  'tls',
  'token',
  'user',
  'verbose',
  'waitOnFirstConnect',
] as const;

/** Removes what stands before the `@` of addresses, which may be a user and a password, from a text for an error message. */
export function withoutCredentials(text: string): string {
  return text.replace(/\/\/[^/\s]*@/g, '//***@');
}

/**
 * Refuses misspelled options. The NATS client ignores unknown options, so a misspelled one would connect to another server,
 * or without a token. Options of later versions, which resemble none of the known ones, are passed on.
 * @throws IPCError ERR_IPC_CONFIG
 */
export function checkNatsOptions(nats: NatsOptions): void {
  checkSlips(nats, {
    code: 'ERR_IPC_CONFIG',
    known: NATS_OPTIONS,
    owner: "The channel's option nats",
    prefix: 'nats.',
  });
}
