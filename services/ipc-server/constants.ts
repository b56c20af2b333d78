export { Kind as IPCMessageType } from '../net-ipc/frame.js';

/** The events of clients and servers. */
export const IPCEvents = {
  READY: 'ready',
  ERROR: 'error',
  STATUS: 'status',
  CONNECT: 'connect',
  DISCONNECT: 'disconnect',
  MESSAGE: 'message',
  REQUEST: 'request',
  CLOSE: 'close',
} as const;

/** The events of Node's socket that the original listens to; the original itself emits `done` on it when it is admitted. */
export const IPCNetSocketEvents = {
  ERROR: 'error',
  CLOSE: 'close',
  DATA: 'readable',
  READY: 'ready',
  DRAIN: 'drain',
  DONE: 'done',
} as const;

/** The events of Node's server that the original listens to. */
export const IPCNetServerEvents = {
  ERROR: 'error',
  CONNECTION: 'connection',
  SECURECONNECTION: 'secureConnection',
  LISTENING: 'listening',
  CLOSE: 'close',
} as const;

/** The original's own error codes. Errors of this package are `IPCError`s, whose codes are strings (ERR_IPC_*). */
export const IPCErrorCode = { ConnectionDestroyed: 498 } as const;

/** Resolves after a number of milliseconds. */
export function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
