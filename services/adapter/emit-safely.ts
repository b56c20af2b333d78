import type { EventEmitter } from 'node:events';
import { surface } from '../../lib/faults.js';

/**
 * Emits an event to the user's listeners; a listener that throws does not disturb the processing of packets (see {@link
 * thrown}). On hot paths this is written inline, since rest arguments are slow.
 */
export function emitSafely(emitter: EventEmitter, type: string, ...args: unknown[]): void {
  try {
    emitter.emit(type, ...args);
  } catch (error) {
    if (type === 'error') surface(error);
    else thrown(emitter, error);
  }
}

/**
 * Reports an exception of a listener: to the listeners of `error`, as in net-ipc and socket-ipc, or if there are none as an
 * uncaught exception right after the current callback.
 */
export function thrown(emitter: EventEmitter, error: unknown): void {
  if (emitter.listenerCount('error') > 0) emitSafely(emitter, 'error', error);
  else surface(error);
}

/** Like {@link emitSafely}, for an error that nobody has to handle: a peer's mistake must not end the process. */
export function emitErrorSafely(emitter: EventEmitter, ...args: unknown[]): void {
  if (emitter.listenerCount('error') > 0) emitSafely(emitter, 'error', ...args);
}
