import { EventEmitter } from 'node:events';
import { IPCError, lostError } from '../../entities/errors.js';
import { nodeCrypto } from '../../lib/builtin.js';
import { NetIpcDialect } from '../../lib/dialects/net-ipc.js';
import { quiet } from '../../lib/promises.js';
import { FaceServer } from '../face/server.js';
import { tell, tellError, thrown } from '../face/tell.js';
import { Client } from './client.js';
import { Connection } from './connection.js';
import { retryTime, serverConfig, serverSettings, } from './options.js';
import { tellRequest } from './respond.js';
import { checkTimeout, DEFAULT_TIMEOUT } from './timeout.js';
export { ClientStatus } from '../../entities/events.js';
export { Client, Connection };
/** The longest id that a client may bring along. */
const LONGEST_ID = 256;
const LONGEST_TIMER = 2 ** 31 - 1;
/**
 * A server by the API and on the wire of net-ipc 2: it exchanges messages and requests with clients, each of which is a
 * {@link Connection}. Its events are {@link ServerEvents}.
 */
export class Server extends EventEmitter {
    /** The options with the defaults filled in; read at `start`. */
    options;
    /** The clients that are connected. */
    connections = [];
    protocol = 'net-ipc';
    #limits;
    #byId = new Map();
    #waiting = new Map();
    /** Who has said hello and is about to be let in. */
    #hello;
    #engine;
    /** Settles when the engine before has ended. */
    #closed;
    /** @throws IPCError ERR_IPC_ARGUMENT, ERR_IPC_CONFIG for options that cannot be */
    constructor(options = {}) {
        super();
        this.#limits = options;
        this.options = serverSettings(options);
        serverConfig(this.options, options);
    }
    /** Node's own server; null where it does not listen. */
    get server() {
        return this.#engine?.server || null;
    }
    /**
     * Begins to listen. A dead server's socket is replaced, a living one's never.
     * @throws IPCError (rejects) ERR_IPC_IN_USE, ERR_IPC_ADDRESS, ERR_IPC_CONFIG, ERR_IPC_LISTEN
     */
    start() {
        return quiet(this.#start());
    }
    /**
     * Stops listening, waits for open requests, sends what is left, and ends every connection.
     * @param allowReconnect whether clients may come back by themselves
     */
    async close(allowReconnect = false) {
        const engine = this.#engine;
        if (engine !== undefined) {
            this.#engine = undefined;
            for (const id of this.#waiting.keys())
                this.#giveUp(id);
            this.#closed = engine.stop({ reason: 'Server was shut down', reconnect: allowReconnect });
        }
        await this.#closed;
        return this;
    }
    /** Sends a message to every client. Resolves when it is on its way to all that read; what fails is an `error`. */
    async broadcast(data) {
        const connections = [...this.connections];
        try {
            this.#engine?.sayAll({ type: 'message', data });
        }
        catch (error) {
            tellError(this, error);
        }
        await Promise.all(connections.map((connection) => connection.ready()));
    }
    /**
     * Asks every client and waits for all of them.
     * @param timeout milliseconds, 0 waits forever
     * @returns what came of each, in the order of `connections`
     */
    async survey(data, timeout = DEFAULT_TIMEOUT) {
        checkTimeout(timeout);
        return Promise.allSettled(this.connections.map((connection) => connection.request(data, timeout)));
    }
    /** Milliseconds to every client and back. `timeout` as in {@link survey}. */
    async ping(data, timeout = DEFAULT_TIMEOUT) {
        checkTimeout(timeout);
        return Promise.allSettled(this.connections.map((connection) => connection.ping(data, timeout)));
    }
    /** Stops reading from every client; they feel it. */
    pause() {
        this.#engine?.pause();
    }
    resume() {
        this.#engine?.resume();
    }
    /** The engine's server, while it listens. */
    get engine() {
        return this.#engine;
    }
    async #start() {
        if (this.#engine !== undefined)
            throw new IPCError('ERR_IPC_LISTEN', 'The server has started already.');
        const engine = this.#make();
        this.#engine = engine;
        try {
            await engine.start();
        }
        catch (error) {
            if (this.#engine === engine)
                this.#engine = undefined;
            throw error;
        }
        return this;
    }
    #make() {
        const { options, protocol } = this;
        const { path, port, listener } = options;
        const face = {
            name: (hello) => this.#name(hello),
            enter: (connection) => this.#enter(connection),
            hear: (packet, connection) => this.#hear(packet, connection),
            failed: (error, connection) => this.#failed(error, connection),
            leave: (connection) => this.#leave(connection),
        };
        const dialect = new NetIpcDialect({ role: 'server', topics: protocol === 'isdk-ipc' });
        const place = path ?? listener.host ?? '';
        const engine = new FaceServer(face, serverConfig(options, this.#limits), place, port, dialect);
        engine.on('start', () => tell(this, 'ready', addressOf(engine.server)));
        engine.on('close', () => tell(this, 'close'));
        return engine;
    }
    /** The id that a client had before, unless somebody else has it now; else a new one. */
    #name({ session, credentials }) {
        const known = typeof session === 'string' && session.length <= LONGEST_ID ? session : '';
        let id = known === '' || this.#byId.has(known) ? String(this.options.idGen?.() ?? newId()) : known;
        while (this.#byId.has(id))
            id = newId();
        this.#hello = { id, payload: credentials };
        return id;
    }
    #enter(engine) {
        const { id, payload } = this.#hello;
        const home = { returned: (lost) => this.#returned(lost) };
        const connection = new Connection(id, this, home, engine);
        this.connections.push(connection);
        this.#byId.set(id, connection);
        const waiters = this.#waiting.get(id) ?? [];
        this.#waiting.delete(id);
        for (const { timer, resolve } of waiters) {
            clearTimeout(timer);
            resolve(connection);
        }
        tell(this, 'connect', connection, payload);
        return connection;
    }
    #leave(connection) {
        this.connections.splice(this.connections.indexOf(connection), 1);
        this.#byId.delete(connection.id);
        tell(this, 'disconnect', connection, connection.reason);
    }
    #hear({ id, data }, connection) {
        if (id === undefined)
            this.#tell(data, connection);
        else {
            const answer = (answered) => connection.post({ type: 'request', data: answered, re: id });
            tellRequest(this, data, answer, connection);
        }
    }
    #tell(message, connection) {
        try {
            this.emit('message', message, connection);
        }
        catch (error) {
            thrown(this, error);
        }
    }
    #failed(error, connection) {
        connection?.fail(error);
        tellError(this, error, connection);
    }
    #returned(id) {
        const there = this.#byId.get(id);
        if (there?.open)
            return Promise.resolve(there);
        let patience = 0;
        for (let i = 1; i <= this.options.retries && patience < LONGEST_TIMER; i++)
            patience += retryTime(i);
        if (patience === 0 || this.#engine === undefined)
            return Promise.reject(lostError(id));
        return new Promise((resolve, reject) => {
            const timer = setTimeout(() => this.#giveUp(id), Math.min(patience, LONGEST_TIMER));
            const waiters = this.#waiting.get(id) ?? new Set();
            this.#waiting.set(id, waiters.add({ resolve, reject, timer }));
        });
    }
    #giveUp(id) {
        const waiters = this.#waiting.get(id) ?? [];
        this.#waiting.delete(id);
        for (const { timer, reject } of waiters) {
            clearTimeout(timer);
            reject(lostError(id));
        }
    }
}
/** Letters and digits. */
function newId() {
    return nodeCrypto().randomUUID().replaceAll('-', '');
}
function addressOf(server) {
    const address = server.address();
    return typeof address === 'string' ? address : `${address.address}:${address.port}`;
}
/** For `import netIpc from`. */
export default { Client, Server };
//# sourceMappingURL=index.js.map