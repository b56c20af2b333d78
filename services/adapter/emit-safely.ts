import type { EventEmitter } from 'node:events';
import { surface } from '../../lib/faults.js';

/**
 * Emits an event whose listeners belong to the user: no packet is lost for what one of them throws ({@link thrown}). Where
 * every message comes by, the two are written out, as `...args` costs.
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
 * Has what a listener threw go to those of `error`, as with net-ipc and socket-ipc, or surface as an uncaught exception right
 * after the current callback.
 */
export function thrown(emitter: EventEmitter, error: unknown): void {
  if (emitter.listenerCount('error') > 0) emitSafely(emitter, 'error', error);
  else surface(error);
}

/** {@link emitSafely} for an error that nobody has to hear: a peer's fault must not end the process. */
export function emitErrorSafely(emitter: EventEmitter, ...args: unknown[]): void {
  if (emitter.listenerCount('error') > 0) emitSafely(emitter, 'error', ...args);
}
