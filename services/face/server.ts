import type { Socket } from 'node:net';
import type { Config } from '../../entities/config.js';
import type { IPCError } from '../../entities/errors.js';
import type { Loose } from '../../entities/events.js';
import { type Hello, isControl, type Packet } from '../../entities/packet.js';
import type { Connection } from '../../lib/connection.js';
import type { Dialect } from '../../lib/dialects/dialect.js';
import { Server } from '../../lib/server.js';

/** What a drop-in's server makes of its engine's doings. `Peer` is what it knows of a client. */
export interface ServerFace<Peer> {
  /** The id that a client is given, whose hello has come. */
  name?(hello: Hello, connection: Connection): string;
  /** A client has been let in. */
  enter(connection: Connection): Peer;
  /** A packet of a client's. */
  hear(packet: Packet, peer: Peer): void;
  /** Something went wrong with a client, perhaps one not yet let in; with no socket, with the server itself. */
  failed(error: IPCError, peer: Peer | undefined, socket: Socket | undefined): void;
  /** A client is gone. */
  leave(peer: Peer): void;
}

/** The engine's server with the manners of a drop-in: it hears every packet that is a user's itself. */
export class FaceServer<Peer> extends Server<Loose> {
  readonly #face: ServerFace<Peer>;
  readonly #peers = new Map<Connection, Peer>();

  constructor(face: ServerFace<Peer>, config: Config, path: string, port?: number, dialect?: Dialect) {
    super(config, () => {}, path, port, dialect);
    this.#face = face;
  }

  /** Sends a packet to every client. */
  sayAll(packet: Packet): void {
    this.sendAll(packet, this.#peers.keys());
  }

  protected override nameOf(hello: Hello, connection: Connection): string {
    return this.#face.name?.(hello, connection) ?? super.nameOf(hello, connection);
  }

  protected override began(connection: Connection): void {
    this.#peers.set(connection, this.#face.enter(connection));
  }

  protected override take(packet: Packet, connection: Connection): void {
    const peer = this.#peers.get(connection);
    if (isControl(packet.type) && !connection.dialect.plain) super.take(packet, connection);
    else if (peer !== undefined) this.#face.hear(packet, peer);
  }

  protected override ended(connection: Connection): void {
    super.ended(connection);
    const peer = this.#peers.get(connection);
    if (peer === undefined) return;
    this.#peers.delete(connection);
    this.#face.leave(peer);
  }

  protected override report(error: IPCError, socket?: Socket): void {
    super.report(error, socket);
    const connection = socket && this.connections.get(socket);
    this.#face.failed(error, connection && this.#peers.get(connection), socket);
  }
}
