import { EventEmitter } from 'node:events';
import { closedError, IPCError } from '../../entities/errors.js';
import { ClientStatus } from '../../entities/events.js';
import { PING } from '../../entities/packet.js';
import { NetIpcDialect } from '../../lib/dialects/net-ipc.js';
import { quiet } from '../../lib/promises.js';
import { FaceClient } from '../face/client.js';
import { tell, tellError, thrown } from '../face/tell.js';
import { Drain } from './drain.js';
import { clientConfig, clientSettings, retryTime, } from './options.js';
import { tellRequest } from './respond.js';
import { checkTimeout, DEFAULT_TIMEOUT } from './timeout.js';
/**
 * A client by the API and on the wire of net-ipc 2: it sends messages and requests to a server, and answers the server's. It
 * comes back after a lost connection, keeps its id, and what is sent meanwhile waits for that. Its events are
 * {@link ClientEvents}.
 */
export class Client extends EventEmitter {
    /** The options with the defaults filled in; read at `connect`. */
    options;
    /** The id that the server gave. */
    id;
    protocol = 'net-ipc';
    #limits;
    /** Itself, as one that emits whatever it is told to. */
    #emitter = this;
    #engine;
    #drain;
    #welcome;
    #reason;
    #farewell;
    #fault;
    #destroyed = false;
    /** @throws IPCError ERR_IPC_ARGUMENT, ERR_IPC_CONFIG for options that cannot be */
    constructor(options = {}) {
        super();
        this.#limits = options;
        this.options = clientSettings(options);
        clientConfig(this.options, options, undefined);
    }
    get status() {
        return this.#engine?.status ?? ClientStatus.IDLE;
    }
    /** The socket; null where there is none. */
    get connection() {
        return this.#engine?.socket || null;
    }
    /**
     * Connects, and shows the server a payload.
     * @returns when it is ready; a try that fails is repeated first, as `retries` says
     * @throws IPCError (rejects) ERR_IPC_CONNECT, ERR_IPC_HANDSHAKE, ERR_IPC_MISSING_PACKAGE, ERR_IPC_CLOSED
     */
    connect(payload) {
        return quiet(this.#connect(payload));
    }
    /**
     * Sends a message. Resolves when it is on its way: at once, when there is a connection again, or where the server reads
     * slowly when all before it is written.
     * @throws IPCError (rejects) ERR_IPC_ENCODE, ERR_IPC_CLOSED, ERR_IPC_DISCONNECTED, ERR_IPC_BACKPRESSURE
     */
    send(data) {
        return this.#post({ type: 'message', data });
    }
    /**
     * Asks the server; resolves with its answer.
     * @param timeout milliseconds, 0 waits forever
     * @throws IPCError (rejects) ERR_IPC_TIMEOUT, ERR_IPC_CLOSED, ERR_IPC_DISCONNECTED, ERR_IPC_ENCODE, ERR_IPC_ARGUMENT
     */
    request(data, timeout = DEFAULT_TIMEOUT) {
        return this.#ask('request', data, timeout);
    }
    /** Milliseconds to the server and back, with data to carry there. `timeout` as in {@link request}. */
    ping(data, timeout = DEFAULT_TIMEOUT) {
        const since = performance.now();
        return quiet(this.#ask(PING, data, timeout).then(() => Math.round(performance.now() - since)));
    }
    /**
     * Waits for open requests, sends what is left, says why, and ends for good.
     * @returns false where it was closed already
     */
    async close(reason) {
        const engine = this.#engine;
        if (engine === undefined || !alive(engine))
            return false;
        await engine.close(reason);
        return true;
    }
    /**
     * Ends for good at once: what is unsent is lost, open requests are rejected.
     * @returns false where it was closed already
     */
    destroy(reason) {
        const engine = this.#engine;
        if (engine === undefined || this.#destroyed || engine.status === ClientStatus.IDLE)
            return false;
        this.#destroyed = true;
        this.#reason = reason;
        engine.destroy();
        return true;
    }
    /** The engine's client of the moment. @throws IPCError ERR_IPC_CLOSED where there is none */
    get engine() {
        if (this.#engine === undefined || !alive(this.#engine))
            throw closedError('the client');
        return this.#engine;
    }
    async #connect(payload) {
        if (this.status !== ClientStatus.IDLE) {
            throw new IPCError('ERR_IPC_CONNECT', 'The client is connected already, or about to be; close it first.');
        }
        this.#reason = undefined;
        this.#farewell = undefined;
        this.#fault = undefined;
        this.#welcome = undefined;
        this.#destroyed = false;
        this.#engine = this.#make(payload);
        await this.#engine.connect().ready();
        return this;
    }
    #make(payload) {
        const { options, protocol } = this;
        const { host, port, path } = options;
        const config = clientConfig(options, this.#limits, payload);
        const upgrade = options.handshake ? protocol : undefined;
        const dialect = new NetIpcDialect({ role: 'client', upgrade, host, topics: protocol === 'isdk-ipc' });
        const face = {
            hear: (packet) => this.#hear(packet),
            failed: (error, connection) => this.#failed(error, connection),
            delay: (attempt) => retryTime(attempt, options.maxRetryTime),
            formerId: () => this.id,
            welcome: (welcome, connection) => this.#welcomed(welcome, connection),
        };
        const engine = new FaceClient(face, config, host ?? path, host === undefined ? undefined : port, dialect);
        engine.on('status', (status) => tell(this.#emitter, 'status', status));
        engine.on('connect', () => tell(this.#emitter, 'ready', this.#welcome));
        engine.on('disconnect', (farewell) => {
            this.#farewell = farewell;
        });
        engine.on('destroy', () => this.#closed(engine));
        return engine;
    }
    #welcomed({ id, codec, compress }, connection) {
        this.id = id;
        this.#welcome = { id, compress: compress === true, messagepack: codec === 'msgpack' };
        this.#fault = undefined;
        this.#drain = new Drain(connection);
    }
    #closed(engine) {
        // One that never was ready says so by its promise, unless it should not try again or was told to stop.
        const toldToStop = engine.explicitlyDisconnected || this.#farewell !== undefined;
        if (this.#welcome === undefined && this.options.reconnect && !toldToStop)
            return;
        const fault = engine.explicitlyDisconnected ? undefined : this.#fault;
        tell(this.#emitter, 'close', this.#reason ?? this.#farewell?.reason ?? fault);
    }
    #failed(error, connection) {
        if (!connection?.open)
            this.#fault = error;
        tellError(this.#emitter, error);
    }
    #hear({ id, data }) {
        if (id === undefined)
            this.#tell(data);
        else
            tellRequest(this.#emitter, data, (answer) => this.#post({ type: 'request', data: answer, re: id }));
    }
    #tell(message) {
        try {
            this.#emitter.emit('message', message);
        }
        catch (error) {
            thrown(this.#emitter, error);
        }
    }
    #post(packet) {
        try {
            const { engine } = this;
            const { open } = engine;
            if (!engine.post(packet))
                throw notTaken();
            if (open)
                return this.#drain.wait();
            return engine.ready();
        }
        catch (error) {
            return quiet(Promise.reject(error));
        }
    }
    #ask(type, data, timeout) {
        try {
            return this.engine.ask(type, data, checkTimeout(timeout));
        }
        catch (error) {
            return quiet(Promise.reject(error));
        }
    }
}
/** Whether a client has begun to connect, and not begun to end. */
function alive(engine) {
    return engine.status !== ClientStatus.IDLE && !engine.explicitlyDisconnected;
}
function notTaken() {
    const message = 'The client holds too much unsent (maxPendingBytes); await send(), so that it cannot come to that.';
    return new IPCError('ERR_IPC_BACKPRESSURE', message);
}
//# sourceMappingURL=client.js.map