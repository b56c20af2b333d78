import { IPCError } from '../entities/errors.js';
import { brief, checkOptions, checkTimeout, isPlain } from '../entities/suggest.js';
import type { StopOptions } from './acceptor.js';
import { isClientId } from './recipients.js';
import { checkReconnect } from './server-peer.js';
import { passOver } from './warnings.js';

/** The error of an event that was not sent because its receiver is not connected. */
export function eventNotSent(type: string, socket: unknown): IPCError {
  return new IPCError('ERR_IPC_DISCONNECTED', notSent(type, socket));
}

/** The error of a request or stream for a client that is not connected. */
export function callNotSent(kind: string, type: string, socket: unknown): IPCError {
  if (typeof socket === 'object' && socket !== null) {
    const message = `The ${kind} ${type} was not sent, because the client has disconnected; give the socket of a connected client.`;
    return new IPCError('ERR_IPC_DISCONNECTED', message);
  }
  const given = isClientId(socket) ? 'which no client has as its id' : 'which is not a socket';
  const message = `The ${kind} ${type} was not sent: the first argument of server.${kind}(socket, type, data) is ${brief(socket)}, ${given}; give a socket that the event 'connect' passed.`;
  return new IPCError('ERR_IPC_DISCONNECTED', message);
}

/** The error of `resume` or `retries` for a server's stream. */
export function notResumed(type: string): IPCError {
  const message = `stream(socket, ${JSON.stringify(type)}, ...) ends with its connection; resume and retries are for clients.`;
  return new IPCError('ERR_IPC_ARGUMENT', message);
}

/**
 * Checks the arguments of `close`.
 * @throws IPCError ERR_IPC_ARGUMENT
 */
export function checkClose(socket: unknown, reconnect: unknown): void {
  if (!isClientId(socket) && (typeof socket !== 'object' || socket === null)) {
    const message = `server.close(socket, reason) ends the connection of one client, and was given ${brief(socket)}; stop() ends the server.`;
    throw new IPCError('ERR_IPC_ARGUMENT', message);
  }
  checkReconnect('server.close(socket, reason, reconnect)', reconnect);
}

/**
 * Checks the argument of `stop`. As in node-ipc, an argument that is not an options object is ignored.
 * @throws IPCError ERR_IPC_ARGUMENT
 */
export function stopOptions(options: StopOptions | null | undefined): StopOptions {
  if (!isPlain(options)) {
    passOver(
      options,
      'server.stop()',
      "await server.stop(), or listen to 'close'; its options are { timeout, reconnect, reason }",
    );
    return {};
  }
  checkOptions(options, ['timeout', 'reconnect', 'reason'], 'server.stop(...)');
  checkTimeout(options.timeout, 'server.stop(...)', 'which ends the connections at once');
  return options;
}

/** A client that is not connected, for the log. */
export function notConnected(client: unknown): string {
  return isClientId(client) ? `no client has ${brief(client)} as its id` : 'the client has disconnected';
}

function notSent(type: string, socket: unknown): string {
  if (typeof socket === 'object' && socket !== null) {
    return `${type} was not sent, because the client has disconnected; emit to the socket of a connected client.`;
  }
  const given = isClientId(socket)
    ? `is ${brief(socket)}, which no client has as its id`
    : `is ${brief(socket)}, and not a socket`;
  return `Nothing was sent: the first argument of server.emit(socket, type, data) ${given}; to send to every client, use broadcast(type, data).`;
}
