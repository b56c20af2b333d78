import { describe } from '../entities/address.js';
import { validate } from '../entities/config.js';
import { IPCError, lostError, messageOf } from '../entities/errors.js';
import { HELLO } from '../entities/packet.js';
import { Connection } from './connection.js';
import { chooseServerDialect } from './dialects/choose.js';
import { Emitter } from './emitter.js';
import { Lifecycle } from './lifecycle.js';
import { observed } from './observe.js';
import { local } from './transports/local.js';
import { tcp } from './transports/tcp.js';
import { tls } from './transports/tls.js';
const STOP_TIMEOUT = 5000;
/** How long a client of one of several dialects may be silent before it is taken for one that waits, in milliseconds. */
const SILENCE = 250;
const TRANSPORTS = { local, tcp, tls };
/**
 * The life of a server: listening, letting clients in, and the end. What is said over its connections is its heir's,
 * {@link Server}.
 */
export class Gate extends Emitter {
    side = 'server';
    /** The socket's path, or the host. */
    path;
    config;
    log;
    /** The port, for TCP and TLS; the one the system gave where 0 was asked for. */
    port;
    udp4 = false;
    udp6 = false;
    /** Node's own server, while it listens. */
    server = false;
    connections = new Map();
    #given;
    #dialect;
    #listener;
    #lifecycle = new Lifecycle();
    #leaving = false;
    #paused = false;
    /** @param dialect what its clients speak, where `config` does not say it */
    constructor(config, log, path, port, dialect) {
        super();
        this.#given = dialect;
        this.config = config;
        this.log = log;
        this.path = path;
        this.port = port;
    }
    /** The sockets of all clients that have been let in. */
    get sockets() {
        const sockets = [];
        for (const [socket, connection] of this.connections)
            if (connection.admitted)
                sockets.push(socket);
        return sockets;
    }
    /**
     * Begins to listen; `start` is emitted when it does. Nothing happens where it does already; while it stops, it starts
     * again when it has.
     * @throws IPCError (rejects, and reaches `error`) ERR_IPC_IN_USE, ERR_IPC_ADDRESS, ERR_IPC_CONFIG, ERR_IPC_LISTEN
     */
    start() {
        return this.#lifecycle.start(() => this.#start(), (error) => this.report(error));
    }
    /**
     * Stops listening, lets running handlers answer, sends what is left, ends every connection, and lets the process exit.
     * @returns when the last connection is gone
     */
    stop(options = {}) {
        return this.#lifecycle.stop(() => this.#stop(options));
    }
    async [Symbol.asyncDispose]() {
        await this.stop();
    }
    /** Stops reading from every client, until {@link resume}; they feel it. */
    pause() {
        this.#paused = true;
        for (const connection of this.connections.values())
            if (connection.admitted)
                connection.pause();
    }
    resume() {
        this.#paused = false;
        for (const connection of this.connections.values())
            connection.resume();
    }
    receive(packet, connection) {
        if (connection.admitted)
            this.take(packet, connection);
        else if (packet.type === HELLO)
            void this.#decide(packet, connection);
        else
            this.#refuse(connection, 'it said no hello');
    }
    decided(connection) {
        if (connection.admitted)
            this.began(connection);
        else
            this.#receiveClient(connection);
    }
    failed(error, connection) {
        if (error.code === 'ERR_IPC_BACKPRESSURE')
            connection.destroy();
        this.report(error, connection.socket);
    }
    closed(connection) {
        const socket = connection.socket;
        this.connections.delete(socket);
        this.ended(connection);
        connection.endRequests(lostError('the client'));
        if (!connection.admitted)
            return;
        const id = (socket.id ?? false);
        this.log('socket disconnected', id);
        this.trigger('disconnect', socket, connection.farewell);
        this.trigger('socket.disconnected', socket, id);
    }
    /** Says that something went wrong. */
    report(error, socket) {
        if (observed.error.hasSubscribers)
            observed.error.publish({ side: 'server', error, socket });
        this.log('error:', error.message);
        this.trigger('error', error, socket);
    }
    get #address() {
        const { path, port } = this;
        if (port === undefined)
            return { transport: 'local', path };
        return { transport: this.config.tls ? 'tls' : 'tcp', host: path, port };
    }
    async #start() {
        const { config } = this;
        const address = this.#address;
        this.log('starting server on', describe(address));
        validate(config);
        this.#leaving = false;
        this.#dialect = this.#given ?? chooseServerDialect(config);
        try {
            this.#listener = await TRANSPORTS[address.transport].listen(address, config, {
                socket: (socket) => this.#connected(socket),
                error: (error) => this.report(asIPCError(error)),
                relisten: () => this.#relistened(),
            });
        }
        catch (error) {
            throw asIPCError(error);
        }
        this.server = this.#listener.server;
        this.port = this.#listener.port;
        this.log('server started on', describe(this.#address));
        this.trigger('start');
        return this;
    }
    /** Somebody had removed the socket's file. */
    #relistened() {
        this.server = this.#listener.server;
        this.log('the socket file', describe(this.#address), 'was removed; listening again');
        this.trigger('ipc:relisten');
    }
    async #stop({ timeout = STOP_TIMEOUT, reconnect, reason = 'the server stopped', }) {
        const listener = this.#listener;
        this.#leaving = true;
        const closed = listener.close();
        const bye = reconnect === undefined ? undefined : { reason, reconnect };
        const ends = [...this.connections.values()].map((connection) => ended(connection, bye, timeout));
        await Promise.all([closed, ...ends]);
        listener.abandon?.();
        this.server = false;
        this.log('server stopped');
        this.trigger('close');
    }
    #connected(socket) {
        if (this.#leaving) {
            // Its TLS handshake was done too late.
            socket.destroy();
            return;
        }
        const connection = new Connection(socket, this.#dialect, this);
        this.connections.set(socket, connection);
        this.#receiveClient(connection);
    }
    /** Lets a client in at once, or has it say hello first; one of several dialects shows which by its first bytes. */
    #receiveClient(connection) {
        const { undecided, greets } = connection.dialect;
        if (undecided || greets || this.config.authorize !== undefined)
            this.#awaitHello(connection);
        else
            this.#admit(connection);
        if (undecided && this.config.authorize === undefined)
            this.#awaitWord(connection);
    }
    /** A client that waits to be spoken to is let in without a word. */
    #awaitWord(connection) {
        const silent = () => {
            if (connection.dialect.undecided && !connection.admitted && connection.open)
                this.#admit(connection);
        };
        const timer = setTimeout(silent, SILENCE);
        connection.socket.once('close', () => clearTimeout(timer));
    }
    #admit(connection) {
        connection.admitted = true;
        if (this.#paused)
            connection.pause();
        this.began(connection);
        this.log('client connected');
        this.trigger('connect', connection.socket);
    }
    #awaitHello(connection) {
        const timeout = this.config.handshakeTimeout;
        if (timeout === 0)
            return;
        const late = () => {
            if (!connection.admitted)
                this.#refuse(connection, `it was not let in within ${timeout} ms`);
        };
        const timer = setTimeout(late, timeout);
        connection.socket.once('close', () => clearTimeout(timer));
    }
    /** Asks `config.authorize`; until it has answered, nothing more of the client is heard. */
    async #decide(packet, connection) {
        const hello = (packet.data ?? {});
        connection.hold();
        let verdict;
        try {
            const { authorize } = this.config;
            verdict = authorize === undefined || (await authorize(hello.credentials, connection.socket));
        }
        catch (error) {
            verdict = error instanceof Error ? error : new Error(String(error));
        }
        if (!connection.open)
            return;
        if (verdict === true) {
            this.greet(hello, connection);
            this.#admit(connection);
            connection.release();
        }
        else
            this.#refuse(connection, typeof verdict === 'string' || verdict instanceof Error ? messageOf(verdict) : '');
    }
    #refuse(connection, reason) {
        if (!connection.open)
            return;
        connection.end({ reason, reconnect: false, code: 'ERR_IPC_REFUSED' });
        const from = reason === '' ? 'credentials' : reason;
        this.report(new IPCError('ERR_IPC_REFUSED', `A client was refused: ${from}.`), connection.socket);
    }
}
function asIPCError(error) {
    if (error instanceof IPCError)
        return error;
    return new IPCError('ERR_IPC_LISTEN', `The server failed: ${messageOf(error)}.`, { cause: error });
}
/** Ends a connection when its requests are done, or when the time is up. */
function ended(connection, bye, timeout) {
    const { socket } = connection;
    return new Promise((resolve) => {
        const late = setTimeout(() => socket.destroy(), timeout);
        const done = () => {
            clearTimeout(late);
            resolve();
        };
        if (socket.closed)
            done();
        else
            socket.once('close', done);
        if (connection.admitted)
            connection.whenIdle(() => connection.end(bye, timeout));
        else
            connection.destroy();
    });
}
//# sourceMappingURL=gate.js.map