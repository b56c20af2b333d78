import { setTimeout as wait } from 'node:timers/promises';
import { answers, identify } from '../../lib/transports/socket-file.js';
/** How long to wait between the looks at a peer that has not come: after the last it counts as gone. */
const PATIENCE_MS = [0, 20, 80, 300, 1000];
/** How often, and how long apart, a newcomer waits for the one that had its number to be gone. */
const CONFLICT_TRIES = 10;
const CONFLICT_MS = 30;
/** How many of those that left are remembered, for peers that have not heard of it. */
const MOST_GONE = 1000;
/** Passes on what peers say to each other, and tells them who is there. */
export class Hub {
    #server;
    #rendezvous;
    #number;
    #file;
    #places = new Map();
    #bySocket = new Map();
    #gone = new Map();
    /** The good byes that not everybody can hear yet. */
    #departures = [];
    #over = false;
    /**
     * @param server has just begun to listen
     * @param number of the peer whose hub it is
     * @param known to that peer
     */
    constructor(server, rendezvous, number, known) {
        this.#server = server;
        this.#rendezvous = rendezvous;
        this.#number = number;
        this.#file = identify(server.path)?.file;
        server.on('enter', (entry, socket) => {
            if (isEntry(entry))
                this.#enter(entry.member, entry.known, socket);
            else
                socket.destroy();
        });
        server.on('leave', (departure, socket) => {
            if (!isDeparture(departure))
                socket.destroy();
            else {
                this.#departures.push(departure);
                this.#dismiss();
            }
        });
        server.on('listens', (listening, socket) => {
            if (isListening(listening))
                this.#listens(listening);
            else
                socket.destroy();
        });
        server.on('letter', (letter) => this.#pass('letter', letter));
        server.on('receipt', (receipt) => this.#pass('receipt', receipt));
        server.on('disconnect', (socket) => this.#lost(socket));
        this.#expect(known);
    }
    /** Whether peers still find it; not so when another has taken its place. */
    get reachable() {
        return identify(this.#server.path)?.file === this.#file;
    }
    /** Gives up; the peers will find the next one. */
    stop() {
        this.#over = true;
        return this.#server.stop();
    }
    #enter(member, known, socket, tries = CONFLICT_TRIES) {
        if (this.#over || socket.destroyed)
            return;
        const rival = this.#rivalOf(member);
        if (rival?.socket !== undefined) {
            if (tries === 0)
                this.#server.emit(socket, 'taken', member.number);
            else
                setTimeout(() => this.#enter(member, known, socket, tries - 1), CONFLICT_MS).unref();
            return;
        }
        // It holds the number now, so that one is no more.
        if (rival !== undefined)
            this.#leave({ id: rival.member.id, receipts: [] });
        this.#seat(member, socket);
        this.#expect(known);
        const members = [];
        for (const place of this.#places.values())
            members.push({ ...place.member, here: place.socket !== undefined });
        const gone = known.map(({ id }) => this.#gone.get(id)).filter((departure) => departure !== undefined);
        this.#server.emit(socket, 'welcome', { hub: this.#number, members, gone });
        this.#announce('joined', member, socket);
        this.#dismiss();
    }
    #rivalOf({ id, number }) {
        for (const place of this.#places.values()) {
            if (place.member.number === number && place.member.id !== id)
                return place;
        }
        return undefined;
    }
    #seat(member, socket) {
        const before = this.#places.get(member.id)?.socket;
        if (before !== undefined) {
            this.#bySocket.delete(before);
            before.destroy();
        }
        const place = { member, socket };
        this.#places.set(member.id, place);
        this.#bySocket.set(socket, place);
        this.#gone.delete(member.id);
    }
    /** Members that were there before, and should come to this hub. */
    #expect(known) {
        for (const member of known) {
            if (this.#places.has(member.id) || this.#gone.has(member.id) || this.#rivalOf(member))
                continue;
            const place = { member, socket: undefined };
            this.#places.set(member.id, place);
            void this.#doubt(place);
        }
    }
    /** Waits for a member to come, as long as its process lives and there is hope. */
    async #doubt(place) {
        const { id, number } = place.member;
        for (const patience of PATIENCE_MS) {
            await wait(patience, undefined, { ref: false });
            const alive = await answers(this.#rendezvous.number(number));
            if (this.#over || this.#places.get(id) !== place || place.socket !== undefined)
                return;
            if (!alive)
                break;
        }
        if (this.reachable)
            this.#leave({ id, receipts: [] });
    }
    #lost(socket) {
        const place = this.#bySocket.get(socket);
        if (place === undefined)
            return;
        this.#bySocket.delete(socket);
        place.socket = undefined;
        if (!this.#over && this.reachable)
            void this.#doubt(place);
    }
    #leave(departure) {
        const { id } = departure;
        const place = this.#places.get(id);
        if (this.#over || place === undefined)
            return;
        this.#announce('left', departure);
        this.#places.delete(id);
        if (place.socket !== undefined)
            this.#bySocket.delete(place.socket);
        this.#gone.set(id, departure);
        if (this.#gone.size > MOST_GONE)
            this.#gone.delete(this.#gone.keys().next().value);
        this.#dismiss();
    }
    /** Lets those leave that want to, once nobody is awaited who should hear their good bye. */
    #dismiss() {
        for (const { socket } of this.#places.values())
            if (socket === undefined)
                return;
        const departures = this.#departures;
        this.#departures = [];
        for (const departure of departures)
            this.#leave(departure);
    }
    #listens(listening) {
        const place = this.#places.get(listening.id);
        if (place === undefined)
            return;
        place.member = { ...place.member, ...listening };
        this.#announce('listens', listening);
    }
    #pass(type, data) {
        const socket = this.#places.get(data?.to)?.socket;
        // Where the receiver is away the sender keeps it, and sends it again when that is back.
        if (socket !== undefined)
            this.#server.emit(socket, type, data);
    }
    #announce(type, data, except) {
        for (const socket of this.#bySocket.keys()) {
            if (socket !== except)
                this.#server.emit(socket, type, data);
        }
    }
}
/** Checked, since anything of this user's may connect. */
function isEntry(entry) {
    return isMember(entry?.member) && Array.isArray(entry.known) && entry.known.every(isMember);
}
function isMember(member) {
    return isListening(member) && Number.isSafeInteger(member.number) && member.number > 0;
}
function isListening(listening) {
    const { id, topics } = listening ?? {};
    return (typeof id === 'string' && Array.isArray(topics) && topics.every((topic) => typeof topic === 'string'));
}
function isDeparture(departure) {
    return typeof departure?.id === 'string' && Array.isArray(departure.receipts);
}
//# sourceMappingURL=hub.js.map