/**
 * Emits an event to listeners that can stop it. As with any EventEmitter, an `error` that nobody listens for is thrown.
 * @returns whether anybody listened
 */
export function dispatch(target, type, args) {
    const listeners = target.rawListeners(type);
    if (listeners.length === 0 && type === 'error')
        throw args[0];
    const event = { target, type, stopped: false };
    for (const listener of listeners) {
        // What `once` wraps knows neither `this` nor that it was stopped, so that is done here.
        if (listener.listener !== undefined)
            target.off(type, listener);
        (listener.listener ?? listener).apply(event, args);
        if (event.stopped)
            break;
    }
    return listeners.length > 0;
}
//# sourceMappingURL=event.js.map