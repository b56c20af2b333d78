import type { IPCError } from '../../entities/errors.js';
import type { Hello, Packet } from '../../entities/packet.js';
import type { Peer } from '../../lib/peer.js';
import { ServerCore, type ServerOptions } from '../../lib/server-core.js';

/** What an adapter's server makes of what happens to the engine's. `Client` is what it knows of a client. */
export interface AdapterServerHooks<Client> {
  started(): void;
  stopped?(): void;
  /** The id that a client is given, whose hello has come. */
  nameOf?(hello: Hello): string;
  /** A client has been let in. */
  enter(peer: Peer): Client;
  /** A client sent a message, or a request. */
  receive(packet: Packet, client: Client): void;
  /** Something went wrong with a client, perhaps one not yet let in; with no socket, with the server itself. */
  failed(error: IPCError, client: Client | undefined, socket: unknown): void;
  /** A client has disconnected. */
  leave(client: Client): void;
}

/** The engine's server for an adapter, which has a client of its own making for each peer. */
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
      ...(hooks.nameOf === undefined ? {} : { nameOf: (hello: Hello) => hooks.nameOf?.(hello) as string }),
    });
  }

  /** The client of a peer, while it is connected. */
  clientOf(peer: Peer): Client | undefined {
    return this.#clients.get(peer);
  }

  /** Sends a packet to every client. */
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
