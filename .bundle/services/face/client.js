import { isControl } from '../../entities/packet.js';
import { Client } from '../../lib/client.js';
import { quiet } from '../../lib/promises.js';
/** The engine's client with the manners of a drop-in: it hears every packet that is a user's itself, and sets its own pace. */
export class FaceClient extends Client {
    #face;
    constructor(face, config, path, port, dialect) {
        super(config, () => { }, path, path, port, dialect);
        this.#face = face;
    }
    /** Whether packets can be sent: there is a connection, and neither side has begun to end it. */
    get open() {
        return this.connected && this.connection?.open === true;
    }
    /** Sends a packet, or holds it until there is a connection; false where it is not taken. */
    post(packet) {
        return this.send(packet);
    }
    /** Asks the server, now or when there is a connection. */
    ask(type, data, timeout) {
        return quiet(this.requests.ask(type, data, timeout, {}));
    }
    /** Sends a packet over the connection of the moment; false where there is none, or it takes no more. */
    say(packet) {
        return this.open && this.connection?.send(packet) === true;
    }
    failed(error, connection) {
        super.failed(error, connection);
        this.#face.failed(error, connection);
    }
    take(packet, connection) {
        if (isControl(packet.type) && !connection.dialect.plain)
            super.take(packet, connection);
        else
            this.#face.hear(packet, connection);
    }
    hello() {
        const hello = super.hello();
        if (hello !== undefined)
            Object.assign(hello.data, { session: this.#face.formerId?.() });
        return hello;
    }
    welcomed(connection, welcome) {
        if (!connection.admitted)
            this.#face.welcome?.(welcome, connection);
        super.welcomed(connection, welcome);
    }
    /** The answers may come over the next connection, as long as the requests wait. */
    abandonRequests() { }
    retryDelay(attempt) {
        return this.#face.delay(attempt, this.connections > 0);
    }
}
//# sourceMappingURL=client.js.map