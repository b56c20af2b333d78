import { IPCError } from '../../entities/errors.js';
import { callTopic, checkTopic, isWild, patternsOf, Topics, } from './topics.js';
/** How many patterns one connection may subscribe to. */
const MOST_PATTERNS = 10_000;
/** How many bytes all patterns of one connection may occupy. */
const MOST_BYTES = 8 * 1024 * 1024;
/** What a pattern occupies beside its text: entries in two maps and in a set of its own. */
const PATTERN_BYTES = 400;
/** What a word of a pattern with wildcards occupies: its text, a node and an entry in a map. */
const WORD_BYTES = 250;
/** A server's side of topics: the connections that subscribe, and the handlers of its own process. */
export class Subscribers {
    #connections = new Topics();
    #handlers = new Topics();
    #subscriptions = new Map();
    /**
     * Subscribes a connection, to all of the topics or to none of them.
     * @throws IPCError ERR_IPC_ARGUMENT for what is not a topic; ERR_IPC_TOO_LARGE for more than one connection may have
     */
    add(topics, connection) {
        const known = this.#subscriptions.get(connection);
        const fresh = [...new Set(patternsOf(topics))].filter((one) => !known?.patterns.has(one));
        if (fresh.length === 0)
            return;
        const bytes = fresh.reduce((sum, pattern) => sum + estimatedSize(pattern), known?.bytes ?? 0);
        const count = (known?.patterns.size ?? 0) + fresh.length;
        if (count > MOST_PATTERNS || bytes > MOST_BYTES)
            throw tooMany();
        const subscriptions = known ?? { patterns: new Set(), bytes: 0 };
        this.#subscriptions.set(connection, subscriptions);
        subscriptions.bytes = bytes;
        for (const pattern of fresh) {
            subscriptions.patterns.add(pattern);
            this.#connections.add(pattern, connection);
        }
    }
    /** @throws IPCError ERR_IPC_ARGUMENT for what is not a topic */
    remove(topics, connection) {
        const patterns = patternsOf(topics);
        const known = this.#subscriptions.get(connection);
        if (known === undefined)
            return;
        for (const pattern of patterns) {
            if (!known.patterns.delete(pattern))
                continue;
            known.bytes -= estimatedSize(pattern);
            this.#connections.remove(pattern, connection);
        }
        if (known.patterns.size === 0)
            this.#subscriptions.delete(connection);
    }
    /** A connection is gone. */
    leave(connection) {
        const known = this.#subscriptions.get(connection);
        if (known === undefined)
            return;
        for (const pattern of known.patterns)
            this.#connections.remove(pattern, connection);
        this.#subscriptions.delete(connection);
    }
    /** About how many bytes of memory a connection's subscriptions occupy. */
    bytesOf(connection) {
        return this.#subscriptions.get(connection)?.bytes ?? 0;
    }
    addHandler(topics, handler) {
        for (const pattern of patternsOf(topics))
            this.#handlers.add(pattern, handler);
    }
    removeHandler(topics, handler) {
        for (const pattern of patternsOf(topics))
            this.#handlers.remove(pattern, handler);
    }
    /**
     * Calls the handlers that a topic reaches.
     * @returns the connections that it reaches, each once
     * @throws IPCError ERR_IPC_ARGUMENT for what is not a topic
     */
    publish(topic, data) {
        const name = checkTopic(topic);
        const connections = this.#connections.subscribersOf(name);
        if (!this.#handlers.empty)
            this.#handlers.match(name, (handler) => callTopic(handler, data, name));
        return connections;
    }
}
/** About how many bytes of memory a subscription occupies. */
function estimatedSize(pattern) {
    const words = isWild(pattern) ? pattern.split('.').length : 0;
    return 2 * pattern.length + PATTERN_BYTES + words * WORD_BYTES;
}
function tooMany() {
    const message = `One connection may subscribe to ${MOST_PATTERNS} topics that occupy ${MOST_BYTES} bytes; this request was refused ` +
        'whole. Subscribe to a pattern instead.';
    return new IPCError('ERR_IPC_TOO_LARGE', message);
}
//# sourceMappingURL=subscribers.js.map