import { IPCError } from '../../entities/errors.js';
import { BYE, HELLO, MESSAGE, malformed, PING, PUBLISH, SUBSCRIBE, UNSUBSCRIBE, WELCOME, } from '../../entities/packet.js';
import { parseJSON, shown } from '../codecs/json.js';
import { LengthPrefixedDecoder } from '../framing/length-prefixed.js';
import { UPGRADE } from './dialect.js';
import { lengthEnd, readLength } from './length.js';
import { ASK, EVENT, isNonce, Kind, ours } from './net-ipc-frame.js';
import { answerEnd, openingAnswer, openingEnd } from './preamble.js';
const NOTHING = Buffer.alloc(0);
/** Reads the opening, then frames. */
export class NetIpcDecoder extends LengthPrefixedDecoder {
    #reading;
    #opened;
    #greeted;
    /** What has come of the opening, or what follows it and was not wanted yet. */
    #start = NOTHING;
    constructor(limits, reading) {
        super(limits);
        this.#reading = reading;
        this.#opened = reading.opened;
        this.#greeted = reading.greeted;
    }
    get buffered() {
        return this.#start.length + super.buffered;
    }
    push(chunk, deliver) {
        let bytes = chunk;
        if (this.#start.length > 0) {
            bytes = Buffer.concat([this.#start, chunk]);
            this.#start = NOTHING;
        }
        if (!this.#opened) {
            const isServer = this.#reading.role === 'server';
            const end = isServer ? openingEnd(bytes) : answerEnd(bytes);
            if (end === 0) {
                this.#start = Buffer.from(bytes);
                return;
            }
            this.#opened = true;
            const answer = isServer ? openingAnswer(bytes.subarray(0, end)) : undefined;
            bytes = bytes.subarray(end);
            if ((answer !== undefined || !isServer) && !deliver({ type: UPGRADE, data: answer })) {
                this.#start = bytes;
                return;
            }
        }
        super.push(bytes, deliver);
    }
    rest() {
        const bytes = Buffer.concat([super.rest(), this.#start]);
        this.#start = NOTHING;
        return bytes;
    }
    head(bytes, at) {
        const end = lengthEnd(bytes, at);
        if (end === 0)
            return false;
        this.headSize = end - at;
        this.bodySize = readLength(bytes, at, end);
        return true;
    }
    body(bytes, start, end) {
        const { inflater } = this.#reading;
        if (inflater === undefined)
            return this.#packet(bytes, start, end);
        const body = inflater.inflate(bytes.subarray(start, end));
        return this.#packet(body, 0, body.length);
    }
    #packet(bytes, start, end) {
        const { packer } = this.#reading;
        let frame;
        try {
            if (packer !== undefined)
                frame = packer.unpack(bytes, start, end, this.limits);
            else
                frame = parseJSON(bytes.toString('utf8', start, end));
        }
        catch (cause) {
            if (cause instanceof IPCError)
                throw cause;
            return malformed('A frame cannot be read', shown(bytes, start, end), cause);
        }
        const packet = typeof frame === 'object' && frame !== null ? this.#understand(frame) : undefined;
        return packet ?? malformed("A frame is none of net-ipc's", shown(bytes, start, end));
    }
    /** The packet of a frame; undefined where it is none. */
    #understand({ t, d, n, e }) {
        switch (t) {
            case Kind.CONNECTION:
                return this.#greeting(d);
            case Kind.MESSAGE:
                return { type: EVENT, data: d };
            case Kind.REQUEST:
                return isNonce(n) ? this.#request(d, n) : undefined;
            case Kind.RESPONSE:
                return isNonce(n) ? { type: ASK, data: d, re: ours(n), error: e } : undefined;
            case Kind.PING:
                return isNonce(n) ? { type: PING, data: d, id: n } : undefined;
            case Kind.PONG:
                return isNonce(n) ? { type: PING, data: d, re: ours(n) } : undefined;
            case Kind.END:
                return { type: BYE, data: farewell(d) };
            default:
                return undefined;
        }
    }
    #greeting(d) {
        if (this.#greeted)
            return undefined;
        this.#greeted = true;
        const { id, compress, messagepack, extras } = fields(d);
        if (this.#reading.role === 'client') {
            const codec = messagepack === true ? 'msgpack' : 'json';
            return { type: WELCOME, data: { id, codec, compress: compress === true } };
        }
        const hello = { compress: compress === true };
        if (typeof id === 'string' && id !== '')
            hello.session = id;
        if (extras !== undefined)
            hello.credentials = extras;
        if (messagepack === true)
            hello.codecs = ['msgpack'];
        return { type: HELLO, data: hello };
    }
    #request(d, n) {
        return (this.#reading.topics ? this.#aboutTopics(d, n) : undefined) ?? { type: ASK, data: d, id: n };
    }
    /** The packet of a request in one of the forms `{ sub }`, `{ unsub }` and `{ pub, message }`. */
    #aboutTopics(d, n) {
        const about = fields(d);
        const { sub, unsub, pub, message } = about;
        const named = [sub, unsub, pub].filter((topics) => topics !== undefined).length;
        if (named !== 1 || Object.keys(about).length > ('message' in about ? 2 : 1))
            return undefined;
        if (typeof pub === 'string') {
            const type = this.#reading.role === 'server' ? PUBLISH : MESSAGE;
            return { type, data: { topic: pub, data: message }, id: n };
        }
        const topics = [sub ?? unsub].flat();
        if (message !== undefined || topics.some((topic) => typeof topic !== 'string'))
            return undefined;
        return { type: sub === undefined ? UNSUBSCRIBE : SUBSCRIBE, data: topics, id: n };
    }
}
/** What an end says. One that says nothing lets the client come back, as it does with net-ipc. */
function farewell(d) {
    const { m, a } = fields(d);
    return { reason: m, reconnect: d ? Boolean(a) : true };
}
function fields(value) {
    return typeof value === 'object' && value !== null ? value : {};
}
//# sourceMappingURL=net-ipc-decoder.js.map