import { closedError, IPCError } from '../../entities/errors.js';
import { PING } from '../../entities/packet.js';
import { quiet } from '../../lib/promises.js';
import { Drain } from './drain.js';
import { checkTimeout, DEFAULT_TIMEOUT } from './timeout.js';
/** A client as its server knows it. */
export class Connection {
    /** The id that the server gave it; one that comes back after a lost connection keeps it. */
    id;
    server;
    #engine;
    #home;
    #drain;
    #reason;
    #fault;
    /** Whether this end chose to close. */
    #closed = false;
    /** Connections are made by their server. */
    constructor(id, server, home, engine) {
        this.id = id;
        this.server = server;
        this.#home = home;
        this.#engine = engine;
        this.#drain = new Drain(engine);
    }
    /** The socket. */
    get connection() {
        return this.#engine.socket;
    }
    /**
     * Sends a message. Resolves when it is on its way: at once, or where the client reads slowly when all before it is written.
     * @throws IPCError (rejects) ERR_IPC_ENCODE, ERR_IPC_CLOSED, ERR_IPC_DISCONNECTED, ERR_IPC_BACKPRESSURE
     */
    send(data) {
        return this.post({ type: 'message', data });
    }
    /**
     * Asks the client; resolves with its answer.
     * @param timeout milliseconds, 0 waits forever
     * @throws IPCError (rejects) ERR_IPC_TIMEOUT, ERR_IPC_CLOSED, ERR_IPC_DISCONNECTED, ERR_IPC_ENCODE, ERR_IPC_ARGUMENT
     */
    // biome-ignore lint/suspicious/noExplicitAny: an answer is what the client makes it
    request(data, timeout = DEFAULT_TIMEOUT) {
        return quiet(this.#ask('request', data, timeout));
    }
    /** Milliseconds to the client and back, with data to carry there. `timeout` as in {@link request}. */
    ping(data, timeout = DEFAULT_TIMEOUT) {
        const since = performance.now();
        return quiet(this.#ask(PING, data, timeout).then(() => Math.round(performance.now() - since)));
    }
    /** Stops reading; the client feels it. */
    pause() {
        this.#engine.pause();
    }
    resume() {
        this.#engine.resume();
    }
    /**
     * Waits for its open requests, sends what is left, says why, and ends.
     * @param allowReconnect whether the client may come back by itself
     * @returns false where it was closed already
     */
    async close(reason, allowReconnect = false) {
        if (this.#closed || !this.#engine.open)
            return false;
        this.#closed = true;
        this.#reason = reason;
        const { socket } = this.#engine;
        const gone = new Promise((resolve) => socket.once('close', resolve));
        this.#engine.whenIdle(() => this.#engine.end({ reason, reconnect: allowReconnect }));
        await gone;
        return true;
    }
    /**
     * Ends at once: what is unsent is lost, open requests are rejected. The client comes back.
     * @returns false where it was closed already
     */
    destroy(reason) {
        if (this.#engine.socket.destroyed)
            return false;
        this.#closed = true;
        this.#reason = reason;
        this.#engine.endRequests(closedError(this.id));
        this.#engine.destroy();
        return true;
    }
    /** @internal Sends a packet: now, or to the client that comes back in place of this one. */
    post(packet) {
        if (!this.#engine.open)
            return quiet(this.#postLater(packet));
        try {
            if (this.#engine.send(packet))
                return this.#drain.wait();
        }
        catch (error) {
            return quiet(Promise.reject(error));
        }
        return quiet(Promise.reject(notTaken(this.id)));
    }
    /** @internal Whether packets can be sent. */
    get open() {
        return this.#engine.open;
    }
    /** @internal When it can take more, or a moment later. */
    ready() {
        return this.#drain.waitAMoment();
    }
    /** @internal What went wrong. */
    fail(fault) {
        if (!this.#engine.open)
            this.#fault = fault;
    }
    /** @internal Why it ended. */
    get reason() {
        return this.#reason ?? this.#engine.farewell?.reason ?? this.#fault;
    }
    async #postLater(packet) {
        const next = await this.#next();
        await next.post(packet);
    }
    async #ask(type, data, timeout) {
        checkTimeout(timeout);
        const { open, requests } = this.#engine;
        if (open)
            return requests.ask(type, data, timeout, {});
        const next = await this.#next();
        return next.#ask(type, data, timeout);
    }
    /** This client after it has come back. */
    async #next() {
        if (this.#closed)
            throw closedError(this.id);
        return this.#home.returned(this.id);
    }
}
function notTaken(id) {
    return new IPCError('ERR_IPC_BACKPRESSURE', `${id} does not read fast enough, and was disconnected.`);
}
//# sourceMappingURL=connection.js.map