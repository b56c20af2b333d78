import { escapeText } from './text.js';

/** Every code an {@link IPCError} can carry. */
export type IPCErrorCode =
  | 'ERR_IPC_ABORTED'
  | 'ERR_IPC_ADDRESS'
  | 'ERR_IPC_ARGUMENT'
  | 'ERR_IPC_BACKPRESSURE'
  | 'ERR_IPC_CLOSED'
  | 'ERR_IPC_CONFIG'
  | 'ERR_IPC_CONNECT'
  | 'ERR_IPC_DECODE'
  | 'ERR_IPC_DISCONNECTED'
  | 'ERR_IPC_ENCODE'
  | 'ERR_IPC_EVENT_NOT_ALLOWED'
  | 'ERR_IPC_EVENT_TOO_LARGE'
  | 'ERR_IPC_FORGOTTEN'
  | 'ERR_IPC_FULL'
  | 'ERR_IPC_HANDSHAKE'
  | 'ERR_IPC_IN_USE'
  | 'ERR_IPC_INVALID_INPUT'
  | 'ERR_IPC_INVALID_OUTPUT'
  | 'ERR_IPC_LISTEN'
  | 'ERR_IPC_MISSING_PACKAGE'
  | 'ERR_IPC_NO_HANDLER'
  | 'ERR_IPC_OVERLOADED'
  | 'ERR_IPC_PROTOCOL'
  | 'ERR_IPC_REFUSED'
  | 'ERR_IPC_REMOTE'
  | 'ERR_IPC_RESERVED'
  | 'ERR_IPC_SOCKET'
  | 'ERR_IPC_TIMEOUT'
  | 'ERR_IPC_TOO_DEEP'
  | 'ERR_IPC_TOO_LARGE'
  | 'ERR_IPC_UNDELIVERED'
  | 'ERR_IPC_UNSENT'
  | 'ERR_IPC_UNSUPPORTED';

/** What can be said of an error beside its code and message. */
export interface IPCErrorDetails {
  /** The error underneath, where there is one. */
  cause?: unknown;
  /** What a schema found wrong with an input (ERR_IPC_INVALID_INPUT). */
  issues?: readonly unknown[];
}

/**
 * The one error class of this package. `code` is stable and meant to be compared, `message` says what is wrong and
 * what to do, `cause` holds the error underneath (`error.cause.code === 'ENOENT'`).
 *
 * A request's handler that threw arrives as an IPCError too: with the `name`, `message` and `code` it had over there.
 */
export class IPCError extends Error {
  readonly code: IPCErrorCode | (string & {});
  declare readonly issues?: readonly unknown[];

  constructor(code: IPCErrorCode | (string & {}), message: string, details: IPCErrorDetails = {}) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined);
    this.code = code;
    if (details.issues !== undefined) this.issues = details.issues;
  }

  static {
    Object.defineProperty(IPCError.prototype, 'name', {
      value: 'IPCError',
      writable: true,
      configurable: true,
      enumerable: false,
    });
  }
}

/** What an unknown thrown value says; an error of another realm is none of this one's Errors. */
export function messageOf(error: unknown): string {
  const message = (error as { message?: unknown } | null | undefined)?.message;
  if (message === '' && error instanceof AggregateError) return error.errors.map(messageOf).join('; ');
  if (typeof message === 'string') return message;
  try {
    return String(error);
  } catch {
    return Object.prototype.toString.call(error);
  }
}

/** The `code` of a system error, or ''. */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : '';
}

/** Of what is said to a client that was closed. */
export function closedError(id: string): IPCError {
  return new IPCError('ERR_IPC_CLOSED', `${id} is closed; connect again to send.`);
}

/** Of a request whose connection went away. */
export function lostError(id: string): IPCError {
  return new IPCError(
    'ERR_IPC_DISCONNECTED',
    `The connection to ${id} was lost; use retries to have requests sent again.`,
  );
}

/** Of a packet that carries a lifecycle event's name. */
export function reservedError(type: string): IPCError {
  const message =
    `A packet named "${escapeText(type)}" came in and was ignored, since that is a lifecycle event; rename it, or set ` +
    'config.allowReservedEvents.';
  return new IPCError('ERR_IPC_RESERVED', message);
}
