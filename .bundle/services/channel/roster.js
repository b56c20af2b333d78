import { Topics } from '../../lib/conversations/topics.js';
/** Who is on the channel, as one peer knows it. */
export class Roster {
    #members = new Map();
    /** The same by their numbers and names. */
    #addresses = new Map();
    #topics = new Topics();
    /** All of them, in the order of their numbers. */
    get members() {
        return [...this.#members.values()].sort((one, other) => one.number - other.number);
    }
    get(id) {
        return this.#members.get(id);
    }
    /** The peer with a number or name. */
    find(address) {
        return this.#addresses.get(address);
    }
    /** Those who listen to a topic. */
    listeners(topic) {
        const found = new Set();
        this.#topics.match(topic, (id) => found.add(this.#members.get(id)));
        return [...found];
    }
    /** Notes a member as it is now. */
    put(member) {
        const { id, number, name, topics } = member;
        this.#topics.leave(id);
        for (const pattern of topics)
            this.#topics.add(pattern, id);
        this.#members.set(id, member);
        this.#addresses.set(number, member);
        if (name !== undefined)
            this.#addresses.set(name, member);
    }
    drop(id) {
        this.#topics.leave(id);
        this.#members.delete(id);
        for (const [address, member] of this.#addresses)
            if (member.id === id)
                this.#addresses.delete(address);
    }
}
//# sourceMappingURL=roster.js.map