import type { Config } from '../../entities/config.js';
import type { IPCError } from '../../entities/errors.js';
import type { Loose } from '../../entities/events.js';
import { isControl, type Packet, type Welcome } from '../../entities/packet.js';
import { Client } from '../../lib/client.js';
import type { Connection } from '../../lib/connection.js';
import type { Dialect } from '../../lib/dialects/dialect.js';
import { quiet } from '../../lib/promises.js';

/** What a drop-in's client makes of its engine's doings. */
export interface ClientFace {
  /** A packet of the server's. */
  hear(packet: Packet, connection: Connection): void;
  /** Something went wrong, over a connection or on the way to one. */
  failed(error: IPCError, connection: Connection | undefined): void;
  /** Milliseconds until a try: the `attempt`th since the last connection, or since the beginning where there was none. */
  delay(attempt: number, connectedBefore: boolean): number;
  /** The id that the server gave before. */
  formerId?(): string | undefined;
  /** The server lets us in. */
  welcome?(welcome: Welcome, connection: Connection): void;
}

/** The engine's client with the manners of a drop-in: it hears every packet that is a user's itself, and sets its own pace. */
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

  /** Sends a packet, or holds it until there is a connection; false where it is not taken. */
  post(packet: Packet): boolean {
    return this.send(packet);
  }

  /** Asks the server, now or when there is a connection. */
  ask(type: string, data: unknown, timeout: number): Promise<unknown> {
    return quiet(this.requests.ask(type, data, timeout, {}));
  }

  /** Sends a packet over the connection of the moment; false where there is none, or it takes no more. */
  say(packet: Packet): boolean {
    return this.open && this.connection?.send(packet) === true;
  }

  override failed(error: IPCError, connection?: Connection): void {
    super.failed(error, connection);
    this.#face.failed(error, connection);
  }

  protected override take(packet: Packet, connection: Connection): void {
    if (isControl(packet.type) && !connection.dialect.plain) super.take(packet, connection);
    else this.#face.hear(packet, connection);
  }

  protected override hello(): Packet | undefined {
    const hello = super.hello();
    if (hello !== undefined) Object.assign(hello.data as object, { session: this.#face.formerId?.() });
    return hello;
  }

  protected override welcomed(connection: Connection, welcome: Welcome): void {
    if (!connection.admitted) this.#face.welcome?.(welcome, connection);
    super.welcomed(connection, welcome);
  }

  /** The answers may come over the next connection, as long as the requests wait. */
  protected override abandonRequests(): void {}

  protected override retryDelay(attempt: number): number {
    return this.#face.delay(attempt, this.connections > 0);
  }
}
