import { codeOf } from '../entities/errors.js';
import { dialFailure } from './transports/failure.js';
import { local } from './transports/local.js';
import { tcp } from './transports/tcp.js';
import { handshakeFailure, tls } from './transports/tls.js';
/** A listener's queue is full for moments only; so often, and so long apart at most, a dial is repeated for it. */
const MOST_CROWDED = 200;
const CROWDED_MS = 50;
const TRANSPORTS = { local, tcp, tls };
/** One try to connect. */
export class Dial {
    /** The socket that is connecting. */
    socket;
    #address;
    #config;
    #events;
    #transport;
    #crowded = 0;
    #timer;
    #abandoned = false;
    /** @throws IPCError for an address or config that can never work */
    constructor(address, config, events) {
        this.#address = address;
        this.#config = config;
        this.#events = events;
        this.#transport = TRANSPORTS[address.transport];
        this.#begin();
    }
    /** Gives up; `failed` follows. */
    abandon() {
        this.#abandoned = true;
        this.socket?.destroy();
    }
    #begin() {
        const socket = this.#transport.dial(this.#address, this.#config);
        this.socket = socket;
        let carried = false;
        let fault;
        const onError = (error) => {
            fault = error;
        };
        const onClose = () => this.#failed(fault, carried);
        socket.once('connect', () => {
            carried = true;
            if (this.#transport.ready !== 'connect')
                this.#limitHandshake(socket);
        });
        socket.on('error', onError);
        socket.once('close', onClose);
        socket.once(this.#transport.ready, () => {
            // The transport has looked again, and refused it.
            if (socket.destroyed)
                return;
            clearTimeout(this.#timer);
            socket.off('error', onError);
            socket.off('close', onClose);
            this.#events.opened(socket);
        });
    }
    /** @param carried whether the transport underneath had connected */
    #failed(fault, carried) {
        clearTimeout(this.#timer);
        if (codeOf(fault) === 'EAGAIN' && this.#crowded < MOST_CROWDED && !this.#abandoned) {
            this.#crowded++;
            this.#timer = setTimeout(() => this.#again(), 1 + Math.random() * CROWDED_MS);
            return;
        }
        if (fault === undefined)
            this.#events.failed(undefined);
        else if (carried && this.#transport.ready !== 'connect')
            this.#events.failed(handshakeFailure(fault, this.#address));
        else
            this.#events.failed(dialFailure(fault, this.#address));
    }
    #again() {
        if (this.#abandoned)
            this.#events.failed(undefined);
        else
            this.#begin();
    }
    #limitHandshake(socket) {
        const timeout = this.#config.handshakeTimeout;
        if (timeout === 0)
            return;
        const late = new Error(`it took more than ${timeout} ms (config.handshakeTimeout)`);
        this.#timer = setTimeout(() => socket.destroy(late), timeout);
    }
}
//# sourceMappingURL=dial.js.map