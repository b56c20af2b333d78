import { isIP } from 'node:net';
import { bindHost } from './transports/tcp.js';
/** How many peers are remembered for broadcasts; the one met first is forgotten first. */
const MOST_PEERS = 10_000;
const NOBODY = { address: '', port: 0 };
/** Whom a UDP server has met: each is always the same object, so that its label stays. */
export class DatagramPeers {
    /** How often somebody new was met. */
    met = 0;
    #family;
    #known = new Map();
    /** Whom it met last: most datagrams are followed by one from, or to, the same peer. */
    #last = NOBODY;
    constructor(family) {
        this.#family = family;
    }
    all() {
        return this.#known.values();
    }
    /** Whom an endpoint means. A host's name is no peer: it would be a second one beside the address that answers. */
    of(endpoint) {
        if (endpoint === this.#last)
            return endpoint;
        const { address, port } = endpoint;
        const host = address === 'localhost' ? bindHost(address, this.#family) : address;
        return isIP(host) === 0 ? { address, port } : this.meet(host, port);
    }
    /** The peer at an IP address. */
    meet(address, port) {
        const last = this.#last;
        if (last.port === port && last.address === address)
            return last;
        const key = `${address} ${port}`;
        const known = this.#known.get(key) ?? this.#add(key, { address, port, family: `IPv${this.#family}` });
        this.#last = known;
        return known;
    }
    clear() {
        this.#known.clear();
        this.#last = NOBODY;
    }
    #add(key, peer) {
        if (this.#known.size >= MOST_PEERS)
            this.#known.delete(this.#known.keys().next().value);
        this.#known.set(key, peer);
        this.met++;
        return peer;
    }
}
//# sourceMappingURL=datagram-peers.js.map