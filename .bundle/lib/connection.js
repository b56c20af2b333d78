import { codeOf, IPCError, messageOf } from '../entities/errors.js';
import { BYE, isControl, lengthOf, PING, toPacketError, } from '../entities/packet.js';
import { Requests } from './conversations/requests.js';
import { DIALECT, UPGRADE } from './dialects/dialect.js';
import { observed } from './observe.js';
import { Outbox } from './outbox.js';
/** Why a connection does not read, as bits. */
const PAUSED = 1;
const HELD = 2;
const SWITCHING = 4;
const CLOSED = 8;
const NOTHING = Buffer.alloc(0);
/** How long a peer may take to end after us, in milliseconds. */
const GRACE = 5000;
/**
 * One live byte stream with its dialect, outbox, limits and open requests. Packets go to the owner in the order they came;
 * while it is paused or held none do, and the socket is not read.
 */
export class Connection {
    socket;
    outbox;
    since = Date.now();
    dialect;
    packetsIn = 0;
    packetsOut = 0;
    /** What the peer said in its bye. */
    farewell;
    /** The client as it comes and goes, where the server knows it. */
    session;
    /** Whether the peer's hello has been answered. */
    greeted = false;
    /** Whether the two ends are done greeting. */
    admitted = false;
    #owner;
    #requests;
    #decoder;
    #successor;
    /** Bytes that came in the dialect before this one's. */
    #rest = NOTHING;
    #stops = 0;
    #reading = false;
    #open = true;
    /** Whether this end chose to drop what is unsent. */
    #dropped = false;
    #watch;
    #lastByte = 0;
    /** Requests from the peer whose handlers have not answered yet. */
    #answering = 0;
    #onIdle;
    /** Whether it was waited long enough for handlers that do not answer, and what says so. */
    #impatient = false;
    #patience;
    /** `requests`: the table of what is asked over this connection; its own where none is given. */
    constructor(socket, dialect, owner, requests) {
        this.socket = socket;
        this.dialect = dialect;
        this.outbox = new Outbox(socket);
        this.#owner = owner;
        this.#requests = requests;
        this.#decoder = dialect.decoder(owner.config);
        socket.on('data', (chunk) => this.#read(chunk));
        socket.on('error', (error) => this.#broke(error));
        // Before Node's own: it lets nothing be written once the other side has ended.
        socket.prependListener('end', () => {
            this.outbox.flush(true);
            this.#open = false;
        });
        socket.on('close', () => this.#closed());
        if (observed.connection.hasSubscribers)
            this.#tell('open');
    }
    /** The requests asked over this connection. */
    get requests() {
        this.#requests ??= new Requests(this.#owner.side, (packet) => this.send(packet));
        return this.#requests;
    }
    /** Whether packets can be sent. */
    get open() {
        return this.#open;
    }
    get stats() {
        const { packetsIn, packetsOut, socket, since } = this;
        return {
            packetsIn,
            packetsOut,
            bytesIn: socket.bytesRead,
            bytesOut: socket.bytesWritten ?? 0,
            openRequests: this.#requests?.size ?? 0,
            pendingBytes: this.outbox.pending,
            since,
        };
    }
    /**
     * Sends a packet.
     * @returns false where the connection is closing, or holds too much unsent already.
     * @throws IPCError ERR_IPC_ENCODE
     */
    send(packet) {
        if (!this.#open)
            return false;
        if (observed.packetOut.hasSubscribers) {
            observed.packetOut.publish({ side: this.#owner.side, socket: this.socket, packet });
        }
        if (this.dialect.shared)
            return this.write(this.dialect.encode(packet));
        // What was encoded with what went before must go out, or the peer could read nothing after it.
        if (!this.#hasRoom(1))
            return false;
        this.#push(this.dialect.encode(packet));
        return true;
    }
    /** {@link send} for a packet already encoded in this connection's dialect. */
    write(encoded) {
        if (!this.#open || !this.#hasRoom(lengthOf(encoded)))
            return false;
        this.#push(encoded);
        return true;
    }
    #push(encoded) {
        this.packetsOut++;
        this.outbox.push(encoded, this.dialect);
    }
    /** Whether so many bytes more may wait; says so where they may not. */
    #hasRoom(size) {
        const most = this.#owner.config.maxPendingBytes;
        if (this.outbox.pending + size <= most)
            return true;
        this.#owner.failed(new IPCError('ERR_IPC_BACKPRESSURE', `More than ${most} bytes wait to be sent because the other side does not read fast enough; send less, wait, or ` +
            'raise config.maxPendingBytes.'), this);
        return false;
    }
    /** Stops delivering and reading, so that the sender feels it. */
    pause() {
        this.#stop(PAUSED);
    }
    resume() {
        this.#go(PAUSED);
    }
    /** As {@link pause}, while it is decided whether the peer may come in. */
    hold() {
        this.#stop(HELD);
    }
    release() {
        this.#go(HELD);
    }
    /** Speaks another dialect from the next packet on, in both directions. */
    become(dialect) {
        if (dialect === this.dialect)
            return;
        this.dialect = dialect;
        if (this.#reading) {
            this.#successor = dialect;
            this.#stops |= SWITCHING;
        }
        else
            this.#switch(dialect);
    }
    /** Answers a request of the peer. */
    answer(type, re, data, error) {
        if (!this.#open)
            return;
        try {
            if (error === undefined)
                this.send({ type, data, re });
            else
                this.send({ type, data: undefined, re, error: toPacketError(error) });
        }
        catch (fault) {
            this.send({ type, data: undefined, re, error: toPacketError(fault) });
        }
    }
    /** Counts a request whose handler is at work, so that a close can wait for it. */
    begin() {
        this.#answering++;
    }
    done() {
        this.#answering--;
        this.#checkIdle();
    }
    /** Whether it is about to end, so that no new request is taken. */
    get leaving() {
        return this.#onIdle !== undefined;
    }
    /** Rejects what was asked over this connection alone. */
    endRequests(error) {
        this.#requests?.end(error);
    }
    /**
     * Calls back when no request is open either way; handlers that have not answered after `requestTimeout`, for which the
     * peer waits no longer, are left alone.
     */
    whenIdle(callback) {
        this.#onIdle = callback;
        const patience = this.#owner.config.requestTimeout;
        if (patience > 0) {
            this.#patience ??= setTimeout(() => {
                this.#impatient = true;
                this.#checkIdle();
            }, patience);
        }
        if (this.#requests !== undefined)
            this.#requests.onIdle = () => this.#checkIdle();
        this.#checkIdle();
    }
    #checkIdle() {
        if (this.#onIdle === undefined || (this.#requests?.size ?? 0) > 0)
            return;
        if (this.#answering > 0 && !this.#impatient)
            return;
        const callback = this.#onIdle;
        this.#onIdle = undefined;
        clearTimeout(this.#patience);
        callback();
    }
    /**
     * Sends what is left and a bye, where one is given, then ends. What the peer still sends is delivered until it ends too;
     * after `grace` milliseconds the socket is dropped.
     */
    end(bye, grace = GRACE) {
        if (!this.#open)
            return;
        if (bye !== undefined)
            this.#say(bye);
        this.#open = false;
        this.outbox.flush(true);
        this.socket.end();
        const timer = setTimeout(() => this.socket.destroy(), grace);
        this.socket.once('close', () => clearTimeout(timer));
        if (this.#stops === 0)
            return;
        // Nobody wants the packets, but the peer's end must be read.
        this.#stops |= CLOSED;
        this.socket.resume();
    }
    /** A dialect without byes just ends; a reason that cannot be sent is left out. */
    #say(bye) {
        if (this.dialect.plain)
            return;
        try {
            this.send({ type: BYE, data: bye });
        }
        catch (error) {
            this.#owner.failed(error, this);
            this.send({ type: BYE, data: { ...bye, reason: undefined } });
        }
    }
    /** Drops the socket at once. */
    destroy() {
        this.#open = false;
        this.#dropped = true;
        this.#stops |= CLOSED;
        this.socket.destroy();
    }
    #deliver = (packet) => {
        this.packetsIn++;
        if (observed.packetIn.hasSubscribers) {
            observed.packetIn.publish({ side: this.#owner.side, socket: this.socket, packet });
        }
        if (packet.re !== undefined) {
            this.#requests?.settle(packet);
        }
        else if (packet.error !== undefined) {
            this.#owner.failed(packet.error, this);
        }
        else if (isControl(packet.type) && !this.dialect.plain) {
            this.#control(packet);
        }
        else {
            this.#owner.receive(packet, this);
        }
        return this.#stops === 0;
    };
    #control(packet) {
        if (packet.type === PING && packet.id !== undefined) {
            this.answer(PING, packet.id, undefined);
            return;
        }
        if (packet.type === DIALECT || packet.type === UPGRADE) {
            this.#told(packet);
            return;
        }
        if (packet.type === BYE) {
            const { reason, reconnect } = (packet.data ?? {});
            this.farewell = { reason, reconnect: reconnect !== false };
        }
        this.#owner.receive(packet, this);
    }
    /** What the decoder alone may say: a peer that says it is not heard. */
    #told(packet) {
        const { undecided, greets } = this.dialect;
        if (packet.type === DIALECT && undecided) {
            this.become(packet.data);
            this.#owner.decided?.(this);
            return;
        }
        if (packet.type !== UPGRADE || !greets) {
            const message = `The other side sent ${packet.type}, which never travels; it is ignored.`;
            this.#owner.failed(new IPCError('ERR_IPC_PROTOCOL', message), this);
        }
        else if (Buffer.isBuffer(packet.data))
            this.write(packet.data);
        else
            this.#owner.receive(packet, this);
    }
    #read(chunk) {
        if ((this.#stops & CLOSED) !== 0)
            return;
        let bytes = chunk;
        if (this.#rest.length > 0) {
            bytes = Buffer.concat([this.#rest, chunk]);
            this.#rest = NOTHING;
        }
        if (this.#stops !== 0) {
            this.#rest = bytes;
            return;
        }
        this.#reading = true;
        try {
            this.#decoder.push(bytes, this.#deliver);
            while (this.#successor !== undefined) {
                this.#switch(this.#successor);
                if (this.#stops === 0)
                    this.#decoder.push(this.#takeRest(), this.#deliver);
            }
        }
        catch (error) {
            this.#fail(error);
        }
        this.#reading = false;
        if (this.#stops !== 0) {
            if ((this.#stops & CLOSED) === 0)
                this.socket.pause();
        }
        else if (this.#decoder.buffered > 0)
            this.#watchFrame();
    }
    #switch(dialect) {
        this.#successor = undefined;
        this.#stops &= ~SWITCHING;
        this.#rest = this.#decoder.rest();
        this.#decoder = dialect.decoder(this.#owner.config);
    }
    #takeRest() {
        const rest = this.#rest;
        this.#rest = NOTHING;
        return rest;
    }
    #stop(why) {
        this.#stops |= why;
        if (!this.#reading)
            this.socket.pause();
    }
    #go(why) {
        if ((this.#stops & why) === 0)
            return;
        this.#stops &= ~why;
        if (this.#stops !== 0 || this.#reading)
            return;
        this.#read(NOTHING);
        if (this.#stops === 0)
            this.socket.resume();
    }
    /** Gives a frame that has begun `messageTimeout` for each byte more. */
    #watchFrame() {
        const timeout = this.#owner.config.messageTimeout;
        if (timeout === 0)
            return;
        this.#lastByte = performance.now();
        this.#watch ??= setTimeout(() => this.#checkFrame(timeout), timeout).unref();
    }
    #checkFrame(timeout) {
        this.#watch = undefined;
        if (this.#decoder.buffered === 0 || (this.#stops & CLOSED) !== 0)
            return;
        const left = this.#stops === 0 ? this.#lastByte + timeout - performance.now() : timeout;
        if (left > 1) {
            this.#watch = setTimeout(() => this.#checkFrame(timeout), left).unref();
            return;
        }
        const message = `No byte more of a frame came for ${timeout} ms (config.messageTimeout); the connection is closed.`;
        this.#fail(new IPCError('ERR_IPC_TIMEOUT', message));
    }
    /** The stream can no longer be understood. */
    #fail(error) {
        const fault = error instanceof IPCError
            ? error
            : new IPCError('ERR_IPC_PROTOCOL', `The connection broke: ${messageOf(error)}.`, { cause: error });
        this.destroy();
        this.#owner.failed(fault, this);
    }
    #broke(cause) {
        this.#open = false;
        // Under TLS 1.3 a refused certificate shows only after the handshake.
        const refused = codeOf(cause).startsWith('ERR_SSL_');
        const message = refused
            ? `The other side ended TLS: ${messageOf(cause)}; check config.tls on both sides.`
            : `The connection broke: ${messageOf(cause)}.`;
        this.#owner.failed(new IPCError(refused ? 'ERR_IPC_HANDSHAKE' : 'ERR_IPC_SOCKET', message, { cause }), this);
    }
    #closed() {
        this.#open = false;
        this.#stops |= CLOSED;
        clearTimeout(this.#watch);
        clearTimeout(this.#patience);
        if (!this.#dropped && this.outbox.broken) {
            const message = 'The connection was lost before everything was sent; use requests where an answer matters.';
            this.#owner.failed(new IPCError('ERR_IPC_UNSENT', message), this);
        }
        if (observed.connection.hasSubscribers)
            this.#tell('close');
        this.#owner.closed(this);
    }
    #tell(state) {
        const { socket, dialect } = this;
        observed.connection.publish({ state, side: this.#owner.side, socket, dialect: dialect.name });
    }
}
//# sourceMappingURL=connection.js.map