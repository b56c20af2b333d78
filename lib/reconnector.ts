import type { Address } from '../entities/address.js';
import { retryLimit } from '../entities/config/retries.js';
import type { Config } from '../entities/config.js';
import { closedError, IPCError, type IPCErrorCode, lostError, messageOf } from '../entities/errors.js';
import { ClientStatus, type Retry } from '../entities/events.js';
import { BYE, type CloseInfo, closeInfoOf, type Packet, WELCOME, type Welcome } from '../entities/packet.js';
import { escapeText } from '../entities/text.js';
import { ClientHandshake } from './client-handshake.js';
import type { Calls } from './conversations/calls.js';
import type { Dialect } from './dialects/dialect.js';
import type { Log } from './log.js';
import { ACCUSATIONS, Peer, type PeerOwner } from './peer.js';
import { openPipe } from './pipes/open.js';
import { rejected, Waiters } from './promises.js';
import { transportOf } from './transports/registry.js';
import type { Dialling, Transport } from './transports/transport.js';

/** What a {@link Reconnector} asks and tells the client whose it is. */
export interface ReconnectorEvents {
  /** Whether the first thing said must be answered by a welcome. */
  readonly awaitsWelcome: boolean;
  /** How many packets wait for a connection. */
  readonly held: number;
  /** What is said first, if anything. */
  hello(): Packet | undefined;
  /** The server lets the client in, and says how. */
  welcomed(welcome: Welcome, peer: Peer): void;
  /** A connection may be used: what waits is sent. */
  restored(peer: Peer, connections: number): void;
  connected(connections: number): void;
  /** The server has no room: what was sent to it over this connection has not been read. */
  unread(): void;
  /** A packet of a server that has let us in. */
  receive(packet: Packet, peer: Peer): void;
  /** A connection has ended. */
  ended(peer: Peer): void;
  /** There is no connection any more, or there was none; what follows is a retry, or the end. */
  disconnected(info: CloseInfo | undefined): void;
  /** Milliseconds to wait before a try: the `attempt`th since the last connection. */
  delay(attempt: number, connections: number): number;
  retrying(attempt: number, delay: number, why: Retry): void;
  status(status: ClientStatus): void;
  /** Sends what still waits, before the end. */
  drain(peer: Peer): void;
  failed(error: IPCError, peer?: Peer): void;
  /** It is over for good; `error` says why. What still waits is lost. */
  ending(error: IPCError): void;
  /** It is over, and everybody else has been told. */
  destroyed(): void;
}

/** What is shown of the reason for which a server refuses, in characters. */
const LONGEST_REASON = 1000;

/** What a {@link Reconnector} is made of. */
export interface ReconnectorOptions {
  /** What the other side is called in messages. */
  readonly id: string;
  readonly address: Address;
  readonly config: Config;
  readonly log: Log;
  /** What is spoken until something else is agreed on. */
  readonly dialect: Dialect;
  /** What is asked over all connections. */
  readonly calls: Calls;
}

/** Keeps a client connected: it dials, greets, tries again when the connection is lost, and ends. */
export class Reconnector implements PeerOwner {
  readonly side = 'client';
  readonly config: Config;
  /** What the user knows the current connection by; false before the first. */
  socket: unknown = false;
  /** The remote, while there is a connection; not necessarily one that may be used yet. */
  peer: Peer | undefined;
  /** How many tries are left until it gives up. */
  retriesRemaining: number;
  /** Whether this side chose to disconnect. */
  explicitlyDisconnected = false;
  finished = false;
  readonly #options: ReconnectorOptions;
  readonly #events: ReconnectorEvents;
  readonly #transport: Transport;
  readonly #ready = new Waiters<void>();
  readonly #over = new Waiters<void>();
  #status: ClientStatus = ClientStatus.IDLE;
  #connections = 0;
  #dialling: Dialling | undefined;
  #handshake: ClientHandshake | undefined;
  #timer: NodeJS.Timeout | undefined;
  #attempt = 0;
  /** What the last connection reset, for when the server turns out to have no room. */
  #before = { attempt: 0, retriesRemaining: 0 };
  /** Milliseconds before the first try. */
  #wait = 0;
  #paused = false;
  #refed = true;
  /** What is said at the end that this side has chosen. */
  #farewell: CloseInfo | 'plain' | undefined;
  /** Whether the end waits for open requests. */
  #patient = false;
  /** Why there is no connection. */
  #fault: IPCError | undefined;
  /** Why it is over. */
  #end: IPCError | undefined;

  constructor(options: ReconnectorOptions, events: ReconnectorEvents) {
    this.#options = options;
    this.#events = events;
    this.config = options.config;
    this.#transport = transportOf(options.address);
    this.retriesRemaining = triesLeft(options.config);
  }

  get status(): ClientStatus {
    return this.#status;
  }

