import { IPCError } from '../entities/errors.js';
function rethrow(error) {
    throw error;
}
/**
 * Named events with the habits of event-pubsub, on which node-ipc stands: its methods return the emitter, `on('*', ...)`
 * hears every event with its name first, `off(type, '*')` removes all handlers of a type and `off('*', '*')` all of every
 * type, and an event without a handler, `error` included, is nothing.
 *
 * A dispatch calls the handlers there were when it began: one added meanwhile waits for the next event, one removed
 * meanwhile is still called. A `once` handler is removed before it is called. A handler that throws keeps nobody from
 * hearing the event: its error surfaces as an uncaught exception right after the current callback.
 */
export class Emitter {
    /** Copied on every change, so that a dispatch needs no copy. */
    #listeners = new Map();
    /** The type dispatched last and who listens to it: most are followed by one of their kind. */
    #type = '';
    #current;
    #all;
    /** Calls `handler` for each event of `type`, or for every event with `'*'`. */
    on(type, handler, once = false) {
        if (typeof handler !== 'function') {
            throw new IPCError('ERR_IPC_ARGUMENT', `on(${JSON.stringify(type)}, ...) needs a function as its handler.`);
        }
        this.#set(type, [
            ...(this.#listeners.get(type) ?? []),
            { handler: handler, once, spent: false },
        ]);
        return this;
    }
    /** As {@link on}, for one event only. */
    once(type, handler) {
        return this.on(type, handler, true);
    }
    /** Removes a handler of a type; `'*'` (the default) as the handler removes all of them, and as both everything. */
    off(type, handler = '*') {
        if (handler === '*' && type === '*')
            this.#listeners.clear();
        this.#keep(type, (listener) => handler !== '*' && listener.handler !== handler);
        return this;
    }
    /** Removes the handlers of every type but these. */
    retain(types) {
        for (const type of [...this.#listeners.keys()])
            if (!types.includes(type))
                this.#set(type);
        return this;
    }
    /** Dispatches an event here and now, to this process's handlers only. */
    trigger(type, ...args) {
        const listeners = this.#listeners.get(type);
        const all = this.#all;
        if (listeners !== undefined) {
            for (const listener of listeners)
                this.#call(type, listener, args);
        }
        if (all !== undefined && type !== '*') {
            for (const listener of all)
                this.#call('*', listener, [type, ...args]);
        }
        return this;
    }
    /** How many handlers a type has. */
    listenerCount(type) {
        return this.#listeners.get(type)?.length ?? 0;
    }
    /** {@link trigger} for the hot path: an event that came over the wire, with its fixed two arguments. */
    dispatch(type, data, peer) {
        if (type !== this.#type) {
            this.#type = type;
            this.#current = this.#named(type);
        }
        const listeners = this.#current;
        const all = this.#all;
        if (listeners !== undefined) {
            for (let i = 0; i < listeners.length; i++) {
                const listener = listeners[i];
                if (listener.once && !this.#spend(type, listener))
                    continue;
                try {
                    listener.handler.call(this, data, peer);
                }
                catch (error) {
                    process.nextTick(rethrow, error);
                }
            }
        }
        if (all !== undefined) {
            for (const listener of all)
                this.#call('*', listener, [type, data, peer]);
        }
    }
    #call(type, listener, args) {
        if (listener.once && !this.#spend(type, listener))
            return;
        try {
            listener.handler.apply(this, args);
        }
        catch (error) {
            process.nextTick(rethrow, error);
        }
    }
    /** Who listens to a name that came over the wire: for those who hear every event, '*' is a name like any other. */
    #named(type) {
        return type === '*' ? undefined : this.#listeners.get(type);
    }
    /** Removes a handler of one event before it is called; false where it has been called. */
    #spend(type, listener) {
        if (listener.spent)
            return false;
        listener.spent = true;
        this.#keep(type, (other) => other !== listener);
        return true;
    }
    #keep(type, wanted) {
        this.#set(type, this.#listeners.get(type)?.filter(wanted));
    }
    #set(type, listeners = []) {
        if (listeners.length > 0)
            this.#listeners.set(type, listeners);
        else
            this.#listeners.delete(type);
        this.#current = this.#named(this.#type);
        this.#all = this.#listeners.get('*');
    }
}
//# sourceMappingURL=emitter.js.map