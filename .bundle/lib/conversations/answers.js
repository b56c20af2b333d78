import { IPCError } from '../../entities/errors.js';
import { toPacketError } from '../../entities/packet.js';
import { Snapshot } from '../snapshot.js';
import { Handlers } from './handlers.js';
import { Sessions } from './sessions.js';
/** A session's name is kept; ours have 36 characters, and a longer one than this is none. */
const LONGEST_NAME = 256;
/** A server's side of requests: runs each handler once, also for a request that is sent again. */
export class Answers {
    handlers = new Handlers();
    #sessions = new Sessions();
    /** A client that sends requests again after a lost connection has said who it is. */
    enter(id, connection) {
        if (connection.session?.id === id || id.length > LONGEST_NAME)
            return;
        this.leave(connection);
        connection.session = this.#sessions.enter(id, connection);
    }
    /** Its connection is gone. */
    leave(connection) {
        if (connection.session !== undefined)
            this.#sessions.leave(connection.session, connection);
    }
    /** Answers a request, now or when its handler is done. */
    take(packet, id, connection) {
        const { session } = connection;
        if (session === undefined)
            this.#run(packet, id, connection);
        else
            this.#runOnce(packet, id, connection, session);
    }
    #run(packet, id, connection) {
        connection.begin();
        this.handlers.run(packet, connection.socket, (data, error) => {
            connection.answer(packet.type, id, data, error);
            connection.done();
        });
    }
    #runOnce(packet, id, connection, session) {
        const known = session.meet(id);
        if (known === 'running')
            return;
        if (known === 'forgotten') {
            const message = `The request ${packet.type} was answered before, but its answer is no longer known.`;
            connection.answer(packet.type, id, undefined, new IPCError('ERR_IPC_FORGOTTEN', message));
            return;
        }
        if (known !== 'new') {
            const { data, error } = known.value;
            connection.answer(packet.type, id, data, error);
            return;
        }
        connection.begin();
        this.handlers.run(packet, connection.socket, (data, error) => {
            session.remember(id, snapshot({ data, error: error === undefined ? undefined : toPacketError(error) }));
            session.connection?.answer(packet.type, id, data, error);
            connection.done();
        });
    }
}
/** An answer as it is kept; one that can be none is answered with the reason. */
function snapshot(answer) {
    try {
        return new Snapshot(answer);
    }
    catch (fault) {
        return new Snapshot({ data: undefined, error: toPacketError(fault) });
    }
}
//# sourceMappingURL=answers.js.map