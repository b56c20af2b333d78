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

/**
 * Admits clients: at once, or when their hello has been accepted; and refuses the others. Until then a client may send
 * `config.admissionLimit` bytes, and its first malformed frame ends it.
 */
export class Admission {
  readonly #config: Config;
  readonly #events: AdmissionEvents;
  /** Those that wait, and what they are limited by. */
  readonly #timers = new Map<Peer, NodeJS.Timeout[]>();
  /** Those that `config.authorize` is being asked about. */
  readonly #deciding = new Set<Peer>();

  constructor(config: Config, events: AdmissionEvents) {
    this.#config = config;
    this.#events = events;
  }

  /** A client has come, or has shown which of several dialects it speaks. */
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
    // A client that waits to be spoken to is admitted without a word.
    if (hello === 'detect' && authorize === undefined) {
      timers.push(setTimeout(() => peer.open && this.#admit(peer), SILENCE));
    }
  }

  /** The first packet of a client that has not been admitted. */
  receive(packet: Packet, peer: Peer): void {
    if (packet.type === HELLO) void this.#decide((packet.data ?? {}) as Hello, peer);
    else this.#refuse(peer, 'it sent a packet before its hello');
  }

  /** A client that has not been admitted sent a frame that cannot be read. */
  misread(peer: Peer): void {
    this.#refuse(peer, 'it sent a malformed frame before its hello');
  }

  /** A client that has not been admitted sent too much. */
  exceeded(peer: Peer): void {
    const limit = this.#config.admissionLimit;
    this.#refuse(peer, `it sent more than ${limit} bytes before it was admitted (config.admissionLimit)`);
  }

  /** A client has disconnected. */
  leave(peer: Peer): void {
    this.#forget(peer);
  }

  /** Asks `config.authorize`; until it has answered, nothing more of the client is heard. */
  async #decide(hello: Hello, peer: Peer): Promise<void> {
    peer.pipe.hold();
    this.#deciding.add(peer);
    let verdict: boolean | string | Error | undefined;
    try {
      const { authorize } = this.#config;
      verdict = authorize === undefined || (await authorize(hello.credentials, peer.socket as never));
    } catch (cause) {
      this.#turnAway(peer, `config.authorize failed: ${messageOf(cause)}`, cause);
      return;
    } finally {
      this.#deciding.delete(peer);
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

  #late(peer: Peer): void {
    const limit = `within ${this.#config.handshakeTimeout} ms (config.handshakeTimeout)`;
    if (this.#deciding.has(peer)) this.#turnAway(peer, `config.authorize did not decide ${limit}`);
    else this.#refuse(peer, `it sent no hello ${limit}`);
  }

  #admit(peer: Peer): void {
    this.#forget(peer);
    peer.pipe.allow(Number.POSITIVE_INFINITY);
    this.#events.admit(peer);
  }

  /** The client is not wanted, and learns why. */
  #refuse(peer: Peer, reason: string): void {
    this.#forget(peer);
    if (!peer.open) return;
    peer.refuse({ reason, reconnect: false, code: 'ERR_IPC_REFUSED' });
    const why = reason === '' ? 'its credentials were not accepted' : reason;
    this.#events.failed(new IPCError('ERR_IPC_REFUSED', `A client was refused: ${why}.`), peer);
  }

  /** Nothing was decided, which is this side's fault: the client may come back, and learns nothing else. */
  #turnAway(peer: Peer, why: string, cause?: unknown): void {
    this.#forget(peer);
    if (!peer.open) return;
    peer.refuse({ reason: 'the server could not decide; try again later', reconnect: true });
    const message = `A client was turned away for now: ${why}; it may come back.`;
    this.#events.failed(new IPCError('ERR_IPC_REFUSED', message, cause === undefined ? {} : { cause }), peer);
  }

  #forget(peer: Peer): void {
    const timers = this.#timers.get(peer);
    if (timers === undefined) return;
    this.#timers.delete(peer);
    for (const timer of timers) clearTimeout(timer);
  }
}
