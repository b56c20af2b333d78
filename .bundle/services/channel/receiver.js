/** Who a message is for: what `channel.to()` gives. */
export class Receiver {
    #sender;
    constructor(sender) {
        this.#sender = sender;
    }
    /**
     * Sends a message, which arrives as a `message` event.
     * @returns false where it was not taken: the channel is closed, or too much waits already; `error` says which
     * @throws IPCError ERR_IPC_ENCODE, ERR_IPC_TOO_LARGE
     */
    send(...data) {
        return this.#sender.send('message', data);
    }
    /** As {@link send}, with an event of its own name. */
    emit(event, ...data) {
        return this.#sender.send(event, data);
    }
    /**
     * As {@link emit}; resolves when every receiver has been handed the message.
     * @throws IPCError (rejects) ERR_IPC_UNDELIVERED, ERR_IPC_CLOSED, ERR_IPC_BACKPRESSURE, ERR_IPC_ENCODE, ERR_IPC_TOO_LARGE
     */
    deliver(event, ...data) {
        return this.#sender.deliver(event, data);
    }
    /**
     * Asks one peer; resolves with what its handler answers. A change of hubs does not disturb it.
     * @param options `timeout` in milliseconds (default: the channel's `requestTimeout`, 0 waits forever), `signal`
     * @throws IPCError (rejects) ERR_IPC_TIMEOUT, ERR_IPC_ABORTED, ERR_IPC_UNDELIVERED, ERR_IPC_DISCONNECTED where the peer
     * left before it answered, ERR_IPC_NO_HANDLER, or the handler's own error
     */
    request(event, data, options = {}) {
        return this.#sender.request(event, data, options);
    }
}
//# sourceMappingURL=receiver.js.map