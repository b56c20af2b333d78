import { isControl } from '../../entities/packet.js';
import { Server } from '../../lib/server.js';
/** The engine's server with the manners of a drop-in: it hears every packet that is a user's itself. */
export class FaceServer extends Server {
    #face;
    #peers = new Map();
    constructor(face, config, path, port, dialect) {
        super(config, () => { }, path, port, dialect);
        this.#face = face;
    }
    /** Sends a packet to every client. */
    sayAll(packet) {
        this.sendAll(packet, this.#peers.keys());
    }
    nameOf(hello, connection) {
        return this.#face.name?.(hello, connection) ?? super.nameOf(hello, connection);
    }
    began(connection) {
        this.#peers.set(connection, this.#face.enter(connection));
    }
    take(packet, connection) {
        const peer = this.#peers.get(connection);
        if (isControl(packet.type) && !connection.dialect.plain)
            super.take(packet, connection);
        else if (peer !== undefined)
            this.#face.hear(packet, peer);
    }
    ended(connection) {
        super.ended(connection);
        const peer = this.#peers.get(connection);
        if (peer === undefined)
            return;
        this.#peers.delete(connection);
        this.#face.leave(peer);
    }
    report(error, socket) {
        super.report(error, socket);
        const connection = socket && this.connections.get(socket);
        this.#face.failed(error, connection && this.#peers.get(connection), socket);
    }
}
//# sourceMappingURL=server.js.map