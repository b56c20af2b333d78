import type { IPCError } from '../../entities/errors.js';
import type { Hello, Packet } from '../../entities/packet.js';
import type { Peer } from '../../lib/peer.js';
import { ServerCore, type ServerOptions } from '../../lib/server-core.js';

/** Translates the events of the engine's server for an adapter. `Client` is the adapter's representation of a client. */
export interface AdapterServerHooks<Client> {
  started(): void;
  stopped?(): void;
  /** The id for a client whose hello has arrived. */
  nameOf?(hello: Hello, peer: Peer): string;
  /** A client was admitted. */
  enter(peer: Peer): Client;
  /** A client sent a message or a request. */
  receive(packet: Packet, client: Client): void;
  /** An error occurred: with a client, which may not be admitted yet, or without a socket, with the server itself. */
  failed(error: IPCError, client: Client | undefined, socket: unknown): void;
  /** A client has disconnected. */
  leave(client: Client): void;
}

/** The engine's server for an adapter. The adapter supplies the representation of each client. */
export class AdapterServer<Client> {
  readonly core: ServerCore;
  readonly #hooks: AdapterServerHooks<Client>;
  readonly #clients = new Map<Peer, Client>();

  constructor(options: ServerOptions, hooks: AdapterServerHooks<Client>) {
    this.#hooks = hooks;
    this.core = new ServerCore(options, {
      started: () => hooks.started(),
      stopped: () => hooks.stopped?.(),
      admitted: (peer) => this.#clients.set(peer, hooks.enter(peer)),
      receive: (packet, peer) => this.#receive(packet, peer),
      left: (peer) => this.#left(peer),
      failed: (error, peer, socket) => hooks.failed(error, peer && this.#clients.get(peer), socket),
      ...(hooks.nameOf === undefined
        ? {}
        : { nameOf: (hello: Hello, peer: Peer) => hooks.nameOf?.(hello, peer) as string }),
    });
  }

  /** The client of a connected peer. */
  clientOf(peer: Peer): Client | undefined {
    return this.#clients.get(peer);
  }

  /** Sends a packet to all clients. */
  broadcast(packet: Packet): void {
    this.core.broadcast(packet, this.#clients.keys());
  }

  #receive(packet: Packet, peer: Peer): void {
    const client = this.#clients.get(peer);
    if (client !== undefined) this.#hooks.receive(packet, client);
  }

  #left(peer: Peer): void {
    const client = this.#clients.get(peer);
    if (client === undefined) return;
    this.#clients.delete(peer);
    this.#hooks.leave(client);
  }
}
