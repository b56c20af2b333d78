import { escapeText } from './text.js';

/** The codes of {@link IPCError}. */
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

/** Optional members of an error. */
export interface IPCErrorDetails {
  /** The underlying error, if there is one. */
  cause?: unknown;
  /** The issues that a schema found (ERR_IPC_INVALID_INPUT, ERR_IPC_INVALID_OUTPUT). */
  issues?: readonly unknown[];
}

/**
 * The error class of this package. `code` is stable and intended for comparison. `message` says what happened and what to
 * do. `cause` is the underlying error (`error.cause.code === 'ENOENT'`).
 *
 * If the handler of a request throws, the requesting side receives an IPCError with the original error's `name`, `message`
 * and `code`.
 */
export class IPCError extends Error {
  /** The stable code: one of ERR_IPC_*, or the code of a handler's error. */
  readonly code: IPCErrorCode | (string & {});
  /** The issues that a schema found, for ERR_IPC_INVALID_INPUT and ERR_IPC_INVALID_OUTPUT. */
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

/** The message of any thrown value. It does not use `instanceof Error`, since errors of another realm fail that test. */
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

/** The error of a call on a closed client. */
export function closedError(id: string): IPCError {
  return new IPCError('ERR_IPC_CLOSED', `${id} is closed; connect again to send.`);
}

/** The error of a request whose connection was lost. */
export function lostError(id: string): IPCError {
  return new IPCError(
    'ERR_IPC_DISCONNECTED',
    `The connection to ${id} was lost; use retries to have requests sent again.`,
  );
}

/** The error of an incoming packet that has the name of a lifecycle event. */
export function reservedError(type: string): IPCError {
  const message =
    `A packet named "${escapeText(type)}" came in and was ignored, because that is the name of a lifecycle event; rename it, or set ` +
    'config.allowReservedEvents.';
  return new IPCError('ERR_IPC_RESERVED', message);
}
