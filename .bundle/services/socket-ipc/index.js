import { EventEmitter } from 'node:events';
import { delayOf } from '../../entities/config.js';
import { IPCError } from '../../entities/errors.js';
import { ClientStatus } from '../../entities/events.js';
import { nodeCrypto } from '../../lib/builtin.js';
import { NO_TOPIC } from '../../lib/dialects/topic.js';
import { FaceClient } from '../face/client.js';
import { faceConfig } from '../face/config.js';
import { FaceServer } from '../face/server.js';
import { tell, tellError } from '../face/tell.js';
import { BadClientError, DecodeError, NoServerError, SendAfterCloseError } from './errors.js';
import { TopicPost } from './post.js';
import { JsonTopics, TranscodedTopics } from './transcoder.js';
export { BadClientError, DecodeError, DecodeError as MessageError, EncodeError, NoServerError, SendAfterCloseError, SendError, } from './errors.js';
/**
 * A server by the API and on the wire of `@crussell52/socket-ipc` 0.4: it hears messages under topics, and sends them to one
 * client or to all. Its events are {@link ServerEvents}.
 */
export class Server extends EventEmitter {
    #engine;
    #peers = new Map();
    #custom;
    #post;
    #listened = false;
    #closing = false;
    /** @throws IPCError ERR_IPC_ARGUMENT for what is no path, ERR_IPC_CONFIG */
    constructor(options) {
        super();
        checkPath(options.socketFile);
        this.#custom = Boolean(options.transcoder);
        this.#post = new TopicPost(this, options.transcoder);
        const face = {
            enter: (connection) => this.#enter(connection),
            hear: (packet, { id }) => this.#post.deliverFrom(id, packet),
            failed: (error, peer, socket) => this.#failed(error, peer, socket),
            leave: (peer) => this.#leave(peer),
        };
        this.#engine = new FaceServer(face, faceConfig(options), options.socketFile, undefined, dialectOf(options));
        this.#engine.on('start', () => tell(this, 'listening'));
    }
    /**
     * Begins to listen; `listening` or `error` tells how that went. A dead server's socket is replaced, a living one's never.
     * @throws IPCError ERR_IPC_LISTEN where it was called before
     */
    listen() {
        if (this.#listened || this.#closing) {
            throw new IPCError('ERR_IPC_LISTEN', 'A server listens once; make a new Server to listen again.');
        }
        this.#listened = true;
        this.#engine.start();
    }
    /** Sends a message to one client. A client that is not there is an `error` (BadClientError). */
    send(topic, message, clientId) {
        if (this.#refuses('send', topic, message))
            return;
        const peer = this.#peers.get(clientId);
        if (!peer?.connection.open) {
            const what = `There is no client ${clientId}; send to those that 'connection' named, until they are gone.`;
            this.emit('error', new BadClientError(what, message, nameOf(topic), clientId));
        }
        else
            this.#post.send(nameOf(topic), message, (packet) => peer.connection.send(packet));
    }
    /** Sends a message to every client. */
    broadcast(topic, message) {
        if (this.#refuses('broadcast', topic, message))
            return;
        this.#post.send(nameOf(topic), message, (packet) => this.#engine.sayAll(packet));
    }
    /** Stops listening, sends what is left, and ends every connection; then comes `close`. */
    close() {
        if (this.#closing)
            return;
        this.#closing = true;
        this.#engine.stop().then(() => closed(this));
    }
    #refuses(method, topic, message) {
        if (!this.#closing)
            return false;
        const what = `${method}() was called after close(); make a new Server to send again.`;
        this.emit('error', new SendAfterCloseError(what, message, nameOf(topic)));
        return true;
    }
    #enter(connection) {
        const peer = { id: nodeCrypto().randomUUID(), connection };
        this.#peers.set(peer.id, peer);
        tell(this, 'connection', peer.id, connection.socket);
        return peer;
    }
    #leave({ id }) {
        this.#peers.delete(id);
        tell(this, 'connectionClose', id);
    }
    #failed(error, peer, socket) {
        if (socket === undefined) {
            tell(this, 'error', error);
            return;
        }
        if (isDecoding(error)) {
            tell(this, 'messageError', error, peer?.id);
            // Only its maker knows whether such a stream can still be understood.
            if (this.#custom)
                peer?.connection.destroy();
        }
        tellError(this, error);
    }
}
/**
 * A client by the API and on the wire of `@crussell52/socket-ipc` 0.4: it connects, and again when the connection is lost,
 * until it is closed. Its events are {@link ClientEvents}.
 */
export class Client extends EventEmitter {
    #engine;
    #custom;
    #post;
    #connected = false;
    #closing = false;
    /** @throws IPCError ERR_IPC_ARGUMENT for what is no path, ERR_IPC_CONFIG */
    constructor(options) {
        super();
        checkPath(options.socketFile);
        this.#custom = Boolean(options.transcoder);
        this.#post = new TopicPost(this, options.transcoder);
        const retry = delay(options.retryDelay, 1000);
        const reconnect = delay(options.reconnectDelay, 100);
        const face = {
            hear: (packet) => this.#post.deliver(packet),
            failed: (error, connection) => this.#failed(error, connection),
            delay: (attempt, before) => Math.round(delayOf(before && attempt === 1 ? reconnect : retry)),
        };
        this.#engine = new FaceClient(face, faceConfig(options), options.socketFile, undefined, dialectOf(options));
        this.#engine.on('connect', () => this.#connect());
        this.#engine.on('reconnect', () => tell(this, 'reconnect', this.#engine.socket));
        this.#engine.on('disconnect', () => this.#disconnect());
    }
    /**
     * Begins to connect, and tries again until it is connected or closed.
     * @throws IPCError ERR_IPC_CONNECT where it was called before
     */
    connect() {
        if (this.#engine.status !== ClientStatus.IDLE || this.#closing) {
            throw new IPCError('ERR_IPC_CONNECT', 'A client connects once; make a new Client to connect again.');
        }
        this.#engine.connect();
    }
    /** Sends a message. Where there is no connection just now that is an `error` (NoServerError), and it is not sent. */
    send(topic, message) {
        if (this.#closing) {
            const what = 'send() was called after close(); make a new Client to send again.';
            this.emit('error', new SendAfterCloseError(what, message, nameOf(topic)));
        }
        else if (!this.#engine.open) {
            const what = "There is no connection just now; send after 'connect'.";
            this.emit('error', new NoServerError(what, message, nameOf(topic)));
        }
        else
            this.#post.send(nameOf(topic), message, (packet) => this.#engine.say(packet));
    }
    /** Sends what is left and ends for good; then comes `close`. */
    close() {
        if (this.#closing)
            return;
        this.#closing = true;
        this.#engine.close().then(() => closed(this));
    }
    #connect() {
        this.#connected = true;
        tell(this, 'connect', this.#engine.socket);
    }
    #disconnect() {
        const was = this.#connected;
        this.#connected = false;
        if (was && !this.#closing)
            tell(this, 'disconnect');
    }
    #failed(error, connection) {
        if (connection === undefined) {
            tell(this, 'connectError', error);
            return;
        }
        if (isDecoding(error)) {
            tell(this, 'messageError', error);
            if (this.#custom)
                connection.destroy();
        }
        tellError(this, error);
    }
}
function closed(side) {
    tell(side, 'closed');
    tell(side, 'close');
}
function dialectOf({ transcoder }) {
    return transcoder ? new TranscodedTopics(transcoder) : new JsonTopics();
}
/** What a transcoder says, or an IPCError of ours that says the same. */
function isDecoding(error) {
    return !(error instanceof IPCError) || error.code === 'ERR_IPC_DECODE';
}
/** A topic as it is sent. */
function nameOf(topic) {
    return topic === undefined || topic === null || topic === '' ? NO_TOPIC : String(topic);
}
function delay(range, usual) {
    if (typeof range === 'number')
        return range;
    const { max = usual, min = Math.min(usual, max) } = range ?? {};
    return { min, max: Math.max(min, max) };
}
function checkPath(socketFile) {
    if (typeof socketFile === 'string' && socketFile !== '' && !/^\d+$/.test(socketFile))
        return;
    const message = `options.socketFile is ${JSON.stringify(socketFile)}; it must be the path of a socket.`;
    throw new IPCError('ERR_IPC_ARGUMENT', message);
}
/** For `import socketIpc from`. */
export default { Client, Server, MessageError: DecodeError };
//# sourceMappingURL=index.js.map