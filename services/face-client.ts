import type { Config } from '../entities/config.js';
import type { IPCError } from '../entities/errors.js';
import type { Loose } from '../entities/events.js';
import type { Packet } from '../entities/packet.js';
import { Client } from '../lib/client.js';
import type { Connection } from '../lib/connection.js';
import type { Dialect } from '../lib/dialects/dialect.js';

/** What a drop-in's client makes of its engine's doings. */
export interface ClientFace {
  /** A packet of the server's. */
  hear(packet: Packet, connection: Connection): void;
  /** Something went wrong, over a connection or on the way to one. */
  failed(error: IPCError, connection: Connection | undefined): void;
  /** Milliseconds until a try: the `attempt`th since the last connection, or since the beginning where there was none. */
  delay(attempt: number, connectedBefore: boolean): number;
}

/** The engine's client with the manners of a drop-in: it hears every packet itself, and sets its own pace. */
export class FaceClient extends Client<Loose> {
  readonly #face: ClientFace;

  constructor(face: ClientFace, config: Config, path: string, port?: number, dialect?: Dialect) {
    super(config, () => {}, path, path, port, dialect);
    this.#face = face;
  }

  /** Whether packets can be sent: there is a connection, and neither side has begun to end it. */
  get open(): boolean {
    return this.connected && this.connection?.open === true;
  }

  /** Sends a packet over the connection of the moment; false where there is none, or it takes no more. */
  say(packet: Packet): boolean {
    return this.open && this.connection?.send(packet) === true;
  }

  override failed(error: IPCError, connection?: Connection): void {
    super.failed(error);
    this.#face.failed(error, connection);
  }

  protected override take(packet: Packet, connection: Connection): void {
    this.#face.hear(packet, connection);
  }

  protected override retryDelay(attempt: number): number {
    return this.#face.delay(attempt, this.connections > 0);
  }
}
