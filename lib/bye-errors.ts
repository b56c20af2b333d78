import { IPCError, type IPCErrorCode } from '../entities/errors.js';
import type { CloseInfo } from '../entities/packet.js';
import { escapeText } from '../entities/text.js';

/** The codes of errors for which the other side is responsible; a bye tells it the reason before the connection is closed. */
export const ACCUSATIONS: ReadonlySet<unknown> = new Set([
  'ERR_IPC_OVERLOADED',
  'ERR_IPC_TIMEOUT',
  'ERR_IPC_TOO_LARGE',
] satisfies IPCErrorCode[]);

/** How much of a server's reason is shown, in characters. */
const LONGEST_REASON = 1000;

/**
 * The error that a server's bye reports to its client; undefined if the bye only says that the connection ends.
 * @param id the client's name of the server
 */
export function byeError({ code, reason }: CloseInfo, id: string): IPCError | undefined {
  if (code === 'ERR_IPC_REFUSED') {
    const message = `The server refused ${id}: ${told(reason)}; check config.credentials.`;
    return new IPCError(code, message);
  }
  if (code === 'ERR_IPC_FULL') {
    const message =
      `The server ${id} is full (its config.maxConnections); the client tries again as config.retry and ` +
      'config.maxRetries say, and keeps what it has to send.';
    return new IPCError(code, message);
  }
  if (!ACCUSATIONS.has(code)) return undefined;
  return new IPCError(code as IPCErrorCode, `The server ended the connection of ${id}: ${told(reason)}.`);
}

/** Why there is no connection any more, if the server ended it with a bye that reports no error. */
export function endedError({ reason }: CloseInfo, id: string): IPCError {
  return new IPCError('ERR_IPC_DISCONNECTED', `The server ended the connection of ${id}: ${told(reason)}.`);
}

function told(reason: unknown): string {
  return typeof reason === 'string' && reason !== '' ? escapeText(reason, LONGEST_REASON) : 'no reason given';
}
