import type { Config } from '../entities/config.js';
import { type Hello, WELCOME, type Welcome } from '../entities/packet.js';
import type { Responder } from './conversations/responder.js';
import { principalOf, sessionKey } from './conversations/session-key.js';
import { negotiate } from './dialects/negotiation.js';
import { nodeCrypto } from './lazy-modules.js';
import type { Peer } from './peer.js';

/** How an API names the clients of its server. */
export interface ClientNaming {
  /** The id that a client is told. Default: its previous id, if its hello contains one. */
  nameOf?(hello: Hello, peer: Peer): string;
}

/** The server's side of the handshake: it answers hellos, agrees on a codec, and recognizes sessions. */
export class ServerHandshake {
  readonly #config: Config;
  readonly #responder: Responder;
  readonly #naming: ClientNaming;

  constructor(config: Config, responder: Responder, naming: ClientNaming) {
    this.#config = config;
    this.#responder = responder;
    this.#naming = naming;
  }

  /** Does what a hello asks for. A second hello can only introduce a session. */
  greet(hello: Hello, peer: Peer): void {
    const { session, secret, retries, credentials } = hello;
    // Without an authorize function, credentials identify nobody, and may be large, so they are not digested.
    if (!peer.greeted && this.#config.authorize !== undefined) peer.principal = principalOf(credentials);
    if (retries === true) this.#enter(sessionKey(session, secret, peer.principal), peer);
    if (peer.greeted) return;
    peer.greeted = true;
    const negotiation = negotiate(hello, this.#config);
    const welcome: Welcome = { id: this.#nameOf(hello, peer) };
    if (negotiation.codec !== 'json') welcome.codec = negotiation.codec;
    if (negotiation.compress) welcome.compress = true;
    peer.send({ type: WELCOME, data: welcome });
    peer.pipe.become(peer.dialect.negotiated(negotiation, this.#config));
  }

  /** A session counts for the client's credentials or, if there are none, for its address. */
  #enter(key: string | undefined, peer: Peer): void {
    if (key === undefined) return;
    const { remoteAddress } = peer.socket as { remoteAddress?: string };
    this.#responder.enter(key, peer, peer.principal === '' ? remoteAddress : peer.principal);
  }

  #nameOf(hello: Hello, peer: Peer): string {
    const { session } = hello;
    if (this.#naming.nameOf !== undefined) return this.#naming.nameOf(hello, peer);
    return typeof session === 'string' ? session : nodeCrypto().randomUUID();
  }
}
