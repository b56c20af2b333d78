import { closedError, IPCError, lostError, reservedError } from '../entities/errors.js';
import { CLIENT_RESERVED, } from '../entities/events.js';
import { BYE, eventName, HELLO, isControl, MESSAGE, PING, PUBLISH, SUBSCRIBE, UNSUBSCRIBE, WELCOME, } from '../entities/packet.js';
import { nodeCrypto } from './builtin.js';
import { Handlers } from './conversations/handlers.js';
import { Requests } from './conversations/requests.js';
import { callTopic, checkTopic, patternsOf, Topics, } from './conversations/topics.js';
import { offered } from './dialects/negotiation.js';
import { rawUnsupported } from './dialects/raw.js';
import { Holding } from './holding.js';
import { Link } from './link.js';
import { quiet } from './promises.js';
import { addTraffic, noStats } from './stats.js';
const RESERVED = new Set(CLIENT_RESERVED);
/** Who listens to what is for every connection, not for the one it was said on. */
const LASTING = { retries: Number.POSITIVE_INFINITY };
/**
 * What `ipc.of.NAME` holds: it connects to a server, and again when the connection is lost, and owns at most one connection
 * at a time. What is emitted while there is none is held (up to `config.maxPendingBytes`) and sent first thing later.
 */
export class Client extends Link {
    requests;
    #offer;
    #holding;
    #handlers = new Handlers();
    #topics = new Topics();
    #session;
    #past = noStats();
    /** Whether requests are sent again, for which the server must know the session. */
    #retrying = false;
    /** Whether the server of the moment knows that. */
    #introduced = false;
    /** `sync`: a packet is out and nothing has come back yet. */
    #awaiting = false;
    /** @throws IPCError ERR_IPC_MISSING_PACKAGE where the config asks for a codec that is not installed */
    constructor(config, log, id, path, port, dialect) {
        super(config, log, id, path, port, dialect);
        this.#offer = offered(config);
        const settled = Object.keys(this.#offer).length === 0 && !this.dialect.greets;
        this.#holding = new Holding(settled ? this.dialect : undefined, (error, id) => this.#unsendable(error, id));
        this.requests = new Requests('client', (packet) => {
            if (this.#over)
                throw closedError(id);
            return this.send(packet);
        });
    }
    /** Figures of all its connections together; `since` is the current one's beginning. */
    stats() {
        const sum = { ...this.#past, openRequests: this.requests.size, pendingBytes: this.#holding.size };
        const now = this.connection?.stats;
        if (now === undefined)
            return sum;
        addTraffic(sum, now);
        sum.pendingBytes += now.pendingBytes;
        sum.since = now.since;
        return sum;
    }
    emit(type, data) {
        if (this.dialect.name === 'raw')
            return this.send({ type: 'data', data: type });
        return this.send({ type: eventName(type), data });
    }
    /**
     * Asks the server; resolves with what its handler answers.
     * @param options `timeout` in milliseconds (default `config.requestTimeout`, 0 waits forever), `signal`, `retries`
     * @throws IPCError (rejects) ERR_IPC_TIMEOUT, ERR_IPC_ABORTED, ERR_IPC_DISCONNECTED, ERR_IPC_NO_HANDLER, or the
     * handler's own error
     */
    request(type, ...[data, options = {}]) {
        if ((options.retries ?? 0) > 0 && !this.dialect.plain) {
            if (this.dialect.greets)
                return quiet(Promise.reject(oneTry(type, this.dialect.name)));
            this.#retrying = true;
            if (this.connection?.admitted)
                this.#introduce(this.connection);
        }
        return this.#ask(eventName(type), data, options);
    }
    handle(type, ...rest) {
        this.#handlers.add(type, rest);
        return this;
    }
    /** Milliseconds to the server and back. */
    ping(options = {}) {
        const since = performance.now();
        return quiet(this.#ask(PING, undefined, options).then(() => performance.now() - since));
    }
    /**
     * Calls `handler` with what is published under topics: names with dots between the words, `*` for any one word, `>` at
     * the end for all the rest. Lasts over reconnects, until {@link unsubscribe}.
     * @returns when the server knows; rejects where it does not answer in time (`config.requestTimeout`) or refuses
     */
    subscribe(topics, handler) {
        return quiet(this.#subscribe(topics, handler));
    }
    /** Ends a handler's subscription, or all of them where none is named. Resolves when the server knows. */
    unsubscribe(topics, handler) {
        return quiet(this.#unsubscribe(topics, handler));
    }
    /** Publishes to every subscriber of the server's, this client included. */
    publish(topic, data) {
        return this.send({ type: PUBLISH, data: { topic: checkTopic(topic), data } });
    }
    /** Takes over what another client for the same address still holds. */
    inherit(other) {
        this.#holding.adopt(other.#holding);
    }
    take(packet, connection) {
        if (this.#awaiting)
            this.#next();
        const { type, data, id } = packet;
        if (isControl(type) && !connection.dialect.plain)
            this.#control(packet, connection);
        else if (id !== undefined)
            this.#answer(packet, id, connection);
        else if (RESERVED.has(type) && !this.config.allowReservedEvents)
            this.failed(reservedError(type));
        else {
            if (this.config.logPayloads)
                this.log('received from', this.id, ':', type, data);
            this.dispatch(type, data, connection.socket);
        }
    }
    get awaitsWelcome() {
        if (this.dialect.greets)
            return true;
        return this.config.credentials !== undefined || Object.keys(this.#offer).length > 0;
    }
    hello() {
        this.#introduced = this.#retrying;
        if (!this.awaitsWelcome && !this.#retrying)
            return undefined;
        const { credentials } = this.config;
        const data = { session: this.#sessionId, ...this.#offer };
        if (credentials !== undefined)
            data.credentials = credentials;
        if (this.#retrying)
            data.retries = true;
        return { type: HELLO, data };
    }
    get held() {
        return this.#holding.length;
    }
    forget() {
        this.#holding.clear();
    }
    drain(connection) {
        this.#holding.release(connection, (id) => this.requests.has(id));
    }
    /** Sends what the connection before left undone, then what was emitted meanwhile. */
    restore(connection) {
        if (this.#retrying)
            this.#introduce(connection);
        if (this.connections > 1) {
            const patterns = this.#topics.patterns;
            if (patterns.length > 0)
                connection.send({ type: SUBSCRIBE, data: patterns });
            for (const packet of this.requests.takeLost())
                connection.send(packet);
        }
        if (this.config.sync)
            this.#next();
        else
            this.drain(connection);
    }
    ended(connection) {
        this.#awaiting = false;
        addTraffic(this.#past, connection.stats);
        this.#past.since = connection.since;
    }
    abandonRequests() {
        const held = this.#holding.ids();
        this.requests.lost(lostError(this.id), (id) => !held.has(id));
    }
    /** What the server knows this client by, however often it connects. */
    get #sessionId() {
        this.#session ??= nodeCrypto().randomUUID();
        return this.#session;
    }
    /** Tells the server, once, that requests are sent again, so that it runs each of them once. */
    #introduce(connection) {
        if (this.#introduced)
            return;
        this.#introduced = true;
        connection.send({ type: HELLO, data: { session: this.#sessionId, retries: true } });
    }
    async #subscribe(topics, handler) {
        const patterns = patternsOf(topics);
        if (this.dialect.name === 'raw')
            throw rawUnsupported(SUBSCRIBE);
        for (const pattern of patterns)
            this.#topics.add(pattern, handler);
        await this.#ask(SUBSCRIBE, patterns, LASTING);
    }
    async #unsubscribe(topics, handler) {
        const patterns = patternsOf(topics).filter((pattern) => this.#topics.has(pattern));
        for (const pattern of patterns)
            this.#topics.remove(pattern, handler);
        const gone = patterns.filter((pattern) => !this.#topics.has(pattern));
        if (gone.length > 0)
            await this.#ask(UNSUBSCRIBE, gone, LASTING);
    }
    #ask(type, data, options) {
        return quiet(this.requests.ask(type, data, options.timeout ?? this.config.requestTimeout, options));
    }
    get #over() {
        return this.farewell !== undefined || this.finished;
    }
    /** Sends a packet, or holds it until it can be sent. */
    send(packet) {
        if (this.#over) {
            this.failed(closedError(this.id));
            return false;
        }
        const { connection } = this;
        const sync = this.config.sync && !isControl(packet.type);
        if (connection?.admitted && connection.open && !(sync && this.#awaiting)) {
            if (sync)
                this.#awaiting = true;
            if (this.config.logPayloads)
                this.log('sending to', this.id, ':', packet.type, packet.data);
            return connection.send(packet);
        }
        if (this.#holding.push(packet, this.config.maxPendingBytes))
            return true;
        const message = `${this.id} holds config.maxPendingBytes already while it is not connected; this packet is not taken.`;
        this.failed(new IPCError('ERR_IPC_BACKPRESSURE', message));
        return false;
    }
    /** What was held cannot be said in the dialect that was agreed on. */
    #unsendable(error, id) {
        if (id === undefined)
            this.failed(error);
        else
            this.requests.settle({ type: '', data: undefined, re: id, error });
    }
    /** `sync`: something came back, so the next packet may go. */
    #next() {
        this.#awaiting = false;
        const { connection } = this;
        if (this.#holding.length === 0 || !connection?.admitted || !connection.open)
            return;
        // Before it is sent: what an error handler emits meanwhile has to wait.
        this.#awaiting = true;
        if (this.#holding.release(connection, (id) => this.requests.has(id), 1) === 0)
            this.#awaiting = false;
    }
    #answer(packet, id, connection) {
        connection.begin();
        this.#handlers.run(packet, connection.socket, (data, error) => {
            connection.answer(packet.type, id, data, error);
            connection.done();
        });
    }
    #control({ type, data, id }, connection) {
        if (type === MESSAGE) {
            this.#message((data ?? {}));
            if (id !== undefined)
                connection.answer(type, id, undefined);
        }
        else if (type === WELCOME)
            this.welcomed(connection, (data ?? {}));
        else if (type === BYE)
            this.refused((data ?? {}), connection);
        else {
            this.failed(new IPCError('ERR_IPC_PROTOCOL', `The server sent ${type}, which is not for clients; it is ignored.`));
        }
    }
    #message({ topic, data }) {
        if (typeof topic === 'string')
            this.#topics.match(topic, (handler) => callTopic(handler, data, topic));
    }
}
/** Of a request that is to be sent again in a dialect that cannot tell the server so. */
function oneTry(type, dialect) {
    const message = `The request ${type} was not sent: a server that speaks ${dialect} would run it again at each retry; leave out ` +
        'options.retries.';
    return new IPCError('ERR_IPC_UNSUPPORTED', message);
}
//# sourceMappingURL=client.js.map