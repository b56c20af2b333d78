import { messageOf } from '../../entities/errors.js';
import { thrown } from '../face/tell.js';
import { EncodeError } from './errors.js';
/** The messages of one side: encodes what goes out, and tells the listeners what came in. */
export class TopicPost {
    #emitter;
    #encode;
    /** The last message's topic and event: most are followed by one of their kind. */
    #topic = '';
    #event = 'message.';
    constructor(emitter, transcoder) {
        this.#emitter = emitter;
        this.#encode = transcoder?.createEncoder();
    }
    /** Encodes a message and hands it on; what cannot be encoded is an `error`. */
    send(topic, message, send) {
        if (this.#encode !== undefined)
            this.#transcode(this.#encode, topic, message, send);
        else {
            try {
                send({ type: topic, data: message });
            }
            catch (error) {
                this.#emitter.emit('error', new EncodeError(messageOf(error), { topic, message }));
            }
        }
    }
    /** Tells the listeners of a message. */
    deliver({ type, data }) {
        const emitter = this.#emitter;
        try {
            emitter.emit('message', data, type);
            emitter.emit(this.#eventOf(type), data);
        }
        catch (error) {
            thrown(emitter, error);
        }
    }
    /** Tells the listeners of a client's message. */
    deliverFrom(clientId, { type, data }) {
        const emitter = this.#emitter;
        try {
            emitter.emit('message', data, type, clientId);
            emitter.emit(this.#eventOf(type), data, clientId);
        }
        catch (error) {
            thrown(emitter, error);
        }
    }
    #eventOf(topic) {
        if (topic !== this.#topic) {
            this.#topic = topic;
            this.#event = `message.${topic}`;
        }
        return this.#event;
    }
    #transcode(encode, topic, message, send) {
        encode({ topic, message }, (error, data) => {
            if (error)
                this.#emitter.emit('error', error);
            else if (data !== null && data !== undefined)
                send({ type: topic, data });
        });
    }
}
//# sourceMappingURL=post.js.map