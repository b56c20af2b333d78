import { defaults, validate } from '../../entities/config.js';
import { IPCError } from '../../entities/errors.js';
import { Client } from '../../lib/client.js';
import { DatagramServer } from '../../lib/datagram-server.js';
import { createLog } from '../../lib/log.js';
import { Server } from '../../lib/server.js';
/**
 * Inter-process communication by node-ipc's API: a config, clients by name in `of`, and a server. Instances are independent
 * of each other.
 *
 * ```js
 * ipc.config.id = 'world';
 * ipc.serve(() => ipc.server.on('message', (data, socket) => ipc.server.emit(socket, 'message', `${data} world!`)));
 * ipc.server.start();
 * ```
 */
export class IPC {
    /** This class, so that `new ipc.IPC()` makes an independent instance. */
    IPC = IPC;
    /** Every setting; read when a client or server is set up, or when it is used where that is said. */
    config = defaults();
    /** The clients, by the id given to `connectTo`. */
    of = {};
    /** Writes its arguments, joined by spaces, to `config.logger`, unless `config.silent` is set. */
    log = createLog(() => this.config);
    constructor() {
        this.server = false;
    }
    /**
     * Connects to a Unix socket or Windows pipe.
     * @param id names the client in `of`
     * @param path default: `config.socketRoot + config.appspace + id`
     * @param callback runs at once, when the client exists
     * @returns the client; the one there is where it is connected already
     * @throws IPCError ERR_IPC_CONFIG, ERR_IPC_ARGUMENT, ERR_IPC_MISSING_PACKAGE
     */
    connectTo(id, path, callback) {
        const chosen = typeof path === 'string' && path !== '' ? path : undefined;
        const { socketRoot, appspace } = this.config;
        return this.#connect(id, chosen ?? `${socketRoot}${appspace}${id}`, undefined, pick(path, callback));
    }
    /**
     * Connects over TCP, or TLS where `config.tls` is set. Arguments after the id may be left out in any place.
     * @param host default: `config.networkHost`
     * @param port default: `config.networkPort`
     * @param callback runs at once, when the client exists
     * @returns the client; the one there is where it is connected already
     * @throws IPCError ERR_IPC_CONFIG, ERR_IPC_ARGUMENT, ERR_IPC_MISSING_PACKAGE
     */
    connectToNet(id, host, port, callback) {
        const net = this.#netArguments([host, port, callback]);
        return this.#connect(id, net.host, net.port, net.callback);
    }
    /**
     * Sends what a client still has to send, ends it for good, and takes it out of `of`. Of its handlers only those of
     * `disconnect`, `destroy` and `error` are left, which hear of the end, as with node-ipc 9.
     */
    disconnect(id) {
        if (!Object.hasOwn(this.of, id))
            return;
        const client = this.of[id];
        client.retain(['disconnect', 'destroy', 'error']);
        delete this.of[id];
        client.disconnect();
    }
    /**
     * Sets up a server on a Unix socket or Windows pipe; `ipc.server.start()` starts it.
     * @param path default: `config.socketRoot + config.appspace + config.id`
     * @param callback runs when it has started
     * @throws IPCError ERR_IPC_CONFIG
     */
    serve(path, callback) {
        const { socketRoot, appspace, id } = this.config;
        const chosen = typeof path === 'string' && path !== '' ? path : `${socketRoot}${appspace}${id}`;
        validate(this.config);
        return this.#serve(new Server(this.config, this.log, chosen), pick(path, callback));
    }
    serveNet(...args) {
        const { host, port, udp, callback } = this.#netArguments(args);
        validate(this.config);
        if (udp === undefined)
            return this.#serve(new Server(this.config, this.log, host, port), callback);
        return this.#serve(new DatagramServer(this.config, this.log, host, port, udp), callback);
    }
    #connect(id, path, port, callback) {
        if (typeof id !== 'string' || id === '') {
            throw new IPCError('ERR_IPC_ARGUMENT', 'connectTo and connectToNet need the id of the server as a string.');
        }
        const there = Object.hasOwn(this.of, id) ? this.of[id] : undefined;
        if (there !== undefined && isUp(there)) {
            this.log('Already connected to', id);
            callback?.(this);
            return there;
        }
        validate(this.config);
        const client = new Client(this.config, this.log, id, path, port);
        if (there !== undefined)
            replace(there, client);
        this.of[id] = client;
        client.connect();
        callback?.(this);
        return client;
    }
    #serve(server, callback) {
        this.server = server;
        if (callback !== undefined)
            this.server.on('start', () => callback(this));
        return server;
    }
    #netArguments(args) {
        const { networkHost, networkPort } = this.config;
        const found = { host: networkHost, port: networkPort, udp: undefined, callback: undefined };
        let hosted = false;
        for (const arg of args) {
            if (typeof arg === 'function')
                found.callback = arg;
            else if (typeof arg === 'number')
                found.port = portNumber(arg);
            else if (isUdp(arg))
                found.udp = arg.toLowerCase();
            else if (typeof arg === 'string' && arg !== '' && !hosted) {
                found.host = arg;
                hosted = true;
            }
            else if (typeof arg === 'string' && /^\d+$/.test(arg))
                found.port = portNumber(Number(arg));
            else if (arg !== undefined && arg !== null && arg !== false && arg !== '') {
                throw new IPCError('ERR_IPC_ARGUMENT', `${String(arg)} is no host, port, 'udp4', 'udp6' or callback.`);
            }
        }
        return found;
    }
}
function isUdp(value) {
    return typeof value === 'string' && /^udp[46]$/i.test(value);
}
function portNumber(port) {
    if (Number.isInteger(port) && port >= 0 && port <= 65_535)
        return port;
    throw new IPCError('ERR_IPC_ARGUMENT', `${port} is no port; it must be a whole number from 0 to 65535.`);
}
/** The callback, wherever it was given. */
function pick(...args) {
    return args.find((arg) => typeof arg === 'function');
}
/** Whether a client has a connection or is making its first: then connecting to the same id again is nothing new. */
function isUp(client) {
    return client.socket !== false && !client.socket.destroyed && !client.explicitlyDisconnected;
}
/** A client that waits for its next try gives way to a new one, which sends what the old one held. */
function replace(old, client) {
    if (old.path === client.path && old.port === client.port)
        client.inherit(old);
    old.off('*', '*');
    old.disconnect();
}
//# sourceMappingURL=index.js.map