import { lostError } from '../../entities/errors.js';
import { quiet } from '../../lib/promises.js';
const DONE = Promise.resolve();
/** How long a broadcast waits for a client that reads slowly, in milliseconds. */
const PATIENCE = 100;
/** A place in what is written, and those who wait until it is reached. */
class Mark {
    reached;
    settle;
    constructor() {
        this.reached = quiet(new Promise((resolve, reject) => {
            this.settle = (lost) => (lost ? reject(lostError('the other side')) : resolve());
        }));
    }
}
/** When what a connection was given is written: how its senders know that they may go on. */
export class Drain {
    #connection;
    /** The one being waited for, and the one for what was sent after it. */
    #mark;
    #next;
    #moment;
    constructor(connection) {
        this.#connection = connection;
    }
    /** Resolves at once while little waits to be written, else when all of it is; rejects where the connection is lost first. */
    wait() {
        if (this.#mark !== undefined) {
            this.#next ??= new Mark();
            return this.#next.reached;
        }
        const { outbox, socket, open } = this.#connection;
        if (outbox.pending < socket.writableHighWaterMark || !open)
            return DONE;
        const mark = new Mark();
        this.#write(mark);
        return mark.reached;
    }
    /** As {@link wait}, but only for a moment: one that does not read must not keep the others waiting. */
    waitAMoment() {
        const done = this.wait();
        if (done === DONE)
            return DONE;
        this.#moment ??= moment(done);
        return this.#moment;
    }
    /** Writes nothing, after all that there is to write: when that is done, so is the rest. */
    #write(mark) {
        const { outbox, socket } = this.#connection;
        if (!socket.writable) {
            // Ended after all of it was written, or lost.
            mark.settle(socket.destroyed || Boolean(socket.errored));
            return;
        }
        this.#mark = mark;
        outbox.flush(true);
        socket.write('', (error) => {
            const next = this.#next;
            this.#mark = undefined;
            this.#next = undefined;
            mark.settle(Boolean(error));
            if (next !== undefined)
                this.#write(next);
            else
                this.#moment = undefined;
        });
    }
}
function moment(done) {
    return new Promise((resolve) => {
        const timer = setTimeout(resolve, PATIENCE);
        const end = () => {
            clearTimeout(timer);
            resolve();
        };
        done.then(end, end);
    });
}
//# sourceMappingURL=drain.js.map