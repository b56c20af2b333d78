import { IPCError } from '../../entities/errors.js';
import { DEEPEST, hasManyBrackets, nestsTooDeep } from '../../lib/codecs/nesting.js';
import { Stream } from './stream.js';
/** What a message costs beside its text. */
const OVERHEAD = 64;
function costOf(body) {
    return body.length + OVERHEAD;
}
/**
 * All that a peer has sent and that is not acknowledged. A message to a peer that is away waits, and goes to the next that
 * has its number or name; after a time of grace it is given back as undelivered.
 */
export class Mail {
    /** Called when nothing is left for peers that are there. */
    onIdle;
    #self;
    #number;
    #roster;
    #limits;
    #events;
    /** By the ids of the runs. */
    #lines = new Map();
    /** What is for peers that have not come yet, the oldest first. */
    #waiting = [];
    /** What was sent before there was a channel. */
    #held = [];
    #size = 0;
    #beats = 0;
    #epochs = 0;
    #orders = 0;
    constructor(id, number, roster, limits, events) {
        this.#self = { id };
        this.#number = number;
        this.#roster = roster;
        this.#limits = limits;
        this.#events = events;
    }
    /** Whether nothing waits for peers that are there, or for the channel to open. */
    get idle() {
        if (this.#held !== undefined && this.#held.length > 0)
            return false;
        for (const { stream, leftAt } of this.#lines.values()) {
            if (leftAt === undefined && stream.length > 0)
                return false;
        }
        return true;
    }
    /**
     * Takes a message.
     * @throws IPCError ERR_IPC_ENCODE, ERR_IPC_TOO_LARGE, ERR_IPC_BACKPRESSURE
     */
    post(audience, packet, delivery) {
        const body = this.#encode(packet);
        const message = { audience, body, request: packet.id, delivery };
        const members = this.#held === undefined && typeof audience === 'function' ? audience() : undefined;
        this.#checkRoom(costOf(body) * (members?.length ?? 1));
        if (this.#held === undefined)
            this.#dispatch(message, members);
        else {
            this.#size += costOf(body);
            this.#held.push(message);
        }
    }
    /** Takes an answer to a request of one run of a peer, unless that is gone. */
    answer(id, packet) {
        const line = this.#lines.get(id);
        const member = line?.member ?? this.#roster.get(id);
        if (member === undefined)
            return;
        const body = this.#encode(packet);
        const parcel = this.#parcel(member.number, body, undefined, undefined, true);
        this.#lineTo(member).stream.push(parcel);
    }
    /** The channel is open: sends what was held. */
    open() {
        const held = this.#held ?? [];
        this.#held = undefined;
        for (const message of held) {
            this.#size -= costOf(message.body);
            this.#dispatch(message);
        }
    }
    /** A peer is there, for the first time or again: it gets what waits for it. */
    joined(member) {
        const line = this.#lineTo(member);
        const due = this.#takeFor(member);
        due.sort((one, other) => one.order - other.order);
        line.leftAt = undefined;
        for (const parcel of due)
            line.stream.push(parcel);
        line.stream.open();
    }
    /** A peer is gone; what it has not acknowledged is kept for a while. */
    left(id) {
        const line = this.#lines.get(id);
        if (line === undefined)
            return;
        line.stream.pause();
        line.leftAt = this.#beats;
        if (line.stream.length === 0)
            this.#lines.delete(id);
        this.#checkIdle();
    }
    /** There is no hub: nothing can be sent just now. */
    pause() {
        for (const { stream } of this.#lines.values())
            stream.pause();
    }
    /** A run of a peer has been handed the messages of a stream, up to one. */
    acknowledged(id, epoch, seq) {
        const line = this.#lines.get(id);
        if (line?.stream.epoch !== epoch)
            return;
        for (const { body, request, delivery } of line.stream.acknowledge(seq)) {
            this.#size -= costOf(body);
            if (request !== undefined)
                this.#events.handed(request, line.member);
            if (delivery !== undefined && --delivery.left === 0)
                delivery.resolve();
        }
        this.#checkIdle();
    }
    /** Gives up what has waited too long. */
    beat() {
        const deadline = ++this.#beats - this.#limits.grace;
        for (const [id, { stream, leftAt }] of this.#lines) {
            if (leftAt === undefined || leftAt > deadline)
                continue;
            this.#lines.delete(id);
            for (const parcel of stream.empty())
                this.#giveUp(parcel, absent(parcel));
        }
        const late = this.#waiting.filter(({ since }) => since <= deadline);
        if (late.length === 0)
            return;
        this.#waiting = this.#waiting.filter(({ since }) => since > deadline);
        for (const { parcel } of late)
            this.#giveUp(parcel, absent(parcel));
    }
    /** Gives up what waits for peers that are away, and with `all` everything. */
    close(error, all) {
        for (const { parcel } of this.#waiting.splice(0))
            this.#giveUp(parcel, error);
        for (const [id, { stream, leftAt }] of this.#lines) {
            if (!all && leftAt === undefined)
                continue;
            this.#lines.delete(id);
            for (const parcel of stream.empty())
                this.#giveUp(parcel, error);
        }
        if (!all)
            return;
        for (const { audience, body, request, delivery } of this.#held?.splice(0) ?? []) {
            this.#size -= costOf(body);
            const to = typeof audience === 'function' ? 'all' : audience;
            this.#giveUp(this.#parcel(to, body, request, delivery), error);
        }
    }
    #dispatch({ audience, body, request, delivery }, present) {
        if (typeof audience !== 'function') {
            this.#send(this.#parcel(audience, body, request, delivery), this.#roster.find(audience));
            return;
        }
        const members = present ?? audience();
        if (delivery !== undefined) {
            delivery.left = members.length;
            if (delivery.left === 0)
                delivery.resolve();
        }
        for (const member of members) {
            this.#send(this.#parcel(member.number, body, request, delivery), member);
        }
    }
    #send(parcel, member) {
        if (member === undefined)
            this.#waiting.push({ parcel, since: this.#beats });
        else
            this.#lineTo(member).stream.push(parcel);
    }
    #parcel(to, body, request, delivery, answer = false) {
        this.#size += costOf(body);
        return { order: ++this.#orders, to, body, request, answer, delivery };
    }
    #lineTo(member) {
        const known = this.#lines.get(member.id);
        if (known !== undefined)
            return known;
        const epoch = ++this.#epochs;
        const stream = new Stream(epoch, (seq, { body }) => {
            const { id } = this.#self;
            this.#events.send({ to: member.id, from: id, number: this.#number(), epoch, seq, body });
        });
        const line = { member, stream, leftAt: undefined };
        this.#lines.set(member.id, line);
        return line;
    }
    /** Takes out what waits for a peer that has just come, or was for the last one of its number or name. */
    #takeFor({ id, number, name }) {
        const isFor = ({ to }) => to === number || to === name;
        const due = [];
        for (const [former, line] of this.#lines) {
            if (former === id || line.leftAt === undefined)
                continue;
            if (line.member.number !== number && (name === undefined || line.member.name !== name))
                continue;
            this.#lines.delete(former);
            for (const parcel of line.stream.empty()) {
                if (parcel.answer)
                    this.#size -= costOf(parcel.body);
                else if (isFor(parcel))
                    due.push(parcel);
                else
                    this.#waiting.push({ parcel, since: line.leftAt });
            }
        }
        this.#waiting = this.#waiting.filter(({ parcel }) => {
            if (!isFor(parcel))
                return true;
            due.push(parcel);
            return false;
        });
        return due;
    }
    #giveUp(parcel, error) {
        this.#size -= costOf(parcel.body);
        if (parcel.answer)
            return;
        parcel.delivery?.reject(error);
        this.#events.undelivered(parcel, error);
    }
    #checkIdle() {
        if (this.onIdle !== undefined && this.idle)
            this.onIdle();
    }
    #encode(packet) {
        let body;
        try {
            body = JSON.stringify(packet);
        }
        catch (cause) {
            const message = `The message ${packet.type} cannot be sent: ${String(cause)}.`;
            throw new IPCError('ERR_IPC_ENCODE', message, { cause });
        }
        // The data themselves are not looked at: where they have a toJSON, what it gives counts.
        if (hasManyBrackets(body) && nestsTooDeep(JSON.parse(body), body)) {
            const message = `The message ${packet.type} nests arrays and objects more than ${DEEPEST} deep: nobody would read it.`;
            throw new IPCError('ERR_IPC_ENCODE', message);
        }
        if (body.length <= this.#limits.message)
            return body;
        const message = `The message ${packet.type} has ${body.length} characters as JSON; at most ${this.#limits.message} are allowed. ` +
            'Send less, or raise maxMessageSize of every peer.';
        throw new IPCError('ERR_IPC_TOO_LARGE', message);
    }
    #checkRoom(cost) {
        if (this.#size + cost <= this.#limits.total)
            return;
        const message = `More than ${this.#limits.total} characters wait for peers that are away or slow; send less, wait, or raise ` +
            'maxPendingBytes.';
        throw new IPCError('ERR_IPC_BACKPRESSURE', message);
    }
}
function absent({ to }) {
    const peer = typeof to === 'number' ? `Peer ${to}` : `The peer ${JSON.stringify(to)}`;
    const message = `${peer} was away for the time of grace, or left and did not come back; the message is given up.`;
    return new IPCError('ERR_IPC_UNDELIVERED', message);
}
//# sourceMappingURL=mail.js.map