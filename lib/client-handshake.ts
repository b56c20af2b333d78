import type { Config } from '../entities/config.js';
import { IPCError, messageOf } from '../entities/errors.js';
import { BYE, type CloseInfo, closeInfoOf, type Packet, WELCOME, type Welcome } from '../entities/packet.js';
import type { Handshake } from './dialects/dialect.js';
import type { Peer } from './peer.js';

/** How much a server may send before its welcome; what follows is read when the client has been admitted. */
const MOST_EARLY = 1000;
const MOST_EARLY_BYTES = 1024 * 1024;

/** What a client says first, and what it makes of the answer. */
export interface Greeter {
  /** What is said first, if anything. */
  hello(): Packet | undefined;
  /** The server lets the client in; with no welcome, it knows of none. */
  admit(welcome: Welcome | undefined): void;
  /** The server does not admit the client. */
  turnedAway(bye: CloseInfo): void;
  failed(error: IPCError): void;
  /** It fails, and would with every other connection. */
  impossible(error: IPCError): void;
}

/** A client's side of the beginning of a connection: preamble, hello, and what comes before the welcome. */
export class ClientHandshake {
  /** What the server said before its welcome, for when the client has been let in. */
  readonly early: Packet[] = [];
  readonly #peer: Peer;
  readonly #config: Config;
  /** The address of the server, as a person writes it. */
  readonly #where: string;
  readonly #handshake: Handshake;
  readonly #greeter: Greeter;
  #timer: NodeJS.Timeout | undefined;

  constructor(peer: Peer, config: Config, where: string, handshake: Handshake, greeter: Greeter) {
    this.#peer = peer;
    this.#config = config;
    this.#where = where;
    this.#handshake = handshake;
    this.#greeter = greeter;
  }

  /** @param awaitsWelcome whether the client is let in by a welcome only */
  begin(awaitsWelcome: boolean): void {
    const { preamble, awaitsUpgrade } = this.#handshake;
    if (preamble !== undefined) this.#peer.pipe.write(preamble);
    if (!awaitsUpgrade) this.greet();
    if (!this.#peer.open) return;
    if (!awaitsWelcome) this.#greeter.admit(undefined);
    else if (this.#config.handshakeTimeout > 0) {
      this.#timer = setTimeout(() => this.#late(), this.#config.handshakeTimeout);
    }
  }

  greet(): void {
    try {
      const hello = this.#greeter.hello();
      if (hello !== undefined) this.#peer.send(hello);
    } catch (cause) {
      this.#peer.destroy();
      const message = `config.credentials cannot be sent: ${messageOf(cause)}`;
      this.#greeter.impossible(new IPCError('ERR_IPC_CONFIG', message, { cause }));
    }
  }

  /** A packet that comes before the welcome. */
  receive(packet: Packet): void {
    if (packet.type === WELCOME) this.#greeter.admit((packet.data ?? {}) as Welcome);
    else if (packet.type === BYE) this.#turnedAway(packet.data);
    else {
      this.early.push(packet);
      if (this.early.length === MOST_EARLY || this.#peer.stats.bytesIn > MOST_EARLY_BYTES) this.#flooded();
    }
  }

  /** A server that knows welcomes sends its own first; another one has to wait until that is clear. */
  #flooded(): void {
    if (this.#config.handshakeTimeout > 0) {
      this.#peer.pipe.hold();
      return;
    }
    this.#peer.destroy();
    const message =
      `The server sent more than ${MOST_EARLY} packets or ${MOST_EARLY_BYTES} bytes before its welcome, for which the client ` +
      'would wait forever; set config.handshakeTimeout.';
    this.#greeter.failed(new IPCError('ERR_IPC_PROTOCOL', message));
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  /** A bye in place of a welcome. A dialect that always greets has no code that says so, but for good it is a refusal. */
  #turnedAway(bye: unknown): void {
    const info = closeInfoOf(bye);
    const forGood = this.#handshake.hello === 'required' && !info.reconnect;
    this.#greeter.turnedAway(forGood ? { ...info, code: 'ERR_IPC_REFUSED' } : info);
  }

  /** No welcome came in time: a server that does not know it; without credentials to show, plain json will do. */
  #late(): void {
    if (this.#config.credentials === undefined && this.#handshake.hello !== 'required') {
      this.#greeter.admit(undefined);
      return;
    }
    const timeout = this.#config.handshakeTimeout;
    const message = `${this.#where} sent no welcome within ${timeout} ms (config.handshakeTimeout).`;
    this.#peer.destroy();
    this.#greeter.failed(new IPCError('ERR_IPC_HANDSHAKE', message));
  }
}
