import type { Config } from '../entities/config.js';
import { IPCError, messageOf } from '../entities/errors.js';
import { HELLO, type Hello, type Packet } from '../entities/packet.js';
import type { Peer } from './peer.js';

/** How long a client of one of several dialects may be silent before it is taken for one that waits, in milliseconds. */
const SILENCE = 250;

/** What an {@link Admission} decides. */
export interface AdmissionEvents {
  /** The hello has been accepted. */
  greet(hello: Hello, peer: Peer): void;
  admit(peer: Peer): void;
  failed(error: IPCError, peer: Peer): void;
}

/** Lets clients in: at once, or when their hello has been accepted; and refuses the others. */
export class Admission {
  readonly #config: Config;
  readonly #events: AdmissionEvents;
  /** Those that wait, and what they are limited by. */
  readonly #timers = new Map<Peer, NodeJS.Timeout[]>();

  constructor(config: Config, events: AdmissionEvents) {
    this.#config = config;
    this.#events = events;
  }

  /** A client has come, or has shown which of several dialects it speaks. */
  receive(peer: Peer): void {
    this.#forget(peer);
    const { authorize, handshakeTimeout } = this.#config;
    const { hello } = peer.dialect.handshake;
    if (hello !== 'detect' && hello !== 'required' && authorize === undefined) {
      this.#admit(peer);
      return;
    }
    const timers: NodeJS.Timeout[] = [];
    this.#timers.set(peer, timers);
    if (handshakeTimeout > 0) {
      const late = `it was not let in within ${handshakeTimeout} ms`;
      timers.push(setTimeout(() => this.#refuse(peer, late), handshakeTimeout));
    }
    // A client that waits to be spoken to is let in without a word.
    if (hello === 'detect' && authorize === undefined) {
      timers.push(setTimeout(() => peer.open && this.#admit(peer), SILENCE));
    }
  }

  /** The first packet of a client that is not in yet. */
  hear(packet: Packet, peer: Peer): void {
    if (packet.type === HELLO) void this.#decide((packet.data ?? {}) as Hello, peer);
    else this.#refuse(peer, 'it said no hello');
  }

  /** A client is gone. */
  leave(peer: Peer): void {
    this.#forget(peer);
  }

  /** Asks `config.authorize`; until it has answered, nothing more of the client is heard. */
  async #decide(hello: Hello, peer: Peer): Promise<void> {
    peer.pipe.hold();
    let verdict: boolean | string | Error | undefined;
    try {
      const { authorize } = this.#config;
      verdict = authorize === undefined || (await authorize(hello.credentials, peer.socket as never));
    } catch (error) {
      verdict = error instanceof Error ? error : new Error(String(error));
    }
    if (!peer.open) return;
    if (verdict === true) {
      this.#events.greet(hello, peer);
      this.#admit(peer);
      peer.pipe.release();
    } else {
      const reason = typeof verdict === 'string' || verdict instanceof Error ? messageOf(verdict) : '';
      this.#refuse(peer, reason);
    }
  }

  #admit(peer: Peer): void {
    this.#forget(peer);
    this.#events.admit(peer);
  }

  #refuse(peer: Peer, reason: string): void {
    this.#forget(peer);
    if (!peer.open) return;
    peer.end({ reason, reconnect: false, code: 'ERR_IPC_REFUSED' });
    const from = reason === '' ? 'credentials' : reason;
    this.#events.failed(new IPCError('ERR_IPC_REFUSED', `A client was refused: ${from}.`), peer);
  }

  #forget(peer: Peer): void {
    const timers = this.#timers.get(peer);
    if (timers === undefined) return;
    this.#timers.delete(peer);
    for (const timer of timers) clearTimeout(timer);
  }
}
