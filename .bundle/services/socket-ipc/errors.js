import { IPCError } from '../../entities/errors.js';
function named(error, name) {
    Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true });
}
/** What came in could not be decoded. */
export class DecodeError extends IPCError {
    /** What came in. */
    rawData;
    constructor(message, rawData) {
        super('ERR_IPC_DECODE', message);
        named(this, new.target.name);
        this.rawData = rawData;
    }
}
/** A message could not be sent. */
export class SendError extends IPCError {
    sentMessage;
    sentTopic;
    constructor(message, sentMessage, sentTopic, code = 'ERR_IPC_UNSENT') {
        super(code, message);
        named(this, new.target.name);
        this.sentMessage = sentMessage;
        this.sentTopic = sentTopic;
    }
}
/** A message could not be encoded. */
export class EncodeError extends SendError {
    constructor(message, wrapper) {
        super(message, wrapper.message, wrapper.topic, 'ERR_IPC_ENCODE');
    }
}
/** `close()` was called before. */
export class SendAfterCloseError extends SendError {
    constructor(message, sentMessage, sentTopic) {
        super(message, sentMessage, sentTopic, 'ERR_IPC_CLOSED');
    }
}
/** There is no connection to a server just now. */
export class NoServerError extends SendError {
    constructor(message, sentMessage, sentTopic) {
        super(message, sentMessage, sentTopic, 'ERR_IPC_DISCONNECTED');
    }
}
/** There is no such client, or no longer. */
export class BadClientError extends SendError {
    clientId;
    constructor(message, sentMessage, sentTopic, clientId) {
        super(message, sentMessage, sentTopic, 'ERR_IPC_DISCONNECTED');
        this.clientId = clientId;
    }
}
//# sourceMappingURL=errors.js.map