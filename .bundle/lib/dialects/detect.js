import { IPCError } from '../../entities/errors.js';
import { DIALECT } from './dialect.js';
const NOTHING = Buffer.alloc(0);
/** How the peers of a dialect begin; those of json begin in any other way. */
const BEGINNINGS = [
    ['net-ipc', Buffer.from('IPC')],
    ['net-ipc', Buffer.from('GET ')],
    ['topic', Buffer.from('{"topic":')],
];
/**
 * A server's dialect until the first bytes of a connection show which of several its peer speaks. The decoder tells
 * ({@link DIALECT}), then reads on in that one, by itself or, where it is stopped, by the connection's next decoder.
 *
 * Peers of json and topic may wait to be spoken to: what is said before they do is said in the dialect `assumed`.
 */
export class DetectDialect {
    name = 'accept';
    undecided = true;
    shared;
    hearsAll;
    /** What a peer that has not said a word most likely speaks: json, or else the first that needs no opening. */
    assumed;
    #accepted;
    /** `accepted` holds one dialect at least. */
    constructor(accepted) {
        const all = [...accepted.values()];
        this.#accepted = accepted;
        this.assumed = (accepted.get('json') ?? all.find((dialect) => !dialect.greets) ?? all[0]);
        this.shared = this.assumed.shared;
        this.hearsAll = this.assumed.hearsAll === true;
    }
    encode(packet) {
        return this.assumed.encode(packet);
    }
    decoder(limits) {
        return new DetectDecoder(this.#accepted, limits);
    }
    agree(agreement, limits) {
        return this.assumed.agree(agreement, limits);
    }
}
class DetectDecoder {
    #accepted;
    #limits;
    #decoder;
    /** First bytes that do not tell yet, or all that had come when `deliver` wanted no more. */
    #unread = NOTHING;
    constructor(accepted, limits) {
        this.#accepted = accepted;
        this.#limits = limits;
    }
    get buffered() {
        return this.#unread.length + (this.#decoder?.buffered ?? 0);
    }
    push(chunk, deliver) {
        let bytes = chunk;
        if (this.#unread.length > 0) {
            bytes = Buffer.concat([this.#unread, chunk]);
            this.#unread = NOTHING;
        }
        if (this.#decoder === undefined && !this.#recognise(bytes, deliver))
            return;
        this.#decoder?.push(bytes, deliver);
    }
    rest() {
        const bytes = Buffer.concat([this.#decoder?.rest() ?? NOTHING, this.#unread]);
        this.#unread = NOTHING;
        return bytes;
    }
    /** Whether it is known what the peer speaks, and `deliver` wants to hear it from this decoder. */
    #recognise(bytes, deliver) {
        const name = nameOf(bytes, this.#accepted);
        if (name === undefined) {
            this.#unread = Buffer.from(bytes);
            return false;
        }
        const dialect = this.#accepted.get(name);
        if (dialect === undefined) {
            const names = [...this.#accepted.keys()].join(', ');
            const message = `A client speaks none of the dialects that this server accepts (config.accept: ${names}).`;
            throw new IPCError('ERR_IPC_PROTOCOL', message);
        }
        this.#decoder = dialect.decoder(this.#limits);
        if (deliver({ type: DIALECT, data: dialect }))
            return true;
        this.#unread = bytes;
        return false;
    }
}
/** What the first bytes say; undefined while they could still become the beginning of several. */
function nameOf(bytes, accepted) {
    if (bytes.length === 0)
        return undefined;
    for (const [name, beginning] of BEGINNINGS) {
        if (!accepted.has(name))
            continue;
        const length = Math.min(bytes.length, beginning.length);
        if (bytes.compare(beginning, 0, length, 0, length) !== 0)
            continue;
        return length === beginning.length ? name : undefined;
    }
    return 'json';
}
//# sourceMappingURL=detect.js.map