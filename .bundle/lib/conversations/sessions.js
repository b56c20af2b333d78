const MOST_ANSWERS = 65_536;
const MOST_BYTES = 16 * 1024 * 1024;
/** Sessions of clients that are away, and bytes that these hold together. */
const MOST_AWAY = 1024;
const MOST_AWAY_BYTES = 32 * 1024 * 1024;
const LONGEST_AWAY_MS = 5 * 60_000;
/**
 * A client as it comes and goes: what it asked and what it was answered, so that a request sent again after a lost
 * connection is answered again and not run again. The memory is bounded; of what fell out of it, it is still known that
 * it was there.
 */
export class Session {
    id;
    /** Where answers go just now. */
    connection;
    /** When its connection was lost (performance.now()). */
    awaySince = 0;
    /** What its answers take. */
    bytes = 0;
    #running = new Set();
    /** The oldest first. */
    #answers = new Map();
    #forgotten = 0;
    constructor(id) {
        this.id = id;
    }
    /** What became of a request; a new one is noted as running. */
    meet(id) {
        if (this.#running.has(id))
            return 'running';
        const answer = this.#answers.get(id);
        if (answer !== undefined)
            return answer;
        if (typeof id === 'number' && id <= this.#forgotten)
            return 'forgotten';
        this.#running.add(id);
        return 'new';
    }
    /** Keeps the answer of a request that was running. */
    remember(id, answer) {
        if (!this.#running.delete(id))
            return;
        this.#answers.set(id, answer);
        this.bytes += answer.bytes.length;
        for (const [oldest, { bytes }] of this.#answers) {
            if (this.#answers.size <= MOST_ANSWERS && this.bytes <= MOST_BYTES)
                return;
            this.#answers.delete(oldest);
            this.bytes -= bytes.length;
            if (typeof oldest === 'number')
                this.#forgotten = Math.max(this.#forgotten, oldest);
        }
    }
}
/** A server's sessions: those of connected clients, and for a while those of clients that are away. */
export class Sessions {
    #sessions = new Map();
    /** The one longest away first. */
    #away = new Map();
    /** The session a client names, from now on on this connection. */
    enter(id, connection) {
        this.#sweep();
        const session = this.#sessions.get(id) ?? new Session(id);
        this.#sessions.set(id, session);
        this.#away.delete(id);
        session.connection = connection;
        return session;
    }
    /** Its connection is gone. */
    leave(session, connection) {
        if (session.connection !== connection)
            return;
        session.connection = undefined;
        session.awaySince = performance.now();
        this.#away.set(session.id, session);
        this.#sweep();
    }
    get size() {
        return this.#sessions.size;
    }
    #sweep() {
        const oldest = performance.now() - LONGEST_AWAY_MS;
        let bytes = 0;
        for (const session of this.#away.values())
            bytes += session.bytes;
        for (const [id, session] of this.#away) {
            const few = this.#away.size <= MOST_AWAY && bytes <= MOST_AWAY_BYTES;
            if (few && session.awaySince >= oldest)
                return;
            bytes -= session.bytes;
            this.#away.delete(id);
            this.#sessions.delete(id);
        }
    }
}
//# sourceMappingURL=sessions.js.map