import { describe } from '../entities/address.js';
import { validate } from '../entities/config.js';
import { IPCError, lostError, messageOf, reservedError } from '../entities/errors.js';
import { SERVER_RESERVED, } from '../entities/events.js';
import { eventName, isControl, PING, toPacketError } from '../entities/packet.js';
import { Handlers } from './conversations/handlers.js';
import { Requests } from './conversations/requests.js';
import { survey, surveyTimes } from './conversations/surveys.js';
import { DatagramOutbox } from './datagram-outbox.js';
import { DatagramPeers } from './datagram-peers.js';
import { chooseDatagramDialect } from './dialects/choose.js';
import { Emitter } from './emitter.js';
import { identify } from './identify.js';
import { Lifecycle } from './lifecycle.js';
import { observed } from './observe.js';
import { quiet } from './promises.js';
import { noStats } from './stats.js';
import { bindDatagrams, LONGEST_DATAGRAM } from './transports/udp.js';
const RESERVED = new Set(SERVER_RESERVED);
/**
 * What `ipc.server` holds for UDP: it receives and sends datagrams, each of one or more whole frames. There are no
 * connections; its peers are those it has heard from, or sent to by their IP address.
 */
export class DatagramServer extends Emitter {
    side = 'server';
    /** The host. */
    path;
    config;
    log;
    udp4;
    udp6;
    /** The port; the one the system gave where 0 was asked for. */
    port;
    /** Node's own socket, while it is bound. */
    server = false;
    #family;
    #dialect;
    #decoder;
    #peers;
    #handlers = new Handlers();
    #requests = new Requests('server', () => false);
    #stats = noStats();
    #outbox = new DatagramOutbox((datagram, frames, peer) => this.#transmit(datagram, frames, peer));
    /** What was emitted before the socket was bound, and how many bytes that is. */
    #early = [];
    #earlySize = 0;
    /** Who sent the datagram that is being read. */
    #sender = { address: '', port: 0 };
    /** Datagrams, and their bytes, on their way to the kernel. */
    #sending = 0;
    #pending = 0;
    #onSent;
    #lifecycle = new Lifecycle();
    constructor(config, log, path, port, family) {
        super();
        this.config = config;
        this.log = log;
        this.path = path;
        this.port = port;
        this.udp4 = family === 'udp4';
        this.udp6 = family === 'udp6';
        this.#family = family;
        this.#peers = new DatagramPeers(this.udp4 ? 4 : 6);
        this.#dialect = chooseDatagramDialect(config);
        this.#decoder = this.#dialect.decoder(config);
    }
    /** The peers that a broadcast reaches. */
    get sockets() {
        return [...this.#peers.all()];
    }
    /** Figures since it was bound. */
    stats() {
        return { ...this.#stats, openRequests: this.#requests.size, pendingBytes: this.#pending, connections: 0 };
    }
    /**
     * Binds the socket; `start` is emitted when it is.
     * @throws IPCError (rejects, and reaches `error`) ERR_IPC_IN_USE, ERR_IPC_ADDRESS, ERR_IPC_CONFIG, ERR_IPC_LISTEN
     */
    start() {
        return this.#lifecycle.start(() => this.#start(), (error) => this.#report(error));
    }
    /** Sends what is left, closes the socket, and rejects open requests. */
    stop() {
        return this.#lifecycle.stop(() => this.#stop());
    }
    async [Symbol.asyncDispose]() {
        await this.stop();
    }
    emit(peer, type, data) {
        const packet = this.#packet(type, data);
        if (this.config.logPayloads)
            this.log('sending', packet.type, packet.data);
        if (peer?.address && peer.port)
            return this.#send(packet, peer);
        this.#sendAll(packet);
        return true;
    }
    broadcast(type, data) {
        const packet = this.#packet(type, data);
        if (this.config.logPayloads)
            this.log('broadcasting', packet.type, packet.data);
        this.#sendAll(packet);
        return this;
    }
    /** Asks one peer; a datagram lost either way shows as ERR_IPC_TIMEOUT. Options as for `Server.request`. */
    request(peer, type, ...[data, options = {}]) {
        return this.#ask(peer, eventName(type), data, options);
    }
    /** Asks every known peer and waits for all of them. */
    survey(type, ...[data, options = {}]) {
        const name = eventName(type);
        return survey(this.sockets, (peer) => this.#ask(peer, name, data, options));
    }
    /** Milliseconds to every known peer and back. */
    ping(options = {}) {
        return surveyTimes(this.sockets, (peer) => this.#ask(peer, PING, undefined, options));
    }
    handle(type, ...rest) {
        this.#handlers.add(type, rest);
        return this;
    }
    /** @throws IPCError ERR_IPC_UNSUPPORTED: topics need connections */
    subscribe() {
        return quiet(Promise.reject(unsupported('subscribe')));
    }
    /** @throws IPCError ERR_IPC_UNSUPPORTED: topics need connections */
    unsubscribe() {
        return quiet(Promise.reject(unsupported('unsubscribe')));
    }
    /** @throws IPCError ERR_IPC_UNSUPPORTED: topics need connections */
    publish() {
        throw unsupported('publish');
    }
    /** @throws IPCError ERR_IPC_UNSUPPORTED: nothing holds back who sends datagrams */
    pause() {
        throw unsupported('pause');
    }
    /** @throws IPCError ERR_IPC_UNSUPPORTED: nothing holds back who sends datagrams */
    resume() {
        throw unsupported('resume');
    }
    async #start() {
        const { config, path, port } = this;
        const address = { transport: 'udp', family: this.#family, host: path, port };
        this.log('starting server on', describe(address));
        validate(config);
        const socket = await bindDatagrams(address);
        socket.on('message', (bytes, from) => this.#received(bytes, from));
        socket.on('error', (cause) => this.#failed('The UDP socket failed', cause));
        this.server = socket;
        this.port = socket.address().port;
        this.#stats.since = Date.now();
        this.#earlySize = 0;
        for (const [bytes, frames, peer] of this.#early.splice(0))
            this.#transmit(bytes, frames, peer);
        this.trigger('start', { address: path, port: this.port });
        return this;
    }
    async #stop() {
        const socket = this.server;
        this.#outbox.flush();
        if (this.#sending > 0) {
            await new Promise((resolve) => {
                this.#onSent = resolve;
            });
        }
        this.server = false;
        this.#requests.end(lostError('the peer'));
        this.#peers.clear();
        await new Promise((resolve) => socket.close(resolve));
        this.log('server stopped');
        this.trigger('close');
    }
    #packet(type, data) {
        if (this.config.rawBuffer)
            return { type: 'data', data: type };
        return { type: eventName(type), data };
    }
    #send(packet, peer) {
        return this.#push(this.#dialect.encode(packet), packet, this.#peers.of(peer));
    }
    #sendAll(packet) {
        const encoded = this.#dialect.encode(packet);
        for (const peer of this.#peers.all())
            this.#push(encoded, packet, peer);
    }
    #push(encoded, packet, peer) {
        if (observed.packetOut.hasSubscribers) {
            observed.packetOut.publish({ side: this.side, socket: peer, packet });
        }
        return this.#outbox.push(encoded, peer);
    }
    #transmit(datagram, frames, peer) {
        const size = datagram.length;
        if (size > LONGEST_DATAGRAM) {
            const message = `A packet of ${size} bytes does not fit a datagram of ${LONGEST_DATAGRAM}; send less, or use TCP.`;
            this.#report(new IPCError('ERR_IPC_TOO_LARGE', message), peer);
            return false;
        }
        if (this.server === false)
            return this.#keep(datagram, frames, peer);
        this.#sending++;
        this.#pending += size;
        this.#stats.packetsOut += frames;
        this.#stats.bytesOut += size;
        this.server.send(datagram, peer.port, peer.address, (cause) => {
            this.#sending--;
            this.#pending -= size;
            if (cause)
                this.#failed(`A datagram to ${peer.address}:${peer.port} was not sent`, cause, peer);
            if (this.#sending === 0)
                this.#onSent?.();
        });
        return true;
    }
    /** Holds a datagram until the socket is bound. */
    #keep(bytes, frames, peer) {
        const most = this.config.maxPendingBytes;
        if (this.#earlySize + bytes.length > most) {
            const message = `More than ${most} bytes (config.maxPendingBytes) wait for the server to start; this packet is not taken.`;
            this.#report(new IPCError('ERR_IPC_BACKPRESSURE', message), peer);
            return false;
        }
        this.#earlySize += bytes.length;
        this.#early.push([bytes, frames, peer]);
        return true;
    }
    #received(bytes, from) {
        const { met } = this.#peers;
        this.#sender = this.#peers.meet(from.address, from.port);
        if (this.#peers.met > met)
            this.trigger('connect', this.#sender);
        this.#stats.bytesIn += bytes.length;
        try {
            this.#decoder.push(bytes, this.#deliver);
        }
        catch (error) {
            this.#report(error, this.#sender);
        }
        if (this.#decoder.buffered === 0)
            return;
        const rest = this.#decoder.rest().toString('utf8', 0, 80);
        const message = `A datagram from ${from.address}:${from.port} ends without the delimiter; dropped: ${JSON.stringify(rest)}`;
        this.#report(new IPCError('ERR_IPC_DECODE', message), this.#sender);
    }
    #deliver = (packet) => {
        const { type, data, id, re, error } = packet;
        const peer = this.#sender;
        this.#stats.packetsIn++;
        if (observed.packetIn.hasSubscribers) {
            observed.packetIn.publish({ side: this.side, socket: peer, packet });
        }
        if (re !== undefined)
            this.#requests.settle(packet, peer);
        else if (error !== undefined)
            this.#report(error, peer);
        else if (id !== undefined)
            this.#answer(packet, peer);
        else if (isControl(type) || (RESERVED.has(type) && !this.config.allowReservedEvents)) {
            this.#report(reservedError(type), peer);
        }
        else {
            if (this.config.identifyPeer)
                identify(peer, data);
            if (this.config.logPayloads)
                this.log('received', type, data);
            this.dispatch(type, data, peer);
        }
        return true;
    };
    #answer(packet, peer) {
        const { type, id } = packet;
        if (type === PING) {
            this.#send({ type, data: undefined, re: id }, peer);
            return;
        }
        this.#handlers.run(packet, peer, (data, error) => {
            if (this.server === false)
                return;
            try {
                if (error === undefined)
                    this.#send({ type, data, re: id }, peer);
                else
                    this.#send({ type, data: undefined, re: id, error: toPacketError(error) }, peer);
            }
            catch (fault) {
                this.#send({ type, data: undefined, re: id, error: toPacketError(fault) }, peer);
            }
        });
    }
    #ask(peer, type, data, options) {
        const timeout = options.timeout ?? this.config.requestTimeout;
        const known = peer && this.#peers.of(peer);
        const send = (packet) => this.#send(packet, known);
        // Whom a host's name means is not known here, so anybody may answer for it.
        const from = known?.family === undefined ? undefined : known;
        return quiet(this.#requests.ask(type, data, timeout, options, send, from));
    }
    #failed(what, cause, peer) {
        this.#report(new IPCError('ERR_IPC_SOCKET', `${what}: ${messageOf(cause)}.`, { cause }), peer);
    }
    #report(error, peer) {
        if (observed.error.hasSubscribers)
            observed.error.publish({ side: this.side, error, socket: peer });
        this.log('error:', error.message);
        this.trigger('error', error, peer);
    }
}
function unsupported(what) {
    const message = `${what}() does not exist over UDP; use a Unix socket, TCP or TLS, or emit() and broadcast().`;
    return new IPCError('ERR_IPC_UNSUPPORTED', message);
}
//# sourceMappingURL=datagram-server.js.map