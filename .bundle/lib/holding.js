import { Snapshot } from './snapshot.js';
/** So many packets sent are dropped at once. */
const COMPACT = 16_384;
function sizeOf(content) {
    if (content instanceof Snapshot)
        return content.bytes.length;
    if (Buffer.isBuffer(content))
        return content.length;
    const parts = typeof content === 'string' ? [content] : content;
    return parts.reduce((size, part) => size + Buffer.byteLength(typeof part === 'string' ? part : part.text), 0);
}
/**
 * Packets that wait for a connection, each as it was when it was emitted. Where the dialect is settled beforehand they are
 * held as the bytes to send; where a hello will decide it, as a copy of the packet.
 */
export class Holding {
    /** Bytes held. */
    size = 0;
    #dialect;
    #failed;
    #packets = [];
    /** Where in `#packets` the oldest is: removing each would move all the others. */
    #first = 0;
    /** `dialect`: what the packets will be sent in, if that is known. */
    constructor(dialect, failed) {
        this.#dialect = dialect;
        this.#failed = failed;
    }
    get length() {
        return this.#packets.length - this.#first;
    }
    /**
     * Takes a packet, unless it would make more than `limit` bytes.
     * @throws IPCError ERR_IPC_ENCODE
     */
    push(packet, limit) {
        const content = this.#dialect === undefined ? new Snapshot(packet) : this.#dialect.encode(packet);
        const size = sizeOf(content);
        if (this.size + size > limit)
            return false;
        this.#keep({ content, size, id: packet.id });
        return true;
    }
    /**
     * Sends up to `most` packets, the oldest first; requests for which `wanted` says no are passed over.
     * @returns how many were sent
     */
    release(connection, wanted, most = Number.POSITIVE_INFINITY) {
        let sent = 0;
        while (sent < most && this.length > 0) {
            const held = this.#take();
            if (held.id !== undefined && !wanted(held.id))
                continue;
            if (this.#send(held, connection))
                sent++;
        }
        return sent;
    }
    /** The ids of the requests held. */
    ids() {
        return new Set(this.#held().flatMap(({ id }) => (id === undefined ? [] : [id])));
    }
    /** Takes over the events that another has held; its requests have promises of their own. */
    adopt(other) {
        if ((this.#dialect === undefined) !== (other.#dialect === undefined))
            return;
        for (const held of other.#held())
            if (held.id === undefined)
                this.#keep(held);
        other.clear();
    }
    /** Forgets everything, and says how many packets that was. */
    clear() {
        const count = this.length;
        this.#packets = [];
        this.#first = 0;
        this.size = 0;
        return count;
    }
    #held() {
        return this.#packets.slice(this.#first);
    }
    #keep(held) {
        this.#packets.push(held);
        this.size += held.size;
    }
    #take() {
        const held = this.#packets[this.#first++];
        this.size -= held.size;
        if (this.length === 0)
            this.clear();
        else if (this.#first === COMPACT)
            this.#compact();
        return held;
    }
    #compact() {
        this.#packets = this.#held();
        this.#first = 0;
    }
    #send({ content, id }, connection) {
        if (!(content instanceof Snapshot))
            return connection.write(content);
        try {
            return connection.send(content.value);
        }
        catch (error) {
            this.#failed(error, id);
            return false;
        }
    }
}
//# sourceMappingURL=holding.js.map