/**
 * What comes from other peers: of each sender every message once and in order, whatever is sent again. What was handed over
 * is acknowledged at the end of the turn.
 */
export class Inbox {
    #id;
    #acknowledge;
    /** By their numbers; a number's new holder takes the place of the one before, which is no more. */
    #senders = new Map();
    #due = [];
    #closed = false;
    /** `id`: of this run of the peer. */
    constructor(id, acknowledge) {
        this.#id = id;
        this.#acknowledge = acknowledge;
    }
    /** Whether a message is to be handed over now: it is the sender's next. */
    take({ from, number, epoch, seq }) {
        if (this.#closed)
            return false;
        let sender = this.#senders.get(number);
        if (sender === undefined || sender.id !== from || sender.epoch < epoch) {
            sender = { id: from, epoch, last: 0, due: false };
            this.#senders.set(number, sender);
        }
        // After a gap, all will be sent again.
        if (sender.epoch > epoch || seq > sender.last + 1)
            return false;
        this.#owe(sender);
        if (seq <= sender.last)
            return false;
        sender.last = seq;
        return true;
    }
    /** Takes nothing more; gives the last of every sender. */
    close() {
        this.#closed = true;
        return [...this.#senders.values()].map((sender) => this.#receipt(sender));
    }
    #owe(sender) {
        if (sender.due)
            return;
        sender.due = true;
        if (this.#due.push(sender) === 1)
            process.nextTick(() => this.#pay());
    }
    #pay() {
        for (const sender of this.#due.splice(0)) {
            sender.due = false;
            this.#acknowledge(this.#receipt(sender));
        }
    }
    #receipt({ id, epoch, last }) {
        return { to: id, from: this.#id, epoch, seq: last };
    }
}
//# sourceMappingURL=inbox.js.map