  /** Takes the place of one for the same server, and waits as long before it dials as that one would have. */
  waitFor(other: Reconnector): void {
    if (other.#connections === 0 && other.#attempt === 0 && other.#fault === undefined) return;
    this.#wait = this.#events.delay(1, other.#connections);
  }

  /** How many connections there have been. */
  get connections(): number {
    return this.#connections;
  }

  /** Whether packets go straight to the server just now. */
  get connected(): boolean {
    return this.#status === ClientStatus.READY;
  }

  /** Whether nothing more may be sent. */
  get over(): boolean {
    return this.#farewell !== undefined || this.finished;
  }

  /** Whether somebody waits for {@link ready}. */
  get awaited(): boolean {
    return this.#ready.size > 0;
  }

  /** Why there is no connection, where that is known. */
  get fault(): IPCError | undefined {
    return this.#fault;
  }

  /** Of what is sent when nothing more may be. */
  get overError(): IPCError {
    const { id } = this.#options;
    if (this.explicitlyDisconnected || this.#end === undefined) return closedError(id);
    const message = `${id} has given up, and sends nothing until connect() is called: ${this.#end.message}`;
    return new IPCError('ERR_IPC_CLOSED', message, { cause: this.#end });
  }

  /** Begins to connect; does nothing if it already has. */
  connect(): void {
    if (this.#status !== ClientStatus.IDLE) return;
    this.finished = false;
    this.#farewell = undefined;
    this.explicitlyDisconnected = false;
    this.retriesRemaining = triesLeft(this.config);
    this.#attempt = 0;
    const wait = this.#wait;
    this.#wait = 0;
    this.#setStatus(wait > 0 ? ClientStatus.RECONNECTING : ClientStatus.CONNECTING);
    if (wait > 0) this.#timer = setTimeout(() => this.#dial(), wait);
    else this.#dial();
  }

  /** Resolves when connected; rejects when it has given up or was closed. */
  ready(): Promise<void> {
    if (this.connected) return Promise.resolve();
    return this.finished ? rejected(this.#end) : this.#ready.wait();
  }

  /** Of one that is over: rejects unless this side chose to end it. */
  flushed(): Promise<void> {
    return this.explicitlyDisconnected || this.#end === undefined ? Promise.resolve() : rejected(this.#end);
  }

  /** Whether a connection, or the wait for one, keeps the process running. */
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

  /** Stops reading and delivering, until {@link resume}; the server feels it. */
  pause(): void {
    this.#paused = true;
    if (this.peer?.admitted) this.peer.pipe.pause();
  }

  resume(): void {
    this.#paused = false;
    this.peer?.pipe.resume();
  }

  /**
   * Sends what is left, and ends for good.
   * @param how what the server learns
   * @param waits whether open requests are waited for
   * @returns when it is over
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

  /** Ends for good at once: what is unsent is lost. */
  destroy(): void {
    this.explicitlyDisconnected = true;
    this.#abandon();
  }

  receive(packet: Packet, peer: Peer): void {
    if (peer.admitted) this.#events.receive(packet, peer);
    else this.#handshake?.receive(packet);
  }

  /** Takes a control packet that is about the connection itself; false if it is about something else. */
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
    if (peer.pipe.packetsIn === 0 && !this.explicitlyDisconnected) this.#explain(peer);
    this.#events.ended(peer);
    this.#lost(peer.closeInfo);
  }

  #bye({ code, reason }: CloseInfo, peer: Peer): void {
    if (code === 'ERR_IPC_REFUSED') this.#refused(reason, peer);
    else if (code === 'ERR_IPC_FULL') this.#full(peer);
    else if (ACCUSATIONS.has(code as string)) this.#accused(code as IPCErrorCode, reason, peer);
  }

  /** The server has no room: this was not a connection, so that the tries go on being counted. */
  #full(peer: Peer): void {
    if (peer.admitted) {
      this.#attempt = this.#before.attempt;
      this.retriesRemaining = this.#before.retriesRemaining;
      this.#events.unread();
    }
    const message =
      `The server ${this.#options.id} is full (its config.maxConnections); the client tries again as config.retry and ` +
      'config.maxRetries say, and keeps what it has to send.';
    this.#fault = new IPCError('ERR_IPC_FULL', message);
    this.#events.failed(this.#fault, peer);
  }

  /** The server ends the connection because of what this side did. */
  #accused(code: IPCErrorCode, reason: unknown, peer: Peer): void {
    this.#fault = new IPCError(
      code,
      `The server ended the connection of ${this.#options.id}: ${told(reason)}.`,
    );
    this.#events.failed(this.#fault, peer);
  }

  #refused(reason: unknown, peer: Peer): void {
    const message = `The server refused ${this.#options.id}: ${told(reason)}; check config.credentials.`;
    this.#fault = new IPCError('ERR_IPC_REFUSED', message);
    this.#events.failed(this.#fault, peer);
  }

  /** A server that refuses our certificate just ends the connection, which looks as if it had been up. */
  #explain(peer: Peer): void {
    if (this.#fault !== undefined) return;
    const fault = this.#transport.refusal?.(peer.socket, this.#options.address);
    if (fault !== undefined) this.failed(fault, peer);
  }

