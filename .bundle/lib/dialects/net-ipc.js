import { IPCError } from '../../entities/errors.js';
import { BYE, HELLO, isControl, MESSAGE, PING, PUBLISH, SUBSCRIBE, UNSUBSCRIBE, WELCOME, } from '../../entities/packet.js';
import { Deflater, Inflater } from '../codecs/deflate.js';
import { stringify } from '../codecs/json.js';
import { packer } from '../codecs/msgpack.js';
import { LONGEST_LENGTH, LONGEST_TEXT, lengthSize, lengthText, textEnd, textStart, writeLength, } from './length.js';
import { NetIpcDecoder } from './net-ipc-decoder.js';
import { ASK, EVENT, Kind } from './net-ipc-frame.js';
import { PLAIN_OPENING, upgradeRequest } from './preamble.js';
const NOTHING = Buffer.alloc(0);
const PLAIN = { codec: 'json', compress: false };
/**
 * The dialect of net-ipc 2, and of `@isdk/ipc-server`: the body's length in base 128, then the body `{ t, d, n }`, as JSON
 * or msgpack, through raw deflate where agreed. Requests arrive as requests named `request`, everything else as events named
 * `message`.
 *
 * One instance serves all connections until hello and welcome; {@link agree} gives what a connection speaks then.
 */
