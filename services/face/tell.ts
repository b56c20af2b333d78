import type { EventEmitter } from 'node:events';

function rethrow(error: unknown): void {
  throw error;
}

/**
 * Emits an event whose listeners belong to the user: what one of them throws goes to those of `error`, as with net-ipc and
 * socket-ipc, or surfaces as an uncaught exception right after the current callback; no packet is lost for it.
 */
export function tell(emitter: EventEmitter, type: string, ...args: unknown[]): void {
  try {
    emitter.emit(type, ...args);
  } catch (error) {
    if (type !== 'error' && emitter.listenerCount('error') > 0) tell(emitter, 'error', error);
    else process.nextTick(rethrow, error);
  }
}

/** {@link tell} for an error that nobody has to hear: a peer's fault must not end the process. */
export function tellError(emitter: EventEmitter, ...args: unknown[]): void {
  if (emitter.listenerCount('error') > 0) tell(emitter, 'error', ...args);
}
