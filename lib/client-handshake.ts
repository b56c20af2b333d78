import type { Config } from '../entities/config.js';
import { IPCError, messageOf } from '../entities/errors.js';
import { BYE, type CloseInfo, closeInfoOf, type Packet, WELCOME, type Welcome } from '../entities/packet.js';
import type { ClientIdentity } from './client-identity.js';
import type { Handshake } from './dialects/dialect.js';
import type { Peer } from './peer.js';

/** How many packets a server may send before its welcome. They are delivered when the client is admitted. */
const MOST_EARLY = 1000;
const MOST_EARLY_BYTES = 1024 * 1024;

/** How a client handles the outcome of a handshake. */
export interface Greeter {
  /** The server admits the client. Without a welcome, the server does not support hellos. */
  admit(welcome: Welcome | undefined, peer: Peer): void;
  /** The server does not admit the client. */
  turnedAway(bye: CloseInfo, peer: Peer): void;
  /** No welcome arrived within so many milliseconds. */
  late(timeout: number, peer: Peer): void;
  failed(error: IPCError, peer: Peer): void;
  /** The handshake failed, and would fail on any other connection, too. */
  impossible(error: IPCError, peer: Peer): void;
}

/** The client's side of the handshake: preamble, hello, and packets that precede the welcome. */
export class ClientHandshake {
  /** Packets that arrived before the welcome, to be delivered once the client is admitted. */
  readonly early: Packet[] = [];
  readonly #peer: Peer;
  readonly #config: Config;
  readonly #handshake: Handshake;
  readonly #identity: ClientIdentity;
  readonly #greeter: Greeter;
  #timer: NodeJS.Timeout | undefined;

  constructor(peer: Peer, config: Config, handshake: Handshake, identity: ClientIdentity, greeter: Greeter) {
    this.#peer = peer;
    this.#config = config;
    this.#handshake = handshake;
    this.#identity = identity;
    this.#greeter = greeter;
  }

  begin(): void {
    const { awaitsWelcome } = this.#identity;
    const { preamble, awaitsUpgrade } = this.#handshake;
    if (preamble !== undefined) this.#peer.pipe.write(preamble);
    if (!awaitsUpgrade) this.greet();
    if (!this.#peer.open) return;
    if (!awaitsWelcome) this.#greeter.admit(undefined, this.#peer);
    else if (this.#config.handshakeTimeout > 0) {
      this.#timer = setTimeout(() => this.#late(), this.#config.handshakeTimeout);
    }
  }

  greet(): void {
    try {
      const hello = this.#identity.hello();
      if (hello !== undefined) this.#peer.send(hello);
    } catch (cause) {
      this.#peer.destroy();
      const message = `config.credentials cannot be sent: ${messageOf(cause)}`;
      this.#greeter.impossible(new IPCError('ERR_IPC_CONFIG', message, { cause }), this.#peer);
    }
  }

  /** A packet that precedes the welcome. */
  receive(packet: Packet): void {
    if (packet.type === WELCOME) this.#greeter.admit((packet.data ?? {}) as Welcome, this.#peer);
    else if (packet.type === BYE) this.#turnedAway(packet.data);
    else {
      this.early.push(packet);
      if (this.early.length === MOST_EARLY || this.#peer.stats.bytesIn > MOST_EARLY_BYTES) this.#flooded();
    }
  }

  /**
   * The server sent too many packets before the welcome. A server that supports hellos sends its welcome first, so this one
   * does not support them. Its packets must wait until that is certain.
   */
  #flooded(): void {
    if (this.#config.handshakeTimeout > 0) {
      this.#peer.pipe.hold();
      return;
    }
    this.#peer.destroy();
    const message =
      `The server sent more than ${MOST_EARLY} packets or ${MOST_EARLY_BYTES} bytes before its welcome, for which the client ` +
      'would wait forever; set config.handshakeTimeout.';
    this.#greeter.failed(new IPCError('ERR_IPC_PROTOCOL', message), this.#peer);
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  /**
   * A bye arrived in place of a welcome. Dialects with a mandatory hello have no code for a refusal; a bye that forbids
   * reconnecting is one.
   */
  #turnedAway(bye: unknown): void {
    const info = closeInfoOf(bye);
    const forGood = this.#handshake.hello === 'required' && !info.reconnect;
    this.#greeter.turnedAway(forGood ? { ...info, code: 'ERR_IPC_REFUSED' } : info, this.#peer);
  }

  /**
   * No welcome arrived in time, so the server does not support hellos. If the client has no credentials to send, it
   * continues in plain JSON.
   */
  #late(): void {
    if (this.#config.credentials === undefined && this.#handshake.hello !== 'required') {
      this.#greeter.admit(undefined, this.#peer);
      return;
    }
    this.#peer.destroy();
    this.#greeter.late(this.#config.handshakeTimeout, this.#peer);
  }
}
