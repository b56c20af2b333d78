import type { Meta, Packet } from '../entities/packet.js';
import type { Acceptor } from './acceptor.js';
import type { Backplane, BackplaneEvents, JoinBackplane, LocalServer } from './backplane.js';
import { nodeCrypto } from './lazy-modules.js';
import type { Peer } from './peer.js';
import { ServerClients } from './server-clients.js';

/** What the other servers may have this server send to its clients. */
export interface LocalSender {
  broadcast(packet: Packet, peers: Iterable<Peer>): void;
  publishHere(topic: string, data: unknown, meta?: Meta): void;
}

/** A server's place among the servers with the same id, and the ids that its clients have there. */
export class BackplaneMembership {
  /** The other servers with the same id, while it has joined them. */
  backplane: Backplane | undefined;
  readonly #acceptor: Acceptor;
  #clients: ServerClients | undefined;
  #refed = true;

  constructor(acceptor: Acceptor) {
    this.#acceptor = acceptor;
  }

  /** The clients by their ids, which begin with the id of the server. */
  get clients(): ServerClients {
    const server = this.backplane?.server;
    this.#clients ??= new ServerClients(server ?? nodeCrypto().randomUUID(), this.#acceptor);
    return this.#clients;
  }

  /** A client has disconnected. */
  forget(peer: Peer): void {
    this.#clients?.forget(peer);
  }

  async join(join: JoinBackplane, sender: LocalSender, events: BackplaneEvents): Promise<void> {
    const local: LocalServer = {
      clients: () => this.clients,
      broadcast: (packet, except) => sender.broadcast(packet, this.clients.allBut(except)),
      publish: (topic, data, meta) => sender.publishHere(topic, data, meta),
    };
    this.backplane = await join(local, events);
    if (!this.#refed) this.backplane.unref();
    this.#clients = undefined;
  }

  /** @param timeout how long the others may take to acknowledge, in milliseconds */
  async leave(timeout?: number): Promise<void> {
    const backplane = this.backplane;
    this.backplane = undefined;
    this.#clients = undefined;
    await backplane?.leave(timeout);
  }

  /** Has the backplane keep the process running. This is the default; see {@link unref}. */
  ref(): void {
    this.#refed = true;
    this.backplane?.ref();
  }

  unref(): void {
    this.#refed = false;
    this.backplane?.unref();
  }
}
