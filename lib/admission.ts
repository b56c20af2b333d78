import type { Config } from '../entities/config.js';
import { IPCError, messageOf } from '../entities/errors.js';
import { HELLO, type Hello, type Packet } from '../entities/packet.js';
import type { Peer } from './peer.js';

/**
 * How long a client may be silent, if several dialects are accepted, before the server assumes that it waits for the server
 * to speak first; in milliseconds.
 */
const SILENCE = 250;

/** Carries out the decisions of {@link Admission}. */
export interface AdmissionEvents {
  /** The hello was accepted. */
  greet(hello: Hello, peer: Peer): void;
  admit(peer: Peer): void;
  failed(error: IPCError, peer: Peer): void;
}

/**
 * Decides which clients are admitted: each on connecting, or after its hello was accepted. Until then, a client may send at
 * most `config.admissionLimit` bytes, and its first malformed frame closes the connection.
 */
export class Admission {
  readonly #config: Config;
  readonly #events: AdmissionEvents;
  /** The timers of clients that were not admitted at once. */
  readonly #timers = new WeakMap<Peer, NodeJS.Timeout[]>();
  /** The clients for which `config.authorize` was called. */
  readonly #asked = new WeakSet<Peer>();

  constructor(config: Config, events: AdmissionEvents) {
    this.#config = config;
    this.#events = events;
  }

  /** A client has connected, or its dialect was detected. */
  opened(peer: Peer): void {
    this.#forget(peer);
    const { authorize, handshakeTimeout, admissionLimit } = this.#config;
    const { hello } = peer.dialect.handshake;
    if (hello !== 'detect' && hello !== 'required' && authorize === undefined) {
      this.#admit(peer);
      return;
    }
    peer.pipe.allow(admissionLimit);
    const timers: NodeJS.Timeout[] = [];
    this.#timers.set(peer, timers);
    if (handshakeTimeout > 0) timers.push(setTimeout(() => this.#late(peer), handshakeTimeout));
    // A client that waits for the server to speak first needs no hello.
    if (hello === 'detect' && authorize === undefined) {
      timers.push(setTimeout(() => peer.open && this.#admit(peer), SILENCE));
    }
  }

  /** The first packet of a client that is not admitted yet. */
  receive(packet: Packet, peer: Peer): void {
    if (packet.type === HELLO) void this.#decide((packet.data ?? {}) as Hello, peer);
    else this.#refuse(peer, 'it sent a packet before its hello');
  }

  /** A client that is not admitted yet sent an unreadable frame. */
  misread(peer: Peer): void {
    this.#refuse(peer, 'it sent a malformed frame before its hello');
  }

  /** A client that is not admitted yet exceeded the limit of bytes. */
  exceeded(peer: Peer): void {
    const limit = this.#config.admissionLimit;
    this.#refuse(peer, `it sent more than ${limit} bytes before it was admitted (config.admissionLimit)`);
  }

  /** A client has disconnected. */
  leave(peer: Peer): void {
    this.#forget(peer);
  }

  /** Calls `config.authorize`. The client's data is not read until it has decided. */
  async #decide(hello: Hello, peer: Peer): Promise<void> {
    peer.pipe.hold();
    this.#asked.add(peer);
    let verdict: boolean | string | Error | undefined;
    try {
      const { authorize } = this.#config;
      verdict = authorize === undefined || (await authorize(hello.credentials, peer.socket as never));
    } catch (cause) {
      this.#turnAway(peer, `config.authorize failed: ${messageOf(cause)}`, cause);
      return;
    }
    if (!peer.open) return;
    if (verdict === true) this.#welcome(hello, peer);
    else {
      const reason = typeof verdict === 'string' || verdict instanceof Error ? messageOf(verdict) : '';
      this.#refuse(peer, reason);
    }
  }

  #welcome(hello: Hello, peer: Peer): void {
    try {
      this.#events.greet(hello, peer);
    } catch (error) {
      this.#refuse(peer, `its hello is invalid: ${messageOf(error)}`);
      return;
    }
    this.#admit(peer);
    peer.pipe.release();
  }

  #late(peer: Peer): void {
    const limit = `within ${this.#config.handshakeTimeout} ms (config.handshakeTimeout)`;
    if (this.#asked.has(peer)) this.#turnAway(peer, `config.authorize did not decide ${limit}`);
    else this.#refuse(peer, `it sent no hello ${limit}`);
  }

  #admit(peer: Peer): void {
    this.#forget(peer);
    peer.pipe.allow(Number.POSITIVE_INFINITY);
    this.#events.admit(peer);
  }

  /** Refuses the client, with the reason. */
  #refuse(peer: Peer, reason: string): void {
    if (!peer.open) return;
    peer.refuse({ reason, reconnect: false, code: 'ERR_IPC_REFUSED' });
    const why = reason === '' ? 'its credentials were not accepted' : reason;
    this.#events.failed(new IPCError('ERR_IPC_REFUSED', `A client was refused: ${why}.`), peer);
  }

  /** There was no decision because of an error on this side: the client may reconnect, and learns no details. */
  #turnAway(peer: Peer, why: string, cause?: unknown): void {
    if (!peer.open) return;
    peer.refuse({ reason: 'the server could not decide; try again later', reconnect: true });
    const message = `A client was not admitted for now: ${why}; it may reconnect.`;
    this.#events.failed(new IPCError('ERR_IPC_REFUSED', message, cause === undefined ? {} : { cause }), peer);
  }

  #forget(peer: Peer): void {
    for (const timer of this.#timers.get(peer) ?? []) clearTimeout(timer);
  }
}
