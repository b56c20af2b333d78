import type { Address } from '../entities/address.js';
import { delayOf } from '../entities/config/retries.js';
import type { Config } from '../entities/config.js';
import { closedError, IPCError, lostError, messageOf } from '../entities/errors.js';
import { ClientStatus } from '../entities/events.js';
import { BYE, type CloseInfo, closeInfoOf, type Packet, WELCOME, type Welcome } from '../entities/packet.js';
import { counted } from '../entities/text.js';
import { byeError, endedError } from './bye-errors.js';
import { ClientHandshake, type Greeter } from './client-handshake.js';
import type { ClientHooks } from './client-hooks.js';
import type { ClientIdentity } from './client-identity.js';
import type { Calls } from './conversations/calls.js';
import type { Dialect } from './dialects/dialect.js';
import type { Log } from './log.js';
import { Peer, type PeerOwner } from './peer.js';
import { openPipe } from './pipes/open.js';
import { rejected, Waiters } from './promises.js';
import { Retries } from './retries.js';
import { transportOf } from './transports/registry.js';
import type { Dialling, Transport } from './transports/transport.js';

/** What a {@link Reconnector} reports to the core of its client, and asks it. */
export interface ReconnectorEvents {
  /** How many packets wait for a connection. */
  readonly held: number;
  /** The connection is ready to use: sends the queued packets. */
  restored(peer: Peer, connections: number): void;
  /** The server has no room, so it has not read what was sent over this connection. */
  unread(): void;
  /** A packet from a server that has admitted the client. */
  receive(packet: Packet, peer: Peer): void;
  /** A connection has ended. */
  ended(peer: Peer): void;
  /** Sends what is still queued, before the end. */
  drain(peer: Peer): void;
  failed(error: IPCError, peer?: Peer): void;
  /** The client has ended for good because of `error`. Packets that are still queued are lost. */
  ending(error: IPCError): void;
}

/** The options of a {@link Reconnector}. */
export interface ReconnectorOptions {
  /** The name of the other side in messages. */
  readonly id: string;
  readonly address: Address;
  readonly config: Config;
  readonly log: Log;
  /** The dialect until the handshake is complete. */
  readonly dialect: Dialect;
  /** What the client tells servers about itself. */
  readonly identity: ClientIdentity;
  /** The open calls, across connections. */
  readonly calls: Calls;
}

/** A server that ends a connection within this time, in milliseconds, before it has sent anything, may have had no room. */
const AT_ONCE = 1000;

/** Keeps a client connected: it connects, does the handshake, reconnects when the connection is lost, and closes. */
export class Reconnector implements PeerOwner, Greeter {
  readonly side = 'client';
  readonly config: Config;
  /** Where the next attempt connects to. */
  address: Address;
  /** The current connection's object for the user; false before the first connection. */
  socket: unknown = false;
  /** The remote while there is a connection, which may not be ready to use yet. */
  peer: Peer | undefined;
  readonly retries: Retries;
  /** Whether this side has closed the connection. */
  explicitlyDisconnected = false;
  finished = false;
  readonly #options: ReconnectorOptions;
  readonly #events: ReconnectorEvents;
  readonly #hooks: ClientHooks;
  readonly #transport: Transport;
  readonly #ready = new Waiters<void>();
  readonly #over = new Waiters<void>();
  #status: ClientStatus = ClientStatus.IDLE;
  #dialling: Dialling | undefined;
  #handshake: ClientHandshake | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** The delay before the first attempt, in milliseconds. */
  #wait = 0;
  #paused = false;
  #refed = true;
  /** The bye to send if this side closes the connection. */
  #farewell: CloseInfo | 'plain' | undefined;
  /** Whether closing waits for open requests. */
  #patient = false;
  /** Why there is no connection. */
  #fault: IPCError | undefined;
  /** Why the client has ended. */
  #end: IPCError | undefined;

  constructor(options: ReconnectorOptions, events: ReconnectorEvents, hooks: ClientHooks) {
    this.#options = options;
    this.#events = events;
    this.#hooks = hooks;
    this.config = options.config;
    this.address = options.address;
    this.#transport = transportOf(options.address);
    this.retries = new Retries(options.config);
  }

  get status(): ClientStatus {
    return this.#status;
  }

