import type { Socket } from 'node:net';
import { closedError, IPCError } from '../../entities/errors.js';
import { type Packet, PING } from '../../entities/packet.js';
import type { Peer } from '../../lib/peer.js';
import { suppressUnhandled } from '../../lib/promises.js';
import { Drain } from './drain.js';
import { checkTimeout, DEFAULT_TIMEOUT } from './timeout.js';

/** What a server's connections need of it. */
export interface Home<Owner> {
  /** A client that was lost, when it has come back; rejects where it has not within the time that `retries` gives. */
  returned(id: string): Promise<Connection<Owner>>;
}

/** A client as its server knows it. */
export class Connection<Owner = unknown> {
  /** The id that the server gave it; one that comes back after a lost connection keeps it. */
  readonly id: string;
  readonly server: Owner;
  readonly #peer: Peer;
  readonly #home: Home<Owner>;
  readonly #drain: Drain;
  #reason: unknown;
  #fault: IPCError | undefined;
  /** Whether this end chose to close. */
  #closed = false;

  /** Connections are made by their server. */
  constructor(id: string, server: Owner, home: Home<Owner>, peer: Peer) {
    this.id = id;
    this.server = server;
    this.#home = home;
    this.#peer = peer;
    this.#drain = new Drain(peer.pipe);
  }

  /** The socket. */
  get connection(): Socket {
    return this.#peer.socket as Socket;
  }

  /**
   * Sends a message. Resolves when it is on its way: at once, or where the client reads slowly when all before it is written.
   * @throws IPCError (rejects) ERR_IPC_ENCODE, ERR_IPC_CLOSED, ERR_IPC_DISCONNECTED, ERR_IPC_BACKPRESSURE
   */
  send(data: unknown): Promise<void> {
    return this.sendPacket({ type: 'message', data });
  }

  /**
   * Asks the client; resolves with its answer.
   * @param timeout milliseconds, 0 waits forever
   * @throws IPCError (rejects) ERR_IPC_TIMEOUT, ERR_IPC_CLOSED, ERR_IPC_DISCONNECTED, ERR_IPC_ENCODE, ERR_IPC_ARGUMENT
   */
  // biome-ignore lint/suspicious/noExplicitAny: an answer is what the client makes it
  request(data?: unknown, timeout = DEFAULT_TIMEOUT): Promise<any> {
    return suppressUnhandled(this.#ask('request', data, timeout));
  }

  /** Milliseconds to the client and back, with data to carry there. `timeout` as in {@link request}. */
  ping(data?: unknown, timeout = DEFAULT_TIMEOUT): Promise<number> {
    const since = performance.now();
    return suppressUnhandled(
      this.#ask(PING, data, timeout).then(() => Math.round(performance.now() - since)),
    );
  }

  /** Stops reading; the client feels it. */
  pause(): void {
    this.#peer.pipe.pause();
  }

  resume(): void {
    this.#peer.pipe.resume();
  }

  /**
   * Waits for its open requests, sends what is left, says why, and ends.
   * @param allowReconnect whether the client may come back by itself
   * @returns false if it was closed already
   */
  async close(reason?: unknown, allowReconnect = false): Promise<boolean> {
    if (this.#closed || !this.#peer.open) return false;
    this.#closed = true;
    this.#reason = reason;
    const gone = new Promise((resolve) => this.connection.once('close', resolve));
    this.#peer.close({ reason, reconnect: allowReconnect });
    await gone;
    return true;
  }

  /**
   * Ends at once: what is unsent is lost, open requests are rejected. The client comes back.
   * @returns false if it was closed already
   */
  destroy(reason?: unknown): boolean {
    if (this.#peer.pipe.destroyed) return false;
    this.#closed = true;
    this.#reason = reason;
    this.#peer.endCalls(closedError(this.id));
    this.#peer.destroy();
    return true;
  }

  /** @internal Sends a packet: now, or to the client that comes back in place of this one. */
  sendPacket(packet: Packet): Promise<void> {
    if (!this.#peer.open) return suppressUnhandled(this.#sendLater(packet));
    try {
      if (this.#peer.send(packet)) return this.#drain.wait();
    } catch (error) {
      return suppressUnhandled(Promise.reject(error));
    }
    return suppressUnhandled(Promise.reject(notTaken(this.id)));
  }

  /** @internal The engine's side of it. */
  get peer(): Peer {
    return this.#peer;
  }

  /** @internal Whether packets can be sent. */
  get open(): boolean {
    return this.#peer.open;
  }

  /** @internal When it can take more, or a moment later. */
  ready(): Promise<void> {
    return this.#drain.waitAMoment();
  }

  /** @internal What went wrong. */
  fail(fault: IPCError): void {
    if (!this.#peer.open) this.#fault = fault;
  }

  /** @internal Why it ended. */
  get reason(): unknown {
    return this.#reason ?? this.#peer.closeInfo?.reason ?? this.#fault;
  }

  async #sendLater(packet: Packet): Promise<void> {
    const next = await this.#next();
    await next.sendPacket(packet);
  }

  async #ask(type: string, data: unknown, timeout: number): Promise<unknown> {
    checkTimeout(timeout);
    if (this.#peer.open) return this.#peer.ask(type, data, { timeout });
    const next = await this.#next();
    return next.#ask(type, data, timeout);
  }

  /** This client after it has come back. */
  async #next(): Promise<Connection<Owner>> {
    if (this.#closed) throw closedError(this.id);
    return this.#home.returned(this.id);
  }
}

function notTaken(id: string): IPCError {
  return new IPCError('ERR_IPC_BACKPRESSURE', `${id} does not read fast enough, and was disconnected.`);
}
