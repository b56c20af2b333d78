type Callback = () => void;

interface Waiting {
  readonly callbacks: Set<Callback>;
  readonly listener: Callback;
}

/** The callbacks for each signal. */
const waiting = new WeakMap<AbortSignal, Waiting>();

/**
 * Calls back when a signal is aborted. Each signal has only one listener, however many callbacks there are: Node warns of
 * more than ten listeners, and one signal may be used for thousands of requests.
 */
export function onAbort(signal: AbortSignal, callback: Callback): void {
  const known = waiting.get(signal);
  if (known !== undefined) {
    known.callbacks.add(callback);
    return;
  }
  const callbacks = new Set([callback]);
  const listener = () => {
    waiting.delete(signal);
    for (const aborted of callbacks) aborted();
  };
  waiting.set(signal, { callbacks, listener });
  signal.addEventListener('abort', listener, { once: true });
}

/** Removes a callback; the last one also removes the listener. */
export function offAbort(signal: AbortSignal, callback: Callback): void {
  const known = waiting.get(signal);
  if (known === undefined) return;
  known.callbacks.delete(callback);
  if (known.callbacks.size > 0) return;
  waiting.delete(signal);
  signal.removeEventListener('abort', known.listener);
}
