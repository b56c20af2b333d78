import type { Config } from '../entities/config.js';
import { HELLO, type Packet } from '../entities/packet.js';
import type { ClientHooks } from './client-hooks.js';
import type { Dialect } from './dialects/dialect.js';
import { offered } from './dialects/negotiation.js';
import { nodeCrypto } from './lazy-modules.js';
import type { Peer } from './peer.js';

/** What a client tells servers about itself: the codecs that it offers, its credentials and its session. */
export class ClientIdentity {
  /** Whether the dialect of packets is known before the handshake. */
  readonly settled: boolean;
  readonly #config: Config;
  readonly #hooks: ClientHooks;
  readonly #offer: ReturnType<typeof offered>;
  /** The name of the session, the same for all connections. */
  #session: string | undefined;
  /** The secret that proves that the session is this client's. Only the server learns it. */
  #secret: string | undefined;
  /** Whether requests may be sent again, so that the server must know the session. */
  #retrying = false;
  /** Whether the current server knows the session. */
  #introduced = false;

  /** @throws IPCError ERR_IPC_MISSING_PACKAGE if the config asks for a codec that is not installed */
  constructor(config: Config, dialect: Dialect, hooks: ClientHooks) {
    this.#config = config;
    this.#hooks = hooks;
    this.#offer = offered(config);
    this.settled = Object.keys(this.#offer).length === 0 && dialect.handshake.hello !== 'required';
  }

  /** Whether a server must answer the hello by a welcome. */
  get awaitsWelcome(): boolean {
    return !this.settled || this.#config.credentials !== undefined;
  }

  /** The first packet of a connection, if there is one. */
  hello(): Packet | undefined {
    this.#introduced = this.#retrying;
    if (!this.awaitsWelcome && !this.#retrying) return undefined;
    const { credentials } = this.#config;
    const identity = this.#hooks.identity?.() ?? { session: this.#sessionId };
    const data: Record<string, unknown> = { ...identity, ...this.#offer };
    if (credentials !== undefined) data.credentials = credentials;
    if (this.#retrying) Object.assign(data, { secret: this.#sessionSecret, retries: true });
    return { type: HELLO, data };
  }

  /**
   * From now on requests may be sent again, so the server must know the session.
   * @param server the current server, if there is a connection
   */
  keepSession(server: Peer | undefined): void {
    this.#retrying = true;
    if (server?.admitted) this.introduce(server);
  }

  /** Tells a server, once per connection, the session of a client that may send requests again. */
  introduce(server: Peer): void {
    if (this.#introduced || !this.#retrying) return;
    this.#introduced = true;
    const data = { session: this.#sessionId, secret: this.#sessionSecret, retries: true };
    server.send({ type: HELLO, data });
  }

  get #sessionId(): string {
    this.#session ??= nodeCrypto().randomUUID();
    return this.#session;
  }

  get #sessionSecret(): string {
    this.#secret ??= nodeCrypto().randomUUID();
    return this.#secret;
  }
}
