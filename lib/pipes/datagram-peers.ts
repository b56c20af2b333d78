import { isIP } from 'node:net';
import type { Endpoint } from '../../entities/address.js';

/** How many peers are remembered for broadcasts; the one met first is forgotten first. */
const MOST_PEERS = 10_000;

/** What `localhost` is to a socket of each family. */
const LOOPBACK = { 4: '127.0.0.1', 6: '::1' } as const;

/** A remote's endpoint, always the same object so that its label stays, and what belongs to it. */
export interface Met<Value> {
  readonly endpoint: Endpoint;
  readonly value: Value;
}

/** Whom a UDP server has met. */
export class DatagramPeers<Value> {
  /** How often somebody new was met. */
  met = 0;
  readonly #family: 4 | 6;
  readonly #make: (endpoint: Endpoint, known: boolean) => Value;
  readonly #known = new Map<string, Met<Value>>();
  /** Whom it met last: most datagrams are followed by one from, or to, the same peer. */
  #last: Met<Value> | undefined;

  /** `make`: what belongs to an endpoint; `known` is false for a host's name, which is not remembered. */
  constructor(family: 4 | 6, make: (endpoint: Endpoint, known: boolean) => Value) {
    this.#family = family;
    this.#make = make;
  }

  *all(): IterableIterator<Value> {
    for (const { value } of this.#known.values()) yield value;
  }

  /** Whom an endpoint means. A host's name is not a peer: it would be a second one beside the address that answers. */
  of(endpoint: Endpoint): Value {
    if (endpoint === this.#last?.endpoint) return this.#last.value;
    const { address, port } = endpoint;
    const host = address === 'localhost' ? LOOPBACK[this.#family] : address;
    return isIP(host) === 0 ? this.#make({ address, port }, false) : this.meet(host, port);
  }

  /** The peer at an IP address. */
  meet(address: string, port: number): Value {
    const last = this.#last;
    if (last?.endpoint.port === port && last.endpoint.address === address) return last.value;
    const key = `${address} ${port}`;
    const known = this.#known.get(key) ?? this.#add(key, { address, port, family: `IPv${this.#family}` });
    this.#last = known;
    return known.value;
  }

  clear(): void {
    this.#known.clear();
    this.#last = undefined;
  }

  #add(key: string, endpoint: Endpoint): Met<Value> {
    if (this.#known.size >= MOST_PEERS) this.#known.delete(this.#known.keys().next().value as string);
    const met = { endpoint, value: this.#make(endpoint, true) };
    this.#known.set(key, met);
    this.met++;
    return met;
  }
}