export class NetIpcDialect {
    name = 'net-ipc';
    shared;
    greets = true;
    opening;
    upgrades;
    #options;
    #packer;
    #deflater;
    #packing;
    #topicNonce = 0;
    /** @throws IPCError ERR_IPC_MISSING_PACKAGE, ERR_IPC_PROTOCOL for a codec that is not known */
    constructor(options) {
        const { role, upgrade, host = upgrade, agreement } = options;
        const { codec, compress } = agreement ?? PLAIN;
        if (codec !== 'msgpack' && codec !== 'json') {
            throw new IPCError('ERR_IPC_PROTOCOL', `${JSON.stringify(codec)} is no codec of net-ipc's.`);
        }
        this.#options = options;
        this.#packer = codec === 'msgpack' ? packer(false) : undefined;
        this.#deflater = compress ? new Deflater() : undefined;
        this.shared = !compress;
        const opens = role === 'client' && agreement === undefined;
        this.upgrades = opens && upgrade !== undefined;
        if (this.upgrades)
            this.opening = upgradeRequest(upgrade, host);
        else if (opens)
            this.opening = PLAIN_OPENING;
    }
    encode(packet) {
        const { type, data, id, re } = packet;
        if (re !== undefined)
            return this.#answer(packet, re);
        if (isControl(type))
            return this.#control(packet);
        if (id !== undefined)
            return this.#frame(Kind.REQUEST, type === ASK ? data : { type, data }, String(id));
        return this.#frame(Kind.MESSAGE, type === EVENT ? data : { type, data });
    }
    /** Of frames in ASCII only the ends of their lengths are no ASCII, and each character is a byte. */
    bytes(text) {
        let frames = 0;
        for (let at = 0; at < text.length; at = textEnd(text, at))
            frames++;
        if (Buffer.byteLength(text) === text.length + frames)
            return Buffer.from(text, 'latin1');
        const parts = [];
        for (let at = 0, end; at < text.length; at = end) {
            end = textEnd(text, at);
            parts.push(framed(Buffer.from(text.slice(textStart(text, at), end))));
        }
        return Buffer.concat(parts);
    }
    decoder(limits) {
        const { role, agreement, topics = true } = this.#options;
        const inflater = this.#deflater === undefined ? undefined : new Inflater(limits);
        const opened = agreement !== undefined || (role === 'client' && !this.upgrades);
        const greeted = agreement !== undefined;
        return new NetIpcDecoder(limits, { role, topics, opened, greeted, packer: this.#packer, inflater });
    }
    agree(agreement, _limits) {
        const { codec, compress } = agreement;
        if (codec === 'json' && !compress)
            return this;
        const { role, topics } = this.#options;
        if (codec !== 'msgpack' || compress)
            return new NetIpcDialect({ role, topics, agreement });
        this.#packing ??= new NetIpcDialect({ role, topics, agreement });
        return this.#packing;
    }
    /** A refused request is answered with nothing, as net-ipc answers one that nobody listens to. */
    #answer({ type, data, error }, re) {
        const kind = type === PING ? Kind.PONG : Kind.RESPONSE;
        return this.#frame(kind, error === undefined ? data : undefined, re, error);
    }
    #control({ type, data, id }) {
        switch (type) {
            case HELLO:
                return this.#hello(data);
            case WELCOME:
                return this.#welcome(data);
            case BYE: {
                const { reason, reconnect } = data;
                return this.#frame(Kind.END, { m: reason, a: reconnect !== false });
            }
            case PING:
                return this.#frame(Kind.PING, data, String(id));
            case SUBSCRIBE:
                return this.#topics('sub', data, id);
            case UNSUBSCRIBE:
                return this.#topics('unsub', data, id);
            case PUBLISH:
            case MESSAGE: {
                const { topic, data: message } = data;
                return this.#frame(Kind.REQUEST, { pub: topic, message }, this.#nonce(id));
            }
            default:
                return NOTHING;
        }
    }
    #hello({ session, credentials, codecs, compress }) {
        return this.#frame(Kind.CONNECTION, {
            compress: compress === true,
            messagepack: codecs?.includes('msgpack') ?? false,
            extras: credentials,
            id: session ?? null,
        });
    }
    #welcome({ id, codec, compress }) {
        return this.#frame(Kind.CONNECTION, {
            id,
            compress: compress === true,
            messagepack: codec === 'msgpack',
        });
    }
    /** One request a topic; the last one's answer stands for all. */
    #topics(key, data, id) {
        const topics = [data].flat();
        if (topics.length === 0)
            return this.#frame(Kind.REQUEST, { [key]: topics }, this.#nonce(id));
        const frames = topics.map((topic, i) => this.#frame(Kind.REQUEST, { [key]: topic }, this.#nonce(i === topics.length - 1 ? id : undefined)));
        return Buffer.concat(frames.map((frame) => (typeof frame === 'string' ? this.bytes(frame) : frame)));
    }
    /** What a request is answered by; nobody waits for the answers to those that have no id of ours. */
    #nonce(id) {
        return id === undefined ? `t${++this.#topicNonce}` : String(id);
    }
    #frame(t, d, n, e) {
        if (this.#packer !== undefined)
            return this.#packed(this.#packer, t, d, n, e);
        const data = stringify(d);
        let json = data === undefined ? `{"t":${t}` : `{"t":${t},"d":${data}`;
        if (n !== undefined)
            json += `,"n":${JSON.stringify(n)}`;
        if (e !== undefined)
            json += `,"e":${stringify(e)}`;
        json += '}';
        if (this.#deflater !== undefined)
            return framed(this.#deflater.deflate(Buffer.from(json)));
        // Most are short and ASCII. As text, with their characters for a length, all of a turn become bytes at once.
        if (json.length < LONGEST_TEXT)
            return lengthText(json.length) + json;
        const size = Buffer.byteLength(json);
        const head = lengthSize(size);
        const frame = Buffer.allocUnsafe(head + size);
        writeLength(frame, head, size);
        frame.write(json, head);
        return frame;
    }
    #packed(packs, t, d, n, e) {
        const body = { t, d };
        if (n !== undefined)
            body.n = n;
        if (e !== undefined)
            body.e = e;
        if (this.#deflater !== undefined)
            return framed(this.#deflater.deflate(packs.pack(body)));
        const bytes = packs.pack(body, LONGEST_LENGTH);
        const size = bytes.length - LONGEST_LENGTH;
        writeLength(bytes, LONGEST_LENGTH, size);
        return bytes.subarray(LONGEST_LENGTH - lengthSize(size));
    }
}
/** A body after its length. */
function framed(body) {
    const head = lengthSize(body.length);
    const frame = Buffer.allocUnsafe(head + body.length);
    writeLength(frame, head, body.length);
    body.copy(frame, head);
    return frame;
}
//# sourceMappingURL=net-ipc.js.map