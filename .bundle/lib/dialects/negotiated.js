import { IPCError } from '../../entities/errors.js';
import { malformed } from '../../entities/packet.js';
import { Deflater, Inflater } from '../codecs/deflate.js';
import { isId, parseJSON, shown, stringify } from '../codecs/json.js';
import { packer } from '../codecs/msgpack.js';
import { LengthPrefixedDecoder } from '../framing/length-prefixed.js';
/** Bytes of a body's length. */
const HEAD = 4;
const LONGEST = 0xffffffff;
class JsonCodec {
    write({ type, data, id, re, error }, room) {
        const start = `[${JSON.stringify(type)},${stringify(data) ?? '{}'}`;
        const json = `${start},${id ?? null},${re ?? null},${stringify(error ?? null)}]`;
        const bytes = Buffer.allocUnsafe(room + Buffer.byteLength(json));
        bytes.write(json, room);
        return bytes;
    }
    read(bytes, start, end) {
        return parseJSON(bytes.toString('utf8', start, end));
    }
}
class MsgpackCodec {
    #packer = packer(true);
    write({ type, data, id, re, error }, room) {
        return this.#packer.pack([type, data, id ?? null, re ?? null, error ?? null], room);
    }
    read(bytes, start, end, limits) {
        return this.#packer.unpack(bytes, start, end, limits);
    }
}
/** The packet that a body's value stands for. */
function toPacket(value, bytes, start, end) {
    if (!Array.isArray(value) || typeof value[0] !== 'string') {
        return malformed('A frame is no packet', shown(bytes, start, end));
    }
    const re = value[3] ?? undefined;
    if (re === undefined)
        return { type: value[0], data: value[1], id: isId(value[2]) ? value[2] : undefined };
    if (!isId(re))
        return malformed('A frame answers what is no request id', shown(bytes, start, end));
    return { type: value[0], data: value[1], re, error: value[4] ?? undefined };
}
/** Reads lengths of four bytes, the lowest first, and bodies of a codec. */
class MsgpackDecoder extends LengthPrefixedDecoder {
    #codec;
    #inflater;
    constructor(codec, compress, limits) {
        super(limits);
        this.#codec = codec;
        this.#inflater = compress ? new Inflater(limits) : undefined;
    }
    head(bytes, at) {
        if (bytes.length - at < HEAD)
            return false;
        this.headSize = HEAD;
        this.bodySize = bytes.readUInt32LE(at);
        return true;
    }
    body(bytes, start, end) {
        if (this.#inflater === undefined)
            return this.#packet(bytes, start, end);
        const body = this.#inflater.inflate(bytes.subarray(start, end));
        return this.#packet(body, 0, body.length);
    }
    #packet(bytes, start, end) {
        let value;
        try {
            value = this.#codec.read(bytes, start, end, this.limits);
        }
        catch (cause) {
            if (cause instanceof IPCError)
                throw cause;
            return malformed('A frame cannot be read', shown(bytes, start, end), cause);
        }
        return toPacket(value, bytes, start, end);
    }
}
/**
 * What is spoken after hello and welcome where more than plain json was agreed on: the body's length in four bytes, the
 * lowest first, then the body: `[type, data, id, re, error]` in msgpack or JSON, through raw deflate where compressed.
 */
export class NegotiatedDialect {
    name;
    shared;
    #codec;
    #deflater;
    /** @throws IPCError ERR_IPC_MISSING_PACKAGE, ERR_IPC_PROTOCOL for a codec that is not known */
    constructor({ codec, compress }) {
        if (codec !== 'msgpack' && codec !== 'json') {
            const message = `The other side wants to speak ${JSON.stringify(codec)}, which is no codec; it must be msgpack or json.`;
            throw new IPCError('ERR_IPC_PROTOCOL', message);
        }
        this.name = compress ? `${codec}, compressed` : codec;
        this.shared = !compress;
        this.#codec = codec === 'json' ? new JsonCodec() : new MsgpackCodec();
        this.#deflater = compress ? new Deflater() : undefined;
    }
    encode(packet) {
        if (this.#deflater === undefined)
            return framed(this.#codec.write(packet, HEAD));
        const body = this.#deflater.deflate(this.#codec.write(packet, 0));
        const frame = Buffer.allocUnsafe(HEAD + body.length);
        body.copy(frame, HEAD);
        return framed(frame);
    }
    decoder(limits) {
        return new MsgpackDecoder(this.#codec, this.#deflater !== undefined, limits);
    }
    agree(_agreement, _limits) {
        return this;
    }
}
/** Writes the length of what follows into a frame's head. */
function framed(frame) {
    const size = frame.length - HEAD;
    if (size > LONGEST) {
        throw new IPCError('ERR_IPC_ENCODE', `The payload is longer than ${LONGEST} bytes; send less at a time.`);
    }
    frame.writeUInt32LE(size);
    return frame;
}
//# sourceMappingURL=negotiated.js.map