  /**
   * Replaces an earlier reconnector for the same server. If that one has connected or tried to, this one waits before its
   * first attempt as before a retry.
   */
  waitFor(other: Reconnector): void {
    const { attempt, connections } = other.retries;
    if (connections === 0 && attempt === 0 && other.#fault === undefined) return;
    this.#wait = this.#delay(1, connections);
  }

  /** The number of connections so far. */
  get connections(): number {
    return this.retries.connections;
  }

  /** Whether packets are sent to the server without being queued. */
  get connected(): boolean {
    return this.#status === ClientStatus.READY;
  }

  /** Whether nothing may be sent any more. */
  get over(): boolean {
    return this.#farewell !== undefined || this.finished;
  }

  /** Whether anybody awaits {@link ready}. */
  get awaited(): boolean {
    return this.#ready.size > 0;
  }

  /** Why there is no connection, if that is known. */
  get fault(): IPCError | undefined {
    return this.#fault;
  }

  /** The error of sending after the end. */
  get overError(): IPCError {
    const { id } = this.#options;
    if (this.explicitlyDisconnected || this.#end === undefined) return closedError(id);
    const message = `${id} has stopped trying to connect, and sends nothing until connect() is called: ${this.#end.message}`;
    return new IPCError('ERR_IPC_CLOSED', message, { cause: this.#end });
  }

  /** Starts to connect, unless it has already. */
  connect(): void {
    if (this.#status !== ClientStatus.IDLE) return;
    this.finished = false;
    this.#farewell = undefined;
    this.explicitlyDisconnected = false;
    this.retries.restart();
    const wait = this.#wait;
    this.#wait = 0;
    this.#setStatus(wait > 0 ? ClientStatus.RECONNECTING : ClientStatus.CONNECTING);
    if (wait > 0) this.#timer = setTimeout(() => this.#dial(), wait);
    else this.#dial();
  }

  /** Resolves when connected; rejects if the client gives up or is closed. */
  ready(): Promise<void> {
    if (this.connected) return Promise.resolve();
    return this.finished ? rejected(this.#end) : this.#ready.wait();
  }

  /** For a client that has ended: rejects unless this side has closed it. */
  flushed(): Promise<void> {
    return this.explicitlyDisconnected || this.#end === undefined ? Promise.resolve() : rejected(this.#end);
  }

  /** Has a connection, and the wait for one, keep the process running. */
  ref(): void {
    this.#refed = true;
    (this.socket as Partial<NodeJS.RefCounted>).ref?.();
    this.#timer?.ref();
  }

  unref(): void {
    this.#refed = false;
    (this.socket as Partial<NodeJS.RefCounted>).unref?.();
    this.#timer?.unref();
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** Stops reading and delivering until {@link resume}, which causes back-pressure at the server. */
  pause(): void {
    this.#paused = true;
    if (this.peer?.admitted) this.peer.pipe.pause();
  }

  resume(): void {
    this.#paused = false;
    this.peer?.pipe.resume();
  }

  /**
   * Sends what is queued, and closes for good.
   * @param how what the server is told
   * @param waits whether to wait for open requests
   * @returns resolves when it is closed
   */
  leave(how: CloseInfo | 'plain', waits: boolean): Promise<void> {
    this.explicitlyDisconnected = true;
    this.#farewell = how;
    this.#patient = waits;
    if (this.finished) return Promise.resolve();
    const over = this.#over.wait();
    const { peer } = this;
    if (peer?.admitted) this.#endConnection(peer);
    else if (this.#events.held === 0 || (peer === undefined && this.#dialling === undefined)) this.#abandon();
    return over;
  }

  /** Closes at once and for good: queued data is lost. */
  destroy(): void {
    this.explicitlyDisconnected = true;
    this.#farewell = 'plain';
    this.#abandon();
  }

  receive(packet: Packet, peer: Peer): void {
    if (peer.admitted) this.#events.receive(packet, peer);
    else this.#handshake?.receive(packet);
  }

  /** Handles a control packet about the connection itself; returns false for other packets. */
  control({ type, data }: Packet, peer: Peer): boolean {
    if (type === WELCOME) this.#welcomed((data ?? {}) as Welcome, peer);
    else if (type === BYE) this.#bye(closeInfoOf(data), peer);
    else return false;
    return true;
  }

  upgraded(peer: Peer): void {
    if (!peer.admitted && this.#options.dialect.handshake.awaitsUpgrade) this.#handshake?.greet();
  }

  failed(error: IPCError, peer: Peer): void {
    if (!peer.open) this.#fault = error;
    this.#events.failed(error, peer);
  }

  broke(cause: Error, peer: Peer): void {
    this.failed(this.#transport.broken(cause), peer);
  }

  closed(peer: Peer): void {
    if (this.peer !== peer) return;
    this.peer = undefined;
    this.#handshake?.end();
    if (peer.pipe.packetsIn === 0 && !this.explicitlyDisconnected) {
      this.#explain(peer);
      this.#discount(peer);
    }
    const { closeInfo } = peer;
    if (closeInfo !== undefined) this.#fault ??= endedError(closeInfo, this.#options.id);
    this.#events.ended(peer);
    this.#lost(closeInfo);
  }

  admit(welcome: Welcome | undefined, peer: Peer): void {
    if (welcome === undefined) this.#admit(peer);
    else this.#welcomed(welcome, peer);
  }

  turnedAway(bye: CloseInfo, peer: Peer): void {
    this.#bye(bye, peer);
  }

  impossible(error: IPCError, peer: Peer): void {
    this.retries.exhaust();
    this.failed(error, peer);
  }

  late(timeout: number, peer: Peer): void {
    const where = this.#transport.describe(this.address);
    const message = `${where} sent no welcome within ${timeout} ms (config.handshakeTimeout).`;
    this.failed(new IPCError('ERR_IPC_HANDSHAKE', message), peer);
  }

  /** Reports why the server closes the connection. A connection to a full server does not reset the count of attempts. */
  #bye(bye: CloseInfo, peer: Peer): void {
    const error = byeError(bye, this.#options.id);
    if (error === undefined) return;
    if (error.code === 'ERR_IPC_FULL' && peer.admitted) {
      this.retries.notConnected();
      this.#events.unread();
    }
    this.#fault = error;
    this.#events.failed(error, peer);
  }

  /**
   * Reports the likely cause of an early close: a server that refuses the client's certificate closes a connection that
   * looked ready.
   */
  #explain(peer: Peer): void {
    if (this.#fault !== undefined) return;
    const fault = this.#transport.refusal?.(peer.socket, this.address);
    if (fault !== undefined) this.failed(fault, peer);
  }

  /**
   * Raw bytes cannot say that a server has no room. If it ends the connection at once, the connection counts as a failed
   * attempt, and does not reset the count of attempts.
   */
  #discount({ admitted, dialect, pipe }: Peer): void {
    if (!admitted || dialect.capabilities.namedEvents || Date.now() - pipe.since > AT_ONCE) return;
    this.retries.notConnected();
    const where = this.#transport.describe(this.address);
    const message = `${where} ended the connection at once, before it sent anything; it may be full, or expect another protocol.`;
    this.#fault ??= new IPCError('ERR_IPC_CONNECT', message);
  }

  #setStatus(status: ClientStatus): void {
    if (status === this.#status) return;
    this.#status = status;
    this.#hooks.status?.(status);
  }

  #dial(): void {
    const { address } = this;
    const { id, log } = this.#options;
    this.#timer = undefined;
    log('connecting', id, 'to', this.#transport.describe(address));
    try {
      this.#dialling = this.#transport.dial(address, this.config, {
        opened: (carrier) => this.#opened(carrier),
        failed: (error) => this.#dialFailed(error),
      });
      this.socket = this.#dialling.socket ?? false;
      if (!this.#refed) this.unref();
    } catch (error) {
      // An invalid config or address stays invalid, so there is no retry.
      this.retries.exhaust();
      process.nextTick(() => {
        if (!this.finished) this.#dialFailed(impossible(id, error));
      });
    }
  }

  #dialFailed(error: IPCError | undefined): void {
    if (error !== undefined) {
      this.#fault = error;
      this.#events.failed(error);
    }
    this.#dialling = undefined;
    if (!this.finished) this.#lost(undefined);
  }

  #opened(carrier: unknown): void {
    const { dialect, identity, calls } = this.#options;
    this.#dialling = undefined;
    const peer = new Peer(
      this,
      (listener) => openPipe(this.#transport.carries, carrier, dialect, this.config, listener),
      { calls, directed: false },
    );
    this.socket = peer.socket;
    if (!this.#refed) this.unref();
    this.peer = peer;
    this.#fault = undefined;
    this.#handshake = new ClientHandshake(peer, this.config, dialect.handshake, identity, this);
    this.#setStatus(ClientStatus.CONNECTED);
    if (peer.open) this.#handshake.begin();
  }

  #welcomed(welcome: Welcome, peer: Peer): void {
    const { codec = 'json', compress = false } = welcome;
    const plain = codec === 'json' && compress === false;
    if (!peer.admitted) {
      this.#hooks.welcomed?.(welcome, peer);
      if (!plain) peer.pipe.become(this.#options.dialect.negotiated({ codec, compress }, this.config));
      this.#admit(peer);
    } else if (!plain && this.#options.identity.awaitsWelcome) {
      // The welcome arrived too late: this side already uses the plain dialect, the server no longer does.
      peer.destroy();
    }
  }

  #admit(peer: Peer): void {
    const early = this.#handshake?.early ?? [];
    this.#handshake?.end();
    this.#handshake = undefined;
    peer.admitted = true;
    this.retries.connected();
    const { connections } = this.retries;
    if (this.#paused) peer.pipe.pause();
    this.#events.restored(peer, connections);
    this.#setStatus(ClientStatus.READY);
    this.#options.log('connected', this.#options.id);
    this.#ready.resolve();
    this.#hooks.connected?.(connections);
    for (const packet of early) this.#events.receive(packet, peer);
    if (early.length > 0) peer.pipe.release();
    if (this.#farewell !== undefined) this.#endConnection(peer);
  }

  /** The connection was lost, or an attempt failed. */
  #lost(info: CloseInfo | undefined): void {
    this.#setStatus(ClientStatus.DISCONNECTED);
    if (this.#status !== ClientStatus.DISCONNECTED) return;
    const over = this.explicitlyDisconnected || info?.reconnect === false || this.retries.stopped;
    if (over || this.retries.remaining < 1) {
      this.#hooks.disconnected?.(info);
      this.#finish();
      return;
    }
    const attempt = this.retries.next();
    const delay = this.#delay(attempt, this.retries.connections);
    this.#timer = setTimeout(() => this.#retry(), delay);
    if (!this.#refed) this.#timer.unref();
    this.#setStatus(ClientStatus.RECONNECTING);
    this.#hooks.disconnected?.(info);
    if (this.#timer === undefined) return;
    const remaining = this.retries.remaining - 1;
    const { log, id } = this.#options;
    const left =
      remaining === Number.POSITIVE_INFINITY ? '' : `, ${counted(remaining, 'attempt')} left after that`;
    log('retrying', id, 'in', `${Math.round(delay)} ms${left}`);
    this.#hooks.retrying?.(attempt, delay, { error: this.#fault, remaining });
  }

  /** The delay before an attempt, in milliseconds. `attempt` counts from the last connection. */
  #delay(attempt: number, connections: number): number {
    return this.#hooks.delay?.(attempt, connections > 0) ?? delayOf(this.config.retry);
  }

  #retry(): void {
    this.#timer = undefined;
    if (this.retries.stopped) {
      this.#finish();
      return;
    }
    this.retries.remaining--;
    this.#dial();
  }

  /** Drops the connection or the current attempt; if there is neither, the client has ended. */
  #abandon(): void {
    this.peer?.destroy();
    this.#dialling?.abandon();
    if (this.peer === undefined && this.#dialling === undefined) this.#finish();
  }

  /** Ends the client for good. */
  #finish(): void {
    if (this.finished) return;
    this.finished = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { id, log } = this.#options;
    const error = this.explicitlyDisconnected ? closedError(id) : (this.#fault ?? lostError(id));
    this.#end = error;
    this.#events.ending(error);
    this.#setStatus(ClientStatus.IDLE);
    this.#ready.reject(error);
    log('gone', id);
    this.#hooks.destroyed?.();
    this.#over.resolve();
  }

  #endConnection(peer: Peer): void {
    const end = () => {
      if (peer.open) this.#events.drain(peer);
      peer.end(this.#farewell === 'plain' ? undefined : this.#farewell);
    };
    if (this.#patient) peer.whenIdle(end);
    else end();
  }
}

/** The error of an attempt that could not even start. */
function impossible(id: string, error: unknown): IPCError {
  if (error instanceof IPCError) return error;
  const message = `${id} cannot connect: ${messageOf(error)}; check the config.`;
  return new IPCError('ERR_IPC_CONFIG', message, { cause: error });
}
