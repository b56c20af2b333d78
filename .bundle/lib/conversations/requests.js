import { IPCError } from '../../entities/errors.js';
import { fromPacketError } from '../../entities/packet.js';
import { observed } from '../observe.js';
import { offAbort, onAbort } from './aborts.js';
/** A longer timeout than any timer can wait, as Infinity, is none. */
const LONGEST_TIMER = 2 ** 31 - 1;
/**
 * What has been asked and not been answered yet. Each request ends exactly once: answered, refused, timed out, aborted, or
 * rejected because its connection is gone; nothing of it stays behind.
 */
export class Requests {
    /** Called when the last open request has been settled. */
    onIdle;
    #side;
    #send;
    #open = new Map();
    #last = 0;
    /** `send` returns whether the packet was taken. */
    constructor(side, send) {
        this.#side = side;
        this.#send = send;
    }
    get size() {
        return this.#open.size;
    }
    has(id) {
        return this.#open.has(id);
    }
    /** Asks; resolves with the answer's data, rejects with an IPCError. */
    ask(type, data, timeout, { signal, retries = 0 }, send = this.#send, to) {
        return new Promise((resolve, reject) => {
            if (signal?.aborted) {
                reject(aborted(type, signal));
                return;
            }
            const id = ++this.#last;
            const packet = { type, data, id };
            const abort = signal && (() => this.#fail(id, aborted(type, signal)));
            if (abort !== undefined)
                onAbort(signal, abort);
            const late = () => this.#fail(id, timedOut(type, timeout));
            const timer = timeout > 0 && timeout <= LONGEST_TIMER ? setTimeout(late, timeout) : undefined;
            const since = performance.now();
            this.#open.set(id, { packet, resolve, reject, signal, abort, timer, since, to, retries, lost: false });
            if (observed.request.hasSubscribers)
                this.#tell(packet, 'open', since);
            try {
                if (!send(packet))
                    this.#fail(id, notSent(type));
            }
            catch (error) {
                this.#fail(id, error);
            }
        });
    }
    /** Takes an answer; one to nothing that is open, or from somebody else than was asked, is ignored. */
    settle({ re, data, error }, from) {
        if (from !== undefined && !this.#mayAnswer(re, from))
            return;
        if (error !== undefined && error !== null) {
            this.#fail(re, fromPacketError(error));
            return;
        }
        const open = this.#take(re);
        if (open === undefined)
            return;
        if (observed.request.hasSubscribers)
            this.#tell(open.packet, 'done', open.since);
        open.resolve(data);
    }
    /** The connection is gone: rejects what `sent` says went out with it, unless it may be sent again. */
    lost(error, sent = () => true) {
        for (const [id, open] of this.#open) {
            if (!sent(id))
                continue;
            if (open.retries > 0) {
                open.retries--;
                open.lost = true;
            }
            else
                this.#fail(id, error);
        }
    }
    /** The packets of the requests that were lost and are to be sent again, the oldest first. */
    takeLost() {
        const packets = [];
        for (const open of this.#open.values()) {
            if (open.lost)
                packets.push(open.packet);
            open.lost = false;
        }
        return packets;
    }
    /** Rejects everything. */
    end(error) {
        for (const id of this.#open.keys())
            this.#fail(id, error);
    }
    #mayAnswer(id, from) {
        const to = this.#open.get(id)?.to;
        return to === undefined || to === from;
    }
    #fail(id, error) {
        const open = this.#take(id);
        if (open === undefined)
            return;
        if (observed.request.hasSubscribers)
            this.#tell(open.packet, 'failed', open.since, error);
        open.reject(error);
    }
    #take(id) {
        const open = this.#open.get(id);
        if (open === undefined)
            return undefined;
        this.#open.delete(id);
        clearTimeout(open.timer);
        if (open.abort !== undefined)
            offAbort(open.signal, open.abort);
        if (this.#open.size === 0)
            this.onIdle?.();
        return open;
    }
    #tell({ type, id }, state, since, error) {
        const milliseconds = performance.now() - since;
        observed.request.publish({ side: this.#side, type, id, state, milliseconds, error });
    }
}
function aborted(type, signal) {
    return new IPCError('ERR_IPC_ABORTED', `The request ${type} was aborted.`, { cause: signal.reason });
}
function timedOut(type, timeout) {
    const message = `No answer to the request ${type} came within ${timeout} ms; is there a handler, and is it fast enough?`;
    return new IPCError('ERR_IPC_TIMEOUT', message);
}
function notSent(type) {
    return new IPCError('ERR_IPC_UNSENT', `The request ${type} was not taken; the event 'error' says why.`);
}
//# sourceMappingURL=requests.js.map