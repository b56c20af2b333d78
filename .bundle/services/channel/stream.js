/** How much may be under way at once; so the hub never holds more of it. */
const WINDOW_SIZE = 1024 * 1024;
const WINDOW_COUNT = 1024;
/**
 * The messages to one run of a peer, numbered from 1 and kept until acknowledged. At most a window of them is under way;
 * when a way is found again, they are sent again from the first that is not acknowledged.
 */
export class Stream {
    /** A later stream of the same sender has a higher one. */
    epoch;
    #send;
    #parcels = [];
    /** The number of the first that is kept, and of the last that was ever sent. */
    #first = 1;
    #last = 0;
    /** How many of those kept are under way, and how long they are together. */
    #sent = 0;
    #flying = 0;
    #open = false;
    constructor(epoch, send) {
        this.epoch = epoch;
        this.#send = send;
    }
    get length() {
        return this.#parcels.length;
    }
    push(parcel) {
        this.#parcels.push(parcel);
        this.#pump();
    }
    /** There is a way to the peer: sends all that it has not acknowledged. */
    open() {
        this.#open = true;
        this.#sent = 0;
        this.#flying = 0;
        this.#pump();
    }
    /** There is no way to the peer just now. */
    pause() {
        this.#open = false;
    }
    /** Forgets those that the peer has, up to a number, and returns them. */
    acknowledge(seq) {
        const count = Math.min(seq, this.#last) - this.#first + 1;
        if (!(count > 0))
            return [];
        const done = this.#parcels.splice(0, count);
        this.#first += count;
        for (let i = 0; i < Math.min(count, this.#sent); i++)
            this.#flying -= done[i].body.length;
        this.#sent = Math.max(0, this.#sent - count);
        this.#pump();
        return done;
    }
    /** Gives up all that is kept. */
    empty() {
        const parcels = this.#parcels;
        this.#parcels = [];
        this.#open = false;
        return parcels;
    }
    #pump() {
        if (!this.#open)
            return;
        while (this.#sent < this.#parcels.length) {
            if (this.#sent >= WINDOW_COUNT || this.#flying >= WINDOW_SIZE)
                return;
            const parcel = this.#parcels[this.#sent];
            const seq = this.#first + this.#sent;
            this.#last = Math.max(this.#last, seq);
            this.#sent++;
            this.#flying += parcel.body.length;
            this.#send(seq, parcel);
        }
    }
}
//# sourceMappingURL=stream.js.map