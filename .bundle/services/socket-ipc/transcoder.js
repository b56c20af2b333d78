import { StringDecoder } from 'node:string_decoder';
import { tooLarge } from '../../entities/limits.js';
import { parseTopic, TOPIC_DELIMITER, TopicDialect, topicFrame } from '../../lib/dialects/topic.js';
import { DelimitedDecoder } from '../../lib/framing/delimited.js';
import { DecodeError } from './errors.js';
function parse(text, from, to) {
    const packet = parseTopic(text, from, to);
    return packet.error === undefined
        ? packet
        : { ...packet, error: new DecodeError(packet.error.message, text.slice(from, to)) };
}
/** socket-ipc's own dialect, in which every topic is a user's. */
export class JsonTopics extends TopicDialect {
    encode({ type, data }) {
        return topicFrame(type, data);
    }
    decoder(limits) {
        return new DelimitedDecoder(TOPIC_DELIMITER, parse, limits);
    }
}
/** Hands chunks to a transcoder's decoder, and on what it makes of them. */
class TranscodedDecoder {
    /** What a decoder holds is its own affair; nobody waits for the rest of it. */
    buffered = 0;
    #decode;
    #text;
    #limits;
    /** Bytes since the last message. */
    #silent = 0;
    #packets = [];
    #deliver;
    constructor(transcoder, limits) {
        const { socketEncoding } = transcoder;
        this.#decode = transcoder.createDecoder();
        this.#text = socketEncoding ? new StringDecoder(socketEncoding) : undefined;
        this.#limits = limits;
    }
    push(chunk, deliver) {
        this.#deliver = deliver;
        if (chunk.length > 0) {
            this.#silent += chunk.length;
            this.#decode(this.#text?.write(chunk) ?? chunk, this.#decoded);
            if (this.#silent > this.#limits.maxMessageSize)
                throw tooLarge(this.#limits);
        }
        this.#drain();
    }
    rest() {
        return Buffer.alloc(0);
    }
    #decoded = (error, messages = []) => {
        if (error)
            this.#packets.push({ type: '', data: undefined, error });
        if (messages.length > 0)
            this.#silent = 0;
        for (const { topic, message } of messages)
            this.#packets.push({ type: topic, data: message });
        this.#drain();
    };
    #drain() {
        while (this.#packets.length > 0 && this.#deliver !== undefined) {
            const packet = this.#packets.shift();
            if (!this.#deliver(packet))
                return;
        }
    }
}
/** A user's transcoder as a dialect: what is sent is what its encoder made already. */
export class TranscodedTopics extends TopicDialect {
    #transcoder;
    constructor(transcoder) {
        super();
        this.#transcoder = transcoder;
    }
    encode({ data }) {
        return typeof data === 'string' ? data : Buffer.from(data);
    }
    decoder(limits) {
        return new TranscodedDecoder(this.#transcoder, limits);
    }
}
//# sourceMappingURL=transcoder.js.map