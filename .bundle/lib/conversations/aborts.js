/** Who waits for which signal. */
const waiting = new WeakMap();
/**
 * Calls back when a signal is aborted. However many wait for it, the signal is listened to once: Node warns of more than ten
 * listeners, and one signal may well be for thousands of requests.
 */
export function onAbort(signal, callback) {
    const known = waiting.get(signal);
    if (known !== undefined) {
        known.callbacks.add(callback);
        return;
    }
    const callbacks = new Set([callback]);
    const listener = () => {
        waiting.delete(signal);
        for (const aborted of callbacks)
            aborted();
    };
    waiting.set(signal, { callbacks, listener });
    signal.addEventListener('abort', listener, { once: true });
}
/** No longer waits; the last one to go takes the listener along. */
export function offAbort(signal, callback) {
    const known = waiting.get(signal);
    if (known === undefined)
        return;
    known.callbacks.delete(callback);
    if (known.callbacks.size > 0)
        return;
    waiting.delete(signal);
    signal.removeEventListener('abort', known.listener);
}
//# sourceMappingURL=aborts.js.map