  #setStatus(status: ClientStatus): void {
    if (status === this.#status) return;
    this.#status = status;
    this.#events.status(status);
  }

  #dial(): void {
    const { id, address, log } = this.#options;
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
      // What the config or the address make impossible stays so.
      this.retriesRemaining = 0;
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
    const { dialect, calls, address } = this.#options;
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
    this.#handshake = new ClientHandshake(
      peer,
      this.config,
      this.#transport.describe(address),
      dialect.handshake,
      {
        hello: () => this.#events.hello(),
        admit: (welcome) => this.#admitBy(welcome, peer),
        turnedAway: (bye) => this.#bye(bye, peer),
        failed: (error) => this.failed(error, peer),
        impossible: (error) => {
          this.retriesRemaining = 0;
          this.failed(error, peer);
        },
      },
    );
    this.#setStatus(ClientStatus.CONNECTED);
    if (peer.open) this.#handshake.begin(this.#events.awaitsWelcome);
  }

  #admitBy(welcome: Welcome | undefined, peer: Peer): void {
    if (welcome === undefined) this.#admit(peer);
    else this.#welcomed(welcome, peer);
  }

  #welcomed(welcome: Welcome, peer: Peer): void {
    const { codec = 'json', compress = false } = welcome;
    const plain = codec === 'json' && compress === false;
    if (!peer.admitted) {
      this.#events.welcomed(welcome, peer);
      if (!plain) peer.pipe.become(this.#options.dialect.negotiated({ codec, compress }, this.config));
      this.#admit(peer);
    } else if (!plain && this.#events.awaitsWelcome) {
      // Too late: we already speak plainly, and the server no longer does.
      peer.destroy();
    }
  }

  #admit(peer: Peer): void {
    const early = this.#handshake?.early ?? [];
    this.#handshake?.end();
    this.#handshake = undefined;
    peer.admitted = true;
    this.#connections++;
    this.#before = { attempt: this.#attempt, retriesRemaining: this.retriesRemaining };
    this.#attempt = 0;
    this.retriesRemaining = triesLeft(this.config);
    if (this.#paused) peer.pipe.pause();
    this.#events.restored(peer, this.#connections);
    this.#setStatus(ClientStatus.READY);
    this.#options.log('connected', this.#options.id);
    this.#ready.resolve();
    this.#events.connected(this.#connections);
    for (const packet of early) this.#events.receive(packet, peer);
    if (early.length > 0) peer.pipe.release();
    if (this.#farewell !== undefined) this.#endConnection(peer);
  }

  /** There is no connection any more, or there was none. */
  #lost(info: CloseInfo | undefined): void {
    this.#setStatus(ClientStatus.DISCONNECTED);
    if (this.#status !== ClientStatus.DISCONNECTED) return;
    const over =
      this.explicitlyDisconnected || info?.reconnect === false || this.config.stopRetrying === true;
    if (over || this.retriesRemaining < 1) {
      this.#events.disconnected(info);
      this.#finish();
      return;
    }
    this.#attempt++;
    const delay = this.#events.delay(this.#attempt, this.#connections);
    this.#timer = setTimeout(() => this.#retry(), delay);
    if (!this.#refed) this.#timer.unref();
    this.#setStatus(ClientStatus.RECONNECTING);
    this.#events.disconnected(info);
    if (this.#timer === undefined) return;
    const remaining = this.retriesRemaining - 1;
    const { log, id } = this.#options;
    const left = remaining === Number.POSITIVE_INFINITY ? '' : `, ${remaining} tries left after that`;
    log('retrying', id, 'in', `${Math.round(delay)} ms${left}`);
    this.#events.retrying(this.#attempt, delay, { error: this.#fault, remaining });
  }

  #retry(): void {
    this.#timer = undefined;
    if (this.config.stopRetrying === true) {
      this.#finish();
      return;
    }
    this.retriesRemaining--;
    this.#dial();
  }

  /** Drops the connection, or the way to one; where there is neither it is over. */
  #abandon(): void {
    this.peer?.destroy();
    this.#dialling?.abandon();
    if (this.peer === undefined && this.#dialling === undefined) this.#finish();
  }

  /** Over for good. */
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
    this.#events.destroyed();
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

/** What is left of the retries at first: `stopRetrying: true` is asked for at each loss, and leaves the number alone, as in node-ipc 9. */
function triesLeft({ maxRetries, stopRetrying }: Config): number {
  return retryLimit({ maxRetries, stopRetrying: stopRetrying === true ? false : stopRetrying });
}

/** The reason that a server gave. */
function told(reason: unknown): string {
  return typeof reason === 'string' && reason !== '' ? escapeText(reason, LONGEST_REASON) : 'no reason given';
}

/** The error of a dial that did not even begin. */
function impossible(id: string, error: unknown): IPCError {
  if (error instanceof IPCError) return error;
  const message = `${id} cannot connect: ${messageOf(error)}; check the config.`;
  return new IPCError('ERR_IPC_CONFIG', message, { cause: error });
}
