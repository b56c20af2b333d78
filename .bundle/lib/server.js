import { closedError, IPCError, messageOf, reservedError } from '../entities/errors.js';
import { SERVER_RESERVED, } from '../entities/events.js';
import { BYE, eventName, HELLO, isControl, MESSAGE, PING, PUBLISH, SUBSCRIBE, UNSUBSCRIBE, WELCOME, } from '../entities/packet.js';
import { nodeCrypto } from './builtin.js';
import { Answers } from './conversations/answers.js';
import { Subscribers } from './conversations/subscribers.js';
import { survey, surveyTimes } from './conversations/surveys.js';
import { agreed } from './dialects/negotiation.js';
import { Gate } from './gate.js';
import { identify } from './identify.js';
import { observed } from './observe.js';
import { promised, quiet } from './promises.js';
import { addTraffic, noStats } from './stats.js';
const RESERVED = new Set(SERVER_RESERVED);
/** What `ipc.server` holds: it listens, and owns its connections. */
export class Server extends Gate {
    #answers = new Answers();
    #subscribers = new Subscribers();
    #past = noStats(Date.now());
    /** Figures of all its connections together. */
    stats() {
        const sum = { ...this.#past, connections: this.connections.size };
        for (const connection of this.connections.values()) {
            const { stats } = connection;
            addTraffic(sum, stats);
            sum.openRequests += stats.openRequests;
            sum.pendingBytes += stats.pendingBytes;
        }
        return sum;
    }
    emit(socket, type, data) {
        const connection = this.connections.get(socket);
        const packet = this.#packet(type, data);
        if (this.config.logPayloads)
            this.log('sending', packet.type, packet.data);
        if (connection?.admitted && connection.open)
            return connection.send(packet);
        const message = `${packet.type} was not sent to a client that is gone; emit to the sockets that 'connect' gave.`;
        this.report(new IPCError('ERR_IPC_DISCONNECTED', message), socket);
        return false;
    }
    broadcast(type, data) {
        this.sendAll(this.#packet(type, data), this.connections.values());
        return this;
    }
    /**
     * Asks one client; resolves with what its handler answers.
     * @param options `timeout` in milliseconds (default `config.requestTimeout`, 0 waits forever), `signal`
     * @throws IPCError (rejects) ERR_IPC_TIMEOUT, ERR_IPC_ABORTED, ERR_IPC_DISCONNECTED, ERR_IPC_NO_HANDLER, or the
     * handler's own error
     */
    request(socket, type, ...[data, options = {}]) {
        return this.#ask(socket, eventName(type), data, options);
    }
    /** Asks every client and waits for all of them. */
    survey(type, ...[data, options = {}]) {
        const name = eventName(type);
        return survey(this.sockets, (socket) => this.#ask(socket, name, data, options));
    }
    /** Milliseconds to every client and back. */
    ping(options = {}) {
        return surveyTimes(this.sockets, (socket) => this.#ask(socket, PING, undefined, options));
    }
    handle(type, ...rest) {
        this.#answers.handlers.add(type, rest);
        return this;
    }
    /** Calls `handler` with what clients, or this server, publish under topics or patterns (see `Client.subscribe`). */
    subscribe(topics, handler) {
        return promised(() => this.#subscribers.addHandler(topics, handler));
    }
    /** Ends a handler's subscription, or all of them where none is named. */
    unsubscribe(topics, handler) {
        return promised(() => this.#subscribers.removeHandler(topics, handler));
    }
    /** Sends a message to the subscribers of a topic, and to nobody where there are none. */
    publish(topic, data) {
        const connections = this.#subscribers.publish(topic, data);
        if (connections.length > 0)
            this.sendAll({ type: MESSAGE, data: { topic, data } }, connections);
        return this;
    }
    /** Ends one client's connection: open requests and what is left first, then, with a reason, the bye. */
    close(socket, reason, reconnect = false) {
        const connection = this.connections.get(socket);
        connection?.whenIdle(() => connection.end(reason === undefined ? undefined : { reason, reconnect }));
    }
    take(packet, connection) {
        const { type, data, id } = packet;
        const socket = connection.socket;
        if (isControl(type) && !connection.dialect.plain)
            this.#control(packet, connection);
        else if (id !== undefined) {
            if (connection.leaving)
                connection.answer(type, id, undefined, closedError('the server'));
            else
                this.#answers.take(packet, id, connection);
        }
        else if (RESERVED.has(type) && !this.config.allowReservedEvents)
            this.report(reservedError(type), socket);
        else {
            if (this.config.identifyPeer)
                identify(socket, data);
            if (this.config.logPayloads)
                this.log('received', type, data);
            this.dispatch(type, data, socket);
        }
    }
    greet(hello, connection) {
        const { session, retries } = hello;
        if (retries === true && typeof session === 'string')
            this.#answers.enter(session, connection);
        if (connection.greeted)
            return;
        connection.greeted = true;
        const agreement = agreed(hello);
        const welcome = { id: this.nameOf(hello, connection) };
        if (agreement.codec !== 'json')
            welcome.codec = agreement.codec;
        if (agreement.compress)
            welcome.compress = true;
        connection.send({ type: WELCOME, data: welcome });
        connection.become(connection.dialect.agree(agreement, this.config));
    }
    /** The id that a client is told: the one it had before, where it says so. */
    nameOf({ session }, _connection) {
        return typeof session === 'string' ? session : nodeCrypto().randomUUID();
    }
    began(connection) {
        if (connection.dialect.hearsAll)
            this.#subscribers.add('>', connection);
    }
    ended(connection) {
        this.#answers.leave(connection);
        this.#subscribers.leave(connection);
        addTraffic(this.#past, connection.stats);
    }
    /** Sends a packet to many, encoded once for each dialect whose bytes are the same for all. */
    sendAll(packet, connections) {
        if (this.config.logPayloads)
            this.log('broadcasting', packet.type, packet.data);
        let dialect;
        let encoded = '';
        for (const connection of connections) {
            if (!connection.admitted || !connection.open)
                continue;
            if (!connection.dialect.shared || observed.packetOut.hasSubscribers) {
                connection.send(packet);
                continue;
            }
            if (connection.dialect !== dialect) {
                dialect = connection.dialect;
                encoded = dialect.encode(packet);
            }
            connection.write(encoded);
        }
    }
    #packet(type, data) {
        if (this.config.rawBuffer)
            return { type: 'data', data: type };
        return { type: eventName(type), data };
    }
    #ask(socket, type, data, options) {
        const connection = this.connections.get(socket);
        if (!connection?.admitted || !connection.open) {
            const message = `The request ${type} was not sent: the client is gone; ask the sockets that 'connect' gave.`;
            return quiet(Promise.reject(new IPCError('ERR_IPC_DISCONNECTED', message)));
        }
        return quiet(connection.requests.ask(type, data, options.timeout ?? this.config.requestTimeout, options));
    }
    #control(packet, connection) {
        const { type, data, id } = packet;
        if (type === PUBLISH)
            this.#publish(packet, connection);
        else if (type === HELLO)
            this.greet((data ?? {}), connection);
        else if (type === SUBSCRIBE || type === UNSUBSCRIBE)
            this.#listen(packet, connection);
        else if (type !== BYE) {
            const error = new IPCError('ERR_IPC_PROTOCOL', `A client sent ${type}, which is not for servers; it is ignored.`);
            if (id === undefined)
                this.report(error, connection.socket);
            else
                connection.answer(type, id, undefined, error);
        }
    }
    #listen({ type, data, id }, connection) {
        let fault;
        try {
            if (type === SUBSCRIBE)
                this.#subscribers.add(data, connection);
            else
                this.#subscribers.remove(data, connection);
        }
        catch (error) {
            fault = error;
        }
        if (id !== undefined)
            connection.answer(type, id, undefined, fault);
        else if (fault !== undefined)
            this.report(fault, connection.socket);
    }
    #publish({ type, data, id }, connection) {
        const message = data;
        let fault;
        try {
            this.publish(message?.topic, message?.data);
        }
        catch (error) {
            const what = `A client's publish was ignored: ${messageOf(error)}`;
            fault = new IPCError('ERR_IPC_PROTOCOL', what, { cause: error });
        }
        if (id !== undefined)
            connection.answer(type, id, undefined, fault);
        else if (fault !== undefined)
            this.report(fault, connection.socket);
    }
}
//# sourceMappingURL=server.js.map