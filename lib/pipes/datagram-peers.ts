import { isIP } from 'node:net';
import type { Endpoint } from '../../entities/address.js';

/** How many peers are remembered for broadcasts; the earliest are forgotten first. */
const MOST_PEERS = 10_000;

/** The address of `localhost` for a socket of each family. */
const LOOPBACK = { 4: '127.0.0.1', 6: '::1' } as const;

/** A known endpoint with its associated value. The endpoint object stays the same, so that its label is kept. */
export interface Met<Value> {
  readonly endpoint: Endpoint;
  readonly value: Value;
}

/** The peers that a UDP server knows. */
export class DatagramPeers<Value> {
  /** How many peers were added. */
  met = 0;
  readonly #family: 4 | 6;
  readonly #make: (endpoint: Endpoint, known: boolean) => Value;
  readonly #known = new Map<string, Met<Value>>();
  /** The last peer, since most datagrams are from or to the same one as before. */
  #last: Met<Value> | undefined;

  /** @param make creates the value of an endpoint; `known` is false for a host name, which is not remembered */
  constructor(family: 4 | 6, make: (endpoint: Endpoint, known: boolean) => Value) {
    this.#family = family;
    this.#make = make;
  }

  *all(): IterableIterator<Value> {
    for (const { value } of this.#known.values()) yield value;
  }

  /** The value for an endpoint. A host name is not remembered: it would be a second peer beside the address that answers. */
  of(endpoint: Endpoint): Value {
    if (endpoint === this.#last?.endpoint) return this.#last.value;
    const { address, port } = endpoint;
    const host = address === 'localhost' ? LOOPBACK[this.#family] : address;
    return isIP(host) === 0 ? this.#make({ address, port }, false) : this.meet(host, port);
  }

  /** The value for an IP address. */
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
