import type { Socket } from 'node:net';
import { closedError, IPCError } from '../../entities/errors.js';
import { type Packet, PING } from '../../entities/packet.js';
import type { Peer } from '../../lib/peer.js';
import { suppressUnhandled } from '../../lib/promises.js';
import { Drain } from './drain.js';
import { checkedTimeout, DEFAULT_TIMEOUT } from './timeout.js';

/** The part of a server that its connections use. */
export interface Home<Owner> {
  /** Resolves with a lost client's new connection; rejects if it does not return within the time that `retries` allows. */
  returned(id: string): Promise<Connection<Owner>>;
}

/** A client, as seen by its server. */
export class Connection<Owner = unknown> {
  /** The id that the server assigned. A client that reconnects keeps it. */
  readonly id: string;
  /** The server that has accepted the connection. */
  readonly server: Owner;
  readonly #peer: Peer;
  readonly #home: Home<Owner>;
  readonly #drain: Drain;
  #reason: unknown;
  #fault: IPCError | undefined;
  /** Whether this end closed the connection. */
  #closed = false;

  /** Only a server creates connections. */
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
   * Sends a message. Resolves when it was handed to the system: at once or, if the client reads slowly, when all earlier
   * data is written.
   * @throws IPCError (rejects) ERR_IPC_ENCODE, ERR_IPC_CLOSED, ERR_IPC_DISCONNECTED, ERR_IPC_BACKPRESSURE
   */
  send(data: unknown): Promise<void> {
    return this.sendPacket({ type: 'message', data });
  }

  /**
   * Sends a request to the client; resolves with its answer.
   * @param timeout milliseconds; 0 sets no limit
   * @throws IPCError (rejects) ERR_IPC_TIMEOUT, ERR_IPC_CLOSED, ERR_IPC_DISCONNECTED, ERR_IPC_ENCODE, ERR_IPC_ARGUMENT
   */
  // biome-ignore lint/suspicious/noExplicitAny: an answer is what the client makes it
  request(data?: unknown, timeout = DEFAULT_TIMEOUT): Promise<any> {
    return suppressUnhandled(this.#ask('request', data, timeout));
  }

  /**
   * Measures the round trip to the client in milliseconds, optionally with data. For `timeout` see {@link request}.
   * @throws IPCError (rejects) as {@link request}
   */
  ping(data?: unknown, timeout = DEFAULT_TIMEOUT): Promise<number> {
    const since = performance.now();
    return suppressUnhandled(
      this.#ask(PING, data, timeout).then(() => Math.round(performance.now() - since)),
    );
  }

  /** Stops reading, which causes back-pressure at the client. */
  pause(): void {
    this.#peer.pipe.pause();
  }

  /** Continues to read from the client after {@link pause}. */
  resume(): void {
    this.#peer.pipe.resume();
  }

  /**
   * Waits for open requests, sends what is queued and the reason, and closes.
   * @param allowReconnect whether the client may reconnect automatically
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
   * Closes at once: queued data is lost, open requests are rejected. The client reconnects.
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

  /** @internal Sends a packet now, or to the connection that replaces this one when the client reconnects. */
  sendPacket(packet: Packet): Promise<void> {
    if (!this.#peer.open) return suppressUnhandled(this.#sendLater(packet));
    try {
      if (this.#peer.send(packet)) return this.#drain.wait();
    } catch (error) {
      return suppressUnhandled(Promise.reject(error));
    }
    return suppressUnhandled(Promise.reject(notTaken(this.id)));
  }

  /** @internal The engine's peer. */
  get peer(): Peer {
    return this.#peer;
  }

  /** @internal Whether packets can be sent. */
  get open(): boolean {
    return this.#peer.open;
  }

  /** @internal Resolves when the connection can accept more data, or shortly after. */
  ready(): Promise<void> {
    return this.#drain.waitAMoment();
  }

  /** @internal Sets the error that ended the connection. Only the first one counts, since later ones follow from it. */
  fail(fault: IPCError): void {
    if (!this.#peer.open) this.#fault ??= fault;
  }

  /** @internal Why the connection ended. */
  get reason(): unknown {
    return this.#reason ?? this.#peer.closeInfo?.reason ?? this.#fault;
  }

  async #sendLater(packet: Packet): Promise<void> {
    const next = await this.#next();
    await next.sendPacket(packet);
  }

  async #ask(type: string, data: unknown, timeout: number): Promise<unknown> {
    checkedTimeout(timeout);
    if (this.#peer.open) return this.#peer.ask(type, data, { timeout });
    const next = await this.#next();
    return next.#ask(type, data, timeout);
  }

  /** The connection of this client after it has reconnected. */
  async #next(): Promise<Connection<Owner>> {
    if (this.#closed) throw closedError(this.id);
    return this.#home.returned(this.id);
  }
}

function notTaken(id: string): IPCError {
  return new IPCError('ERR_IPC_BACKPRESSURE', `${id} does not read fast enough, and was disconnected.`);
}
