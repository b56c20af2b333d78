import { describe } from '../entities/address.js';
import { delayOf, retryLimit } from '../entities/config.js';
import { closedError, IPCError, lostError, messageOf } from '../entities/errors.js';
import { ClientStatus } from '../entities/events.js';
import { BYE, WELCOME } from '../entities/packet.js';
import { Connection } from './connection.js';
import { Dial } from './dial.js';
import { chooseDialect } from './dialects/choose.js';
import { UPGRADE } from './dialects/dialect.js';
import { Emitter } from './emitter.js';
import { observed } from './observe.js';
import { quiet } from './promises.js';
import { silentRefusal } from './transports/tls.js';
/** How many packets a server may send before its welcome. */
const MOST_EARLY = 1000;
/**
 * The life of a client: dialling, greeting, retrying, and the end. What is said over the connection is its heir's,
 * {@link Client}.
 */
export class Link extends Emitter {
    side = 'client';
    /** The name it was given in `connectTo`. */
    id;
    /** The socket's path, or the host. */
    path;
    /** The port, for TCP and TLS. */
    port;
    config;
    log;
    /** The socket of the moment; false before the first. */
    socket = false;
    /** How many tries are left until it gives up. */
    retriesRemaining;
    /** Whether this side chose to disconnect. */
    explicitlyDisconnected = false;
    /** What it speaks until something else is agreed on. */
    dialect;
    /** The connection of the moment, not necessarily one that may be used yet. */
    connection;
    /** How many connections there have been. */
    connections = 0;
    finished = false;
    /** What is said at the end that this side has chosen. */
    farewell;
    #address;
    #waiters = [];
    #finishers = [];
    #status = ClientStatus.IDLE;
    #dialling;
    #timer;
    #welcome;
    #attempt = 0;
    #paused = false;
    /** Whether the end waits for open requests. */
    #patient = false;
    /** Why there is no connection. */
    #fault;
    /** Why it is over. */
    #end;
    #early = [];
    constructor(config, log, id, path, port, dialect = chooseDialect(config)) {
        super();
        this.config = config;
        this.log = log;
        this.id = id;
        this.path = path;
        this.port = port;
        const transport = config.tls ? 'tls' : 'tcp';
        this.#address = port === undefined ? { transport: 'local', path } : { transport, host: path, port };
        this.dialect = dialect;
        this.retriesRemaining = retryLimit(config);
    }
    /** Whether packets go straight to the server just now. */
    get connected() {
        return this.#status === ClientStatus.READY;
    }
    get status() {
        return this.#status;
    }
    /** Begins to connect; nothing where it already has. */
    connect() {
        if (this.#status !== ClientStatus.IDLE)
            return this;
        this.finished = false;
        this.farewell = undefined;
        this.explicitlyDisconnected = false;
        this.retriesRemaining = retryLimit(this.config);
        this.#attempt = 0;
        this.#setStatus(ClientStatus.CONNECTING);
        this.#dial();
        return this;
    }
    /** Resolves when connected; rejects when it has given up or was closed. */
    ready() {
        if (this.connected)
            return Promise.resolve(this);
        if (this.finished)
            return quiet(Promise.reject(this.#end));
        return quiet(new Promise((resolve, reject) => {
            this.#waiters.push({ resolve, reject });
        }));
    }
    /** Stops reading and delivering, until {@link resume}; the server feels it. */
    pause() {
        this.#paused = true;
        if (this.connection?.admitted)
            this.connection.pause();
    }
    resume() {
        this.#paused = false;
        this.connection?.resume();
    }
    /**
     * Waits for open requests, sends what is left, and ends for good. With a reason, the server learns it.
     * @returns when it is over
     */
    close(reason) {
        return this.#leave(reason === undefined ? 'plain' : { reason, reconnect: false }, true);
    }
    /** Sends what is left and ends for good; open requests are rejected. */
    disconnect() {
        this.requests.end(closedError(this.id));
        void this.#leave('plain', false);
    }
    /** Ends for good at once: what is unsent is lost, open requests are rejected. */
    destroy() {
        this.explicitlyDisconnected = true;
        this.requests.end(closedError(this.id));
        this.forget();
        this.connection?.destroy();
        this.#dialling?.abandon();
        if (this.connection === undefined && this.#dialling === undefined)
            this.#finish();
    }
    async [Symbol.asyncDispose]() {
        await this.close();
    }
    failed(error, connection) {
        if (connection !== undefined && !connection.open)
            this.#fault = error;
        if (observed.error.hasSubscribers)
            observed.error.publish({ side: 'client', error, socket: this.socket });
        this.log('error:', this.id, error.message);
        this.trigger('error', error);
    }
    closed(connection) {
        if (this.connection !== connection)
            return;
        this.connection = undefined;
        clearTimeout(this.#welcome);
        if (connection.packetsIn === 0 && !this.explicitlyDisconnected)
            this.#explain(connection);
        this.ended(connection);
        if (connection.admitted)
            this.abandonRequests();
        this.#lost(connection.farewell);
    }
    receive(packet, connection) {
        if (connection.admitted)
            this.take(packet, connection);
        else
            this.#greeted(packet, connection);
    }
    /** How many milliseconds to wait before a try; the first one after a connection was lost is 1. */
    retryDelay(_attempt) {
        return delayOf(this.config.retry);
    }
    /** The server has welcomed the client. */
    welcomed(connection, { codec = 'json', compress = false }) {
        const plain = codec === 'json' && compress === false;
        if (!connection.admitted) {
            if (!plain)
                connection.become(this.dialect.agree({ codec, compress }, this.config));
            this.#admit(connection);
        }
        else if (!plain && this.awaitsWelcome) {
            // Too late: we already speak plainly, and the server no longer does.
            connection.destroy();
        }
    }
    #greet(connection) {
        const hello = this.hello();
        if (hello !== undefined)
            connection.send(hello);
    }
    /** A packet that comes before the welcome: the server's first events wait for `connect`. */
    #greeted(packet, connection) {
        if (packet.type === WELCOME)
            this.welcomed(connection, (packet.data ?? {}));
        else if (packet.type === BYE)
            this.#turnedAway((packet.data ?? {}), connection);
        else if (packet.type === UPGRADE && this.dialect.upgrades)
            this.#greet(connection);
        else if (this.#early.length < MOST_EARLY)
            this.#early.push(packet);
        else {
            connection.destroy();
            const message = `The server sent more than ${MOST_EARLY} packets before its welcome.`;
            this.failed(new IPCError('ERR_IPC_PROTOCOL', message), connection);
        }
    }
    /** A bye in place of a welcome. A dialect that greets has no code that says so, but for good it is a refusal. */
    #turnedAway(bye, connection) {
        const refused = this.dialect.greets && bye.reconnect === false;
        this.refused(refused ? { ...bye, code: 'ERR_IPC_REFUSED' } : bye, connection);
    }
    /** A bye, which may say that the server does not let us in. */
    refused({ reason, code }, connection) {
        if (code !== 'ERR_IPC_REFUSED')
            return;
        const why = typeof reason === 'string' && reason !== '' ? reason : 'no reason given';
        const message = `The server refused ${this.id}: ${why}; check config.credentials.`;
        this.#fault = new IPCError('ERR_IPC_REFUSED', message);
        this.failed(this.#fault, connection);
    }
    /** A server that refuses our certificate just ends the connection, which looks as if it had been up. */
    #explain(connection) {
        if (this.#fault !== undefined)
            return;
        const fault = silentRefusal(connection.socket, this.#address);
        if (fault !== undefined)
            this.failed(fault, connection);
    }
    #setStatus(status) {
        if (status === this.#status)
            return;
        this.#status = status;
        this.trigger('status', status);
    }
    #dial() {
        this.#timer = undefined;
        this.log('connecting', this.id, 'to', describe(this.#address));
        try {
            this.#dialling = new Dial(this.#address, this.config, {
                opened: (socket) => this.#opened(socket),
                failed: (error) => this.#dialFailed(error),
            });
            this.socket = this.#dialling.socket ?? false;
        }
        catch (error) {
            // What the config or the address make impossible stays so.
            this.retriesRemaining = 0;
            process.nextTick(() => {
                if (!this.finished)
                    this.#dialFailed(impossible(this.id, error));
            });
        }
    }
    #dialFailed(error) {
        if (error !== undefined) {
            this.#fault = error;
            this.failed(error);
        }
        this.#dialling = undefined;
        if (!this.finished)
            this.#lost(undefined);
    }
    #opened(socket) {
        this.#dialling = undefined;
        this.socket = socket;
        const connection = new Connection(socket, this.dialect, this, this.requests);
        this.connection = connection;
        this.#fault = undefined;
        this.#early = [];
        this.#setStatus(ClientStatus.CONNECTED);
        if (!connection.open)
            return;
        const { opening, upgrades } = this.dialect;
        if (opening !== undefined)
            connection.write(opening);
        if (!upgrades)
            this.#greet(connection);
        if (!this.awaitsWelcome)
            this.#admit(connection);
        else if (this.config.handshakeTimeout > 0) {
            this.#welcome = setTimeout(() => this.#unwelcome(connection), this.config.handshakeTimeout);
        }
    }
    /** No welcome came in time: a server that does not know it; without credentials to show, plain json will do. */
    #unwelcome(connection) {
        if (this.config.credentials === undefined && !this.dialect.greets) {
            this.#admit(connection);
            return;
        }
        const timeout = this.config.handshakeTimeout;
        const message = `${describe(this.#address)} sent no welcome within ${timeout} ms (config.handshakeTimeout).`;
        connection.destroy();
        this.failed(new IPCError('ERR_IPC_HANDSHAKE', message), connection);
    }
    #admit(connection) {
        clearTimeout(this.#welcome);
        connection.admitted = true;
        this.connections++;
        this.#attempt = 0;
        this.retriesRemaining = retryLimit(this.config);
        if (this.#paused)
            connection.pause();
        this.restore(connection);
        this.#setStatus(ClientStatus.READY);
        this.log('connected', this.id);
        for (const waiter of this.#waiters.splice(0))
            waiter.resolve(this);
        this.trigger('connect');
        if (this.connections > 1)
            this.trigger('reconnect');
        for (const packet of this.#early.splice(0))
            this.take(packet, connection);
        if (this.farewell !== undefined)
            this.#endConnection(connection);
    }
    /** There is no connection any more, or there was none. */
    #lost(farewell) {
        this.#setStatus(ClientStatus.DISCONNECTED);
        if (this.#status !== ClientStatus.DISCONNECTED)
            return;
        const over = this.explicitlyDisconnected || farewell?.reconnect === false || this.config.stopRetrying === true;
        if (over || this.retriesRemaining < 1) {
            this.trigger('disconnect', farewell);
            this.#finish();
            return;
        }
        this.#attempt++;
        const delay = this.retryDelay(this.#attempt);
        this.#timer = setTimeout(() => this.#retry(), delay);
        this.#setStatus(ClientStatus.RECONNECTING);
        this.trigger('disconnect', farewell);
        if (this.#timer === undefined)
            return;
        const remaining = this.retriesRemaining - 1;
        this.log('retrying', this.id, 'in', delay, 'ms,', remaining, 'tries left after that');
        this.trigger('retry', this.#attempt, delay, { error: this.#fault, remaining });
    }
    #retry() {
        this.#timer = undefined;
        if (this.config.stopRetrying === true) {
            this.#finish();
            return;
        }
        this.retriesRemaining--;
        this.#dial();
    }
    /** Over for good. */
    #finish() {
        if (this.finished)
            return;
        this.finished = true;
        clearTimeout(this.#timer);
        this.#timer = undefined;
        const error = this.explicitlyDisconnected ? closedError(this.id) : (this.#fault ?? lostError(this.id));
        this.#end = error;
        const lost = this.held;
        if (lost > 0) {
            this.forget();
            const message = `${this.id} ended with ${lost} packets unsent: there was no connection.`;
            this.failed(new IPCError('ERR_IPC_UNSENT', message));
        }
        this.requests.end(error);
        this.#setStatus(ClientStatus.IDLE);
        for (const waiter of this.#waiters.splice(0))
            waiter.reject(error);
        this.log('gone', this.id);
        this.trigger('destroy');
        for (const finished of this.#finishers.splice(0))
            finished();
    }
    #leave(how, waits) {
        this.explicitlyDisconnected = true;
        this.farewell = how;
        this.#patient = waits;
        if (this.finished)
            return Promise.resolve();
        const over = new Promise((resolve) => {
            this.#finishers.push(resolve);
        });
        const { connection } = this;
        if (connection?.admitted)
            this.#endConnection(connection);
        else if (this.held === 0 || (connection === undefined && this.#dialling === undefined)) {
            connection?.destroy();
            this.#dialling?.abandon();
            if (connection === undefined && this.#dialling === undefined)
                this.#finish();
        }
        return over;
    }
    #endConnection(connection) {
        const end = () => {
            if (connection.open)
                this.drain(connection);
            connection.end(this.farewell === 'plain' ? undefined : this.farewell);
        };
        if (this.#patient)
            connection.whenIdle(end);
        else
            end();
    }
}
/** The error of a dial that did not even begin. */
function impossible(id, error) {
    if (error instanceof IPCError)
        return error;
    const message = `${id} cannot connect: ${messageOf(error)}; check the config.`;
    return new IPCError('ERR_IPC_CONFIG', message, { cause: error });
}
//# sourceMappingURL=link.js.map