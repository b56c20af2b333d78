import { PUBLISH } from '../../entities/packet.js';
import { checkTopic } from '../../lib/conversations/topics.js';
import { tell } from '../face/tell.js';
import { Client, Server } from '../net-ipc/index.js';
import { DEFAULT_TIMEOUT } from '../net-ipc/timeout.js';
import { dispatch } from './event.js';
export { ClientStatus as IPCClientStatus } from '../../entities/events.js';
export { Connection as IPCConnection } from '../net-ipc/index.js';
/** What a frame is, on the wire. */
export const IPCMessageType = {
    CONNECTION: 0,
    MESSAGE: 1,
    REQUEST: 2,
    RESPONSE: 3,
    PING: 4,
    PONG: 5,
    END: 6,
};
/** The events of clients and servers. */
export const IPCEvents = {
    READY: 'ready',
    ERROR: 'error',
    STATUS: 'status',
    CONNECT: 'connect',
    DISCONNECT: 'disconnect',
    MESSAGE: 'message',
    REQUEST: 'request',
    CLOSE: 'close',
};
/**
 * A client by the API and on the wire of `@isdk/ipc-server`: net-ipc's, and events that clients publish and subscribe to.
 * Listeners are called with an {@link Event} as `this`; setting its `stopped` keeps those after them from hearing it.
 */
export class IPCClient extends Client {
    protocol = 'isdk-ipc';
    /** Has what is published as `event` emitted here under that name, over reconnects too. Resolves when the server knows. */
    async subscribe(event) {
        await this.engine.subscribe(event, this.#publish);
    }
    /** Resolves when the server knows. */
    async unsubscribe(event) {
        await this.engine.unsubscribe(event);
    }
    /** Sends a message to all who have subscribed to an event, this client included. Resolves when the server has it. */
    async publish(event, message) {
        await this.engine.ask(PUBLISH, { topic: checkTopic(event), data: message }, DEFAULT_TIMEOUT);
    }
    emit(type, ...args) {
        return dispatch(this, type, args);
    }
    #publish = (message, event) => tell(this, event, message);
}
/**
 * A server by the API and on the wire of `@isdk/ipc-server`: net-ipc's, and it passes on what clients publish to those who
 * have subscribed. Listeners are called with an {@link Event} as `this`, as {@link IPCClient}'s.
 */
export class IPCServer extends Server {
    protocol = 'isdk-ipc';
    /** Sends a message to all who have subscribed to an event. */
    async publish({ pub, message }) {
        this.engine?.publish(checkTopic(pub), message);
    }
    emit(type, ...args) {
        return dispatch(this, type, args);
    }
}
//# sourceMappingURL=index.js.map