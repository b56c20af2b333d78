import type { EventEmitter } from 'node:events';

/** The `this` value of listeners, as in events-ex, which `@isdk/ipc-server` uses. */
export interface Event {
  /** The emitter of the event. */
  readonly target: EventEmitter;
  /** The name of the event. */
  readonly type: string | symbol;
  /** If a listener sets it to true, the listeners after it are not called. */
  stopped: boolean;
}

type Listener = ((this: Event, ...args: unknown[]) => unknown) & { listener?: Listener };

/**
 * Emits an event whose propagation listeners can stop. As in any EventEmitter, an `error` event without a listener is
 * thrown.
 * @returns whether there was a listener
 */
export function dispatch(target: EventEmitter, type: string | symbol, args: readonly unknown[]): boolean {
  const listeners = target.rawListeners(type) as Listener[];
  if (listeners.length === 0 && type === 'error') throw args[0];
  const event: Event = { target, type, stopped: false };
  for (const listener of listeners) {
    // The wrapper of `once` does not pass `this` and cannot check `stopped`, so once listeners are unwrapped here.
    if (listener.listener !== undefined) target.off(type, listener);
    (listener.listener ?? listener).apply(event, args as unknown[]);
    if (event.stopped) break;
  }
  return listeners.length > 0;
}
