import { IPCError } from '../../entities/errors.js';
import { eventName, MESSAGE, toPacketError, } from '../../entities/packet.js';
import { parseJSON } from '../../lib/codecs/json.js';
import { Handlers } from '../../lib/conversations/handlers.js';
import { Requests } from '../../lib/conversations/requests.js';
import { callTopic, checkTopic, patternsOf, Topics, } from '../../lib/conversations/topics.js';
import { Emitter } from '../../lib/emitter.js';
import { quiet } from '../../lib/promises.js';
import { channelClosed, messageName, } from './events.js';
import { settings } from './options.js';
import { Peer } from './peer.js';
import { Receiver } from './receiver.js';
export { IPCError } from '../../entities/errors.js';
const CLOSE_TIMEOUT = 5000;
/**
 * Processes that find each other without a server of their own, each a peer with a number from 1. The channel opens when it
 * is first used, and from then on keeps the process running until it is closed.
 *
 * ```js
 * const channel = new Channel({ name: 'shop' });
 * channel.on('order', (sender, order) => channel.to(sender).emit('receipt', order.id));
 * channel.to('all').emit('order', { id: 7 });
 * ```
 */
export class Channel {
    #settings;
    #peer;
    #emitter = new Emitter();
    #handlers = new Handlers();
    #topics = new Topics();
    #requests;
    /** The peers at work on open requests, by the ids of their runs. */
    #asked = new Map();
    #closing;
    /** @throws IPCError ERR_IPC_CONFIG */
    constructor(options = {}) {
        this.#settings = settings(options);
        this.#requests = new Requests('client', () => false);
        this.#peer = new Peer(this.#settings, {
            opened: () => this.#emitter.trigger('connect'),
            hub: (number) => this.#emitter.trigger('hub', number),
            joined: ({ number, name }) => this.#emitter.trigger('join', number, name),
            left: (member) => this.#left(member),
            packet: (packet, letter) => this.#receive(packet, letter),
            handed: (request, { id }) => this.#handed(request, id),
            undelivered: (parcel, error) => this.#undelivered(parcel, error),
            failed: (error) => this.#report(error),
        });
    }
    /** Whether there is a hub just now. Messages sent meanwhile are held. */
    get connected() {
        return this.#peer.hub !== undefined;
    }
    /** This peer's number, from 1; undefined before `connect`, and after `disconnect`. */
    get pid() {
        return this.#peer.number;
    }
    /** The number of the peer that is the hub; undefined while there is none. */
    get hub() {
        return this.#peer.hub;
    }
    /** The numbers of all peers on the channel, this one's included, in ascending order. */
    get peers() {
        return this.#peer.roster.members.map(({ number }) => number);
    }
    /**
     * Resolves when the channel is open; messages come only after what awaits this has run.
     * @throws IPCError (rejects) ERR_IPC_ADDRESS where the directory is not safe, ERR_IPC_IN_USE where another peer has the
     * name, ERR_IPC_CLOSED
     */
    ready() {
        return quiet(this.#peer.ready().then(() => this));
    }
    /**
     * Calls `handler` for each event: a lifecycle event with its own arguments, what peers send with the sender's number and
     * the data. `'*'` hears everything, with the event's name first.
     */
    on(type, handler) {
        this.#emitter.on(type, handler);
        this.#peer.open();
        return this;
    }
    /** As {@link on}, for one event only. */
    once(type, handler) {
        this.#emitter.once(type, handler);
        this.#peer.open();
        return this;
    }
    /** Removes a handler; where none is named, all handlers of the event. */
    off(type, handler) {
        this.#emitter.off(type, (handler ?? '*'));
        return this;
    }
    /**
     * Who a message is for: a peer's number or name, or all that are on the channel when it is sent, this one included. What
     * is for a peer that is away waits for it.
     * @throws IPCError ERR_IPC_ARGUMENT
     */
    to(receiver) {
        const audience = this.#audience(receiver);
        this.#peer.open();
        return new Receiver({
            send: (event, data) => this.#post(audience, { type: messageName(event), data }),
            deliver: (event, data) => this.#deliver(audience, event, data),
            request: (event, data, options) => this.#ask(audience, event, data, options),
        });
    }
    handle(type, ...rest) {
        this.#handlers.add(type, rest);
        this.#peer.open();
        return this;
    }
    /**
     * Calls `handler` with what peers publish under topics: names with dots between the words, `*` for any one word, `>` at
     * the end for all the rest. Resolves when all peers know.
     */
    subscribe(topics, handler) {
        for (const pattern of patternsOf(topics))
            this.#topics.add(pattern, handler);
        return this.#peer.listen(this.#topics.patterns);
    }
    /** Ends a handler's subscription, or all of them where none is named. Resolves when all peers know. */
    unsubscribe(topics, handler) {
        for (const pattern of patternsOf(topics))
            this.#topics.remove(pattern, handler);
        return this.#peer.listen(this.#topics.patterns);
    }
    /**
     * Sends a message to every peer that subscribes to its topic, this one included, and to nobody where there is none.
     * @returns as {@link Receiver.send}
     */
    publish(topic, data) {
        const { roster } = this.#peer;
        checkTopic(topic);
        this.#peer.open();
        return this.#post(() => roster.listeners(topic), { type: MESSAGE, data: { topic, data } });
    }
    /**
     * Delivers what was sent to peers that are there, then leaves the channel for good. Until it has left it goes on receiving.
     * Open requests are rejected.
     */
    disconnect() {
        this.#requests.end(channelClosed());
        void this.close();
    }
    /**
     * As {@link disconnect}, but waits for the answers to open requests.
     * @param options `timeout`: milliseconds until it leaves whatever is left. Default: 5000.
     * @returns when it has left
     */
    close({ timeout = CLOSE_TIMEOUT } = {}) {
        this.#closing ??= this.#close(timeout);
        return this.#closing;
    }
    async [Symbol.asyncDispose]() {
        await this.close();
    }
    async #close(timeout) {
        const idle = new Promise((resolve) => {
            this.#requests.onIdle = resolve;
            if (this.#requests.size === 0)
                resolve();
        });
        await this.#peer.close(timeout, idle);
        this.#requests.end(channelClosed());
        this.#emitter.trigger('disconnect');
    }
    #audience(receiver) {
        if (receiver === 'all')
            return () => this.#peer.roster.members;
        if (typeof receiver === 'string' && receiver !== '')
            return receiver;
        if (Number.isSafeInteger(receiver) && receiver > 0)
            return receiver;
        const message = `to(${JSON.stringify(receiver)}) names no peer; give its number, from 1, its name, or 'all'.`;
        throw new IPCError('ERR_IPC_ARGUMENT', message);
    }
    /** Hands a message to the mail; false, and an error, where it cannot take it. */
    #post(audience, packet) {
        const { over } = this.#peer;
        if (over !== undefined) {
            this.#report(over);
            return false;
        }
        try {
            this.#peer.mail.post(audience, packet);
            return true;
        }
        catch (error) {
            if (error.code !== 'ERR_IPC_BACKPRESSURE')
                throw error;
            this.#report(error);
            return false;
        }
    }
    #deliver(audience, event, data) {
        return quiet(new Promise((resolve, reject) => {
            const packet = { type: messageName(event), data };
            const { over } = this.#peer;
            if (over !== undefined)
                throw over;
            this.#peer.mail.post(audience, packet, { left: 1, resolve, reject });
        }));
    }
    #ask(audience, event, data, { timeout, signal }) {
        const limit = timeout ?? this.#settings.requestTimeout;
        const send = (packet) => {
            if (typeof audience === 'function') {
                throw new IPCError('ERR_IPC_ARGUMENT', "A request is for one peer; to('all') cannot be asked.");
            }
            const { over } = this.#peer;
            if (over !== undefined)
                throw over;
            this.#peer.mail.post(audience, packet);
            return true;
        };
        return quiet(this.#requests.ask(eventName(event), data, limit, { signal }, send));
    }
    #receive(packet, { from, number }) {
        const { type, data, id, re } = packet;
        if (re !== undefined) {
            this.#asked.delete(re);
            this.#requests.settle(packet);
        }
        else if (id !== undefined) {
            this.#handlers.run(packet, number, (answer, error) => this.#answer(from, type, id, answer, error));
        }
        else if (type === MESSAGE) {
            const { topic, data: published } = data;
            this.#topics.match(topic, (handler) => callTopic(handler, published, topic));
        }
        else if (Array.isArray(data))
            this.#emitter.trigger(type, number, ...data);
    }
    #answer(to, type, re, data, error) {
        const refusal = (why) => ({ type, data: undefined, re, error: toPacketError(why) });
        try {
            this.#peer.mail.answer(to, error === undefined ? { type, data, re } : refusal(error));
        }
        catch (fault) {
            this.#peer.mail.answer(to, refusal(fault));
        }
    }
    #handed(request, by) {
        if (this.#requests.has(request))
            this.#asked.set(request, by);
        if (this.#asked.size <= 2 * this.#requests.size + 100)
            return;
        // Those that timed out or were aborted.
        for (const id of this.#asked.keys())
            if (!this.#requests.has(id))
                this.#asked.delete(id);
    }
    #left({ id, number, name }) {
        const gone = new IPCError('ERR_IPC_DISCONNECTED', `Peer ${number} left before it answered; ask again.`);
        this.#requests.lost(gone, (request) => this.#asked.get(request) === id);
        this.#emitter.trigger('leave', number, name);
    }
    #undelivered({ to, body, request, delivery }, error) {
        const { type, data } = parseJSON(body);
        if (request !== undefined) {
            this.#requests.settle({ type, data, re: request, error: toPacketError(error) });
            return;
        }
        const { topic, data: published } = data;
        const message = type === MESSAGE
            ? { to, event: topic, data: [published], error }
            : { to, event: type, data: data, error };
        const heard = this.#emitter.listenerCount('undelivered') > 0;
        this.#emitter.trigger('undelivered', message);
        if (!heard && delivery === undefined)
            this.#report(error);
    }
    /** An error that nobody listens to is shown as a warning. */
    #report(error) {
        if (this.#emitter.listenerCount('error') === 0)
            process.emitWarning(error);
        this.#emitter.trigger('error', error);
    }
}
/** The default channel: of all processes of this user with the same entry file. */
const channel = new Channel();
export default channel;
//# sourceMappingURL=index.js.map