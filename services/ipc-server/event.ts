import type { EventEmitter } from 'node:events';

/** What a listener is called with as `this`. As events-ex, on which `@isdk/ipc-server` stands. */
export interface Event {
  /** What emitted it. */
  readonly target: EventEmitter;
  readonly type: string | symbol;
  /** Set to true, it keeps the listeners that come after from hearing this event. */
  stopped: boolean;
}

type Listener = ((this: Event, ...args: unknown[]) => unknown) & { listener?: Listener };

/**
 * Emits an event to listeners that can stop it. As with any EventEmitter, an `error` that nobody listens for is thrown.
 * @returns whether anybody listened
 */
export function dispatch(target: EventEmitter, type: string | symbol, args: readonly unknown[]): boolean {
  const listeners = target.rawListeners(type) as Listener[];
  if (listeners.length === 0 && type === 'error') throw args[0];
  const event: Event = { target, type, stopped: false };
  for (const listener of listeners) {
    // What `once` wraps knows neither `this` nor that it was stopped, so that is done here.
    if (listener.listener !== undefined) target.off(type, listener);
    (listener.listener ?? listener).apply(event, args as unknown[]);
    if (event.stopped) break;
  }
  return listeners.length > 0;
}
