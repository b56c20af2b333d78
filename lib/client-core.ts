import type { Address } from '../entities/address.js';
import { delayOf } from '../entities/config/retries.js';
import type { Config } from '../entities/config.js';
import { closedError, codeOf, IPCError, lostError } from '../entities/errors.js';
import type { ClientStatus, Retry } from '../entities/events.js';
import {
  BYE,
  type CloseInfo,
  HELLO,
  type Hello,
  isControl,
  MESSAGE,
  metaOf,
  type Packet,
  type PacketId,
  PING,
  SUBSCRIBE,
  type TopicMessage,
  UNSUBSCRIBE,
  type Welcome,
} from '../entities/packet.js';
import { isForResponder } from '../entities/stream.js';
import { escapeText } from '../entities/text.js';
import type { StreamOptions } from './conversations/call-stream.js';
import { Calls } from './conversations/calls.js';
import type { ItemStream } from './conversations/item-stream.js';
import { NO_OPTIONS, type RequestOptions } from './conversations/request-options.js';
import {
  callTopics,
  patternsOf,
  type TopicHandler,
  type TopicNames,
  Topics,
} from './conversations/topics.js';
import { chooseDialect } from './dialects/choose.js';
import type { Dialect } from './dialects/dialect.js';
import { offered } from './dialects/negotiation.js';
import { rawUnsupported } from './dialects/raw.js';
import { Flushes } from './flushes.js';
import { type ClientInspection, endsOf, type InspectOptions, listed } from './inspection.js';
import { interceptors } from './interceptors.js';
import { nodeCrypto } from './lazy-modules.js';
import { escapingLog, type Log } from './log.js';
import { observed } from './observe.js';
import { OfflineQueue } from './offline-queue.js';
import { noStreams, type Peer } from './peer.js';
import { checkProfile } from './profile.js';
import { Reconnector, type ReconnectorEvents } from './reconnector.js';
import { addTraffic, noStats, type Stats } from './stats.js';
import { transportOf } from './transports/registry.js';

/** How long a server that sends nothing may take to report that it is full, in milliseconds. */
const PROOF_TIME = 1000;

/** Subscriptions survive reconnects. */
const LASTING: RequestOptions = { retries: Number.POSITIVE_INFINITY };

/** The names of the {@link ClientStatus} values, by value. */
const STATUSES = ['idle', 'connecting', 'connected', 'ready', 'disconnected', 'reconnecting'] as const;

/** The options of a client core. */
export interface ClientOptions {
  /** The name of the other side in messages. */
  readonly id: string;
  readonly address: Address;
  readonly config: Config;
  readonly log: Log;
  /** The dialect in which the connection starts. Default: according to the config. */
  readonly dialect?: Dialect | undefined;
  /** Whether requests that were sent keep waiting for their answers after a reconnect. Default: false. */
  readonly keepsCalls?: boolean | undefined;
  /**
   * Whether the connection is an internal part of something else, such as a channel. Its messages are not intercepted, and
   * they are not queued for a later connection. Default: false.
   */
  readonly internal?: boolean | undefined;
}

/** The callbacks of the API on top of a client core. */
export interface ClientHooks {
  /** The server sent an event or a request. */
  receive(packet: Packet, peer: Peer): void;
  /** An error occurred, on a connection or while connecting. */
  failed(error: IPCError, peer: Peer | undefined): void;
  /** A connection was made; `connections` is its number, counted from 1. */
  connected?(connections: number): void;
  disconnected?(info: CloseInfo | undefined): void;
  retrying?(attempt: number, delay: number, why: Retry): void;
  status?(status: ClientStatus): void;
  /** A connection has ended. */
  ended?(peer: Peer): void;
  /** The server calls for a stream, or sends a packet about a stream that it has called for. */
  called?(packet: Packet, peer: Peer): void;
  /** The client has given up with unsent events, and nobody awaits `ready()` or `flush()`. */
  gaveUp?(error: IPCError): void;
  /** The client has ended for good. */
  destroyed?(): void;
  /** The server has admitted the client. */
  welcomed?(welcome: Welcome, peer: Peer): void;
  /**
   * The delay before an attempt, in milliseconds. `attempt` counts from the last connection, or from the start if there was
   * none.
   */
  delay?(attempt: number, connectedBefore: boolean): number;
  /** How the client identifies itself to the server, and the proof. Default: a generated session. */
  identity?(): Pick<Hello, 'secret'> & { session: string | undefined };
}

/**
 * The common core of all clients, independent of the API: it stays connected to a server, queues packets while there is no
 * connection, sends requests, and subscribes. The queue is limited by `config.maxPendingBytes`.
 */
export class ClientCore {
  readonly config: Config;
  readonly id: string;
  readonly reconnector: Reconnector;
  /** The open calls, across connections. */
  readonly calls: Calls;
  /** The dialect until the handshake is complete. */
  readonly dialect: Dialect;
  readonly #options: ClientOptions;
  readonly #hooks: ClientHooks;
  readonly #log: Log;
  readonly #offer: { codecs?: string[]; compress?: boolean };
  readonly #queue: OfflineQueue;
  readonly #flushes = new Flushes();
  readonly #topics = new Topics<TopicHandler>();
  readonly #past = noStats();
  #session: string | undefined;
  #sessionSecret: string | undefined;
  /** Whether requests may be sent again, so that the server must know the session. */
  #retrying = false;
  /** Whether the current server knows the session. */
  #introduced = false;
  /** Runs until the server must have shown that it has room, for servers that do not confirm that. */
  #proof: NodeJS.Timeout | undefined;
  /** With `sync`: whether a packet was sent and no packet has arrived since. */
  #awaiting = false;
  /** Whether the server has answered a ping on an earlier connection. */
  #answersPings = false;

  /** @throws IPCError ERR_IPC_MISSING_PACKAGE if the config asks for a codec that is not installed */
  constructor(options: ClientOptions, hooks: ClientHooks) {
    const {
      config,
      id,
      address,
      log,
      dialect = chooseDialect(config, transportOf(address).carries),
    } = options;
    this.config = config;
    this.id = id;
    this.dialect = dialect;
    this.#options = options;
    this.#hooks = hooks;
    this.#log = escapingLog(log);
    this.#offer = offered(config);
    this.#queue = new OfflineQueue(this.#settled ? dialect : undefined, (error, id) =>
      this.#unsendable(error, id),
    );
    this.calls = new Calls('client', (packet) => {
      if (this.reconnector.over) throw this.reconnector.overError;
      return this.send(packet);
    });
    this.calls.waitsFor = () =>
      this.reconnector.connected
        ? undefined
        : { for: `a connection to ${id}`, cause: this.reconnector.fault };
    const { calls } = this;
    this.reconnector = new Reconnector(
      { id, address, config, log, dialect, calls },
      new ClientCore.#Reconnection(this),
    );
    if (observed.instance.hasSubscribers) observed.instance.publish({ kind: 'client', instance: this });
  }

  /** Where it connects to; a change applies from the next attempt on. */
  get address(): Address {
    return this.reconnector.address;
  }

  set address(address: Address) {
    checkProfile(this.config, address, 'client');
    this.reconnector.address = address;
  }

  /** Whether packets can be sent: there is a connection, and neither side is closing it. */
  get open(): boolean {
    return this.reconnector.connected && this.reconnector.peer?.open === true;
  }

  /** The figures of all connections together; `since` is the start of the current one. */
  get stats(): Stats {
    const sum = { ...this.#past, openRequests: this.calls.size, pendingBytes: this.#queue.size };
    const now = this.reconnector.peer?.stats;
    if (now === undefined) return sum;
    addTraffic(sum, now);
    sum.pendingBytes += now.pendingBytes;
    sum.since = now.since;
    return sum;
  }

  /** Whether a socket belongs to the current connection. */
  owns(socket: unknown): boolean {
    return socket === this.reconnector.socket;
  }

  /** A snapshot of the current state. */
  inspect(options?: InspectOptions): ClientInspection {
    const { peer, status, connections } = this.reconnector;
    const { local, remote } = endsOf(peer?.socket);
    return {
      kind: 'client',
      id: this.id,
      address: transportOf(this.address).url(this.address),
      ...(local === undefined ? {} : { local }),
      ...(remote === undefined ? {} : { remote }),
      dialect: (peer ?? this).dialect.name,
      status: STATUSES[status],
      connections,
      subscriptions: listed(this.#topics.patterns, options),
      requests: listed(this.calls.open, options),
      answering: peer?.answering ?? 0,
      queue: { packets: this.#queue.length, bytes: this.#queue.size },
      stats: this.stats,
    };
  }

  /**
   * Sends a packet, or queues it until there is a connection.
   * @returns false if it was not accepted; `failed` is called with the reason
   * @throws IPCError ERR_IPC_ENCODE
   */
  send(packet: Packet): boolean {
    if (this.reconnector.over) {
      this.#log(this.id, 'is closed;', packet.type, 'is not sent');
      return false;
    }
    const { peer } = this.reconnector;
    const sync = this.config.sync && !isControl(packet.type);
    // A server without room does not read what is sent to it.
    const open = peer?.admitted === true && peer.open && peer.closeInfo?.code !== 'ERR_IPC_FULL';
    if (open && !(sync && this.#awaiting)) {
      if (sync) this.#awaiting = true;
      if (this.config.logPayloads) this.#log('sending to', this.id, ':', packet.type, packet.data);
      if (this.#proof !== undefined && !this.#proves(peer)) return this.#sendUnproven(packet, peer);
      return peer.send(packet);
    }
    if (this.#options.internal === true) return false;
    if (this.#queue.push(packet, this.config.maxPendingBytes)) return true;
    this.report(this.#queueFull(open));
    return false;
  }

  /** @param open whether the packet could be sent now, if an earlier one did not have to be answered first */
  #queueFull(open: boolean): IPCError {
    let why = 'is not connected';
    if (open) why = 'has sent nothing since the last event, for which the next one waits (config.sync)';
    else if (this.reconnector.connected) why = 'is closing the connection';
    const message = `${this.id} ${why}, and the queue is full (config.maxPendingBytes); the packet was dropped. Send less, or raise the limit.`;
    return new IPCError('ERR_IPC_BACKPRESSURE', message);
  }

  /** Sends a packet over the current connection. Returns false if there is none, or if its queue is full. */
  sendNow(packet: Packet): boolean {
    return this.open && this.reconnector.peer?.send(packet) === true;
  }

  /**
   * Resolves when the kernel has accepted everything that was sent so far, including what waits for a connection.
   * @throws IPCError (rejects) ERR_IPC_UNSENT if the connection or the client ends before that
   */
  flush(): Promise<void> {
    if (this.reconnector.finished) return this.reconnector.flushed();
    const flushed = this.#flushes.wait(this.#queue.passed + this.#queue.length);
    this.#flushes.passed(this.#queue.passed, this.reconnector.peer);
    return flushed;
  }

  /** Sends a request now, or when there is a connection. */
  ask(type: string, data: unknown, options: RequestOptions): Promise<unknown> {
    // Options that are not an object are refused by the calls.
    const timeout = options?.timeout ?? this.config.requestTimeout;
    return this.calls.ask(type, data, timeout, options);
  }

  /**
   * Calls for a stream now, or when there is a connection.
   * @throws IPCError ERR_IPC_ARGUMENT, ERR_IPC_UNSUPPORTED
   */
  stream(type: string, data: unknown, options: StreamOptions): ItemStream {
    const { capabilities, name } = this.dialect;
    if (capabilities.streams === 'none') throw noStreams(name);
    const stream = this.calls.stream(type, data, this.config.requestTimeout, options, () => {
      if (options.resume === true) this.keepSession();
    });
    return stream;
  }

  /** From now on requests may be sent again, so the server must know the session, and run each request once. */
  keepSession(): void {
    this.#retrying = true;
    const { peer } = this.reconnector;
    if (peer?.admitted) this.#introduce(peer);
  }

  /** @returns the server's answer */
  async subscribe(topics: TopicNames, handler: TopicHandler, options = LASTING): Promise<unknown> {
    const patterns = patternsOf(topics);
    if (!this.dialect.capabilities.namedEvents) throw rawUnsupported(SUBSCRIBE);
    for (const pattern of patterns) this.#topics.add(pattern, handler);
    return this.ask(SUBSCRIBE, patterns, options);
  }

  /** @returns the server's answer; undefined if other handlers still need all of the subscriptions */
  async unsubscribe(
    topics: TopicNames,
    handler: TopicHandler | undefined,
    options = LASTING,
  ): Promise<unknown> {
    const patterns = patternsOf(topics).filter((pattern) => this.#topics.has(pattern));
    for (const pattern of patterns) this.#topics.remove(pattern, handler);
    const gone = patterns.filter((pattern) => !this.#topics.has(pattern));
    return gone.length > 0 ? this.ask(UNSUBSCRIBE, gone, options) : undefined;
  }

  /** Waits for open requests, sends what is queued, and closes for good. The server receives the reason, if there is one. */
  close(reason: unknown): Promise<void> {
    return this.reconnector.leave(reason === undefined ? 'plain' : { reason, reconnect: false }, true);
  }

  /** Sends what is queued and closes for good; open requests are rejected. */
  disconnect(): void {
    this.calls.end(closedError(this.id));
    void this.reconnector.leave('plain', false);
  }

  /** Closes at once and for good: queued data is lost, open requests are rejected. */
  destroy(): void {
    this.calls.end(closedError(this.id));
    this.#queue.clear();
    this.reconnector.destroy();
  }

  /** Takes over the queue of an earlier client for the same address. */
  adopt(other: ClientCore): void {
    this.#queue.adopt(other.#queue);
  }

  /** What the reconnector tells this core. A class, since calls of methods that all clients share are inlined. */
  static readonly #Reconnection = class implements ReconnectorEvents {
    readonly #core: ClientCore;

    constructor(core: ClientCore) {
      this.#core = core;
    }

    get awaitsWelcome(): boolean {
      return this.#core.#awaitsWelcome;
    }

    get held(): number {
      return this.#core.#queue.length;
    }

    hello(): Packet | undefined {
      return this.#core.#hello();
    }

    welcomed(welcome: Welcome, peer: Peer): void {
      this.#core.#hooks.welcomed?.(welcome, peer);
    }

    restored(peer: Peer, connections: number): void {
      this.#core.#restore(peer, connections);
    }

    connected(connections: number): void {
      this.#core.#hooks.connected?.(connections);
    }

    unread(): void {
      this.#core.#unread();
    }

    receive(packet: Packet, peer: Peer): void {
      this.#core.#receive(packet, peer);
    }

    ended(peer: Peer): void {
      this.#core.#ended(peer);
    }

    disconnected(info: CloseInfo | undefined): void {
      this.#core.#hooks.disconnected?.(info);
    }

    delay(attempt: number, connections: number): number {
      const core = this.#core;
      return core.#hooks.delay?.(attempt, connections > 0) ?? delayOf(core.config.retry);
    }

    retrying(attempt: number, delay: number, why: Retry): void {
      this.#core.#hooks.retrying?.(attempt, delay, why);
    }

    status(status: ClientStatus): void {
      this.#core.#hooks.status?.(status);
    }

    drain(peer: Peer): void {
      this.#core.#drain(peer);
    }

    failed(error: IPCError, peer?: Peer): void {
      this.#core.report(error, peer);
    }

    ending(error: IPCError): void {
      this.#core.#end(error);
    }

    destroyed(): void {
      this.#core.#hooks.destroyed?.();
    }
  };

  /** Whether the dialect of queued packets is known before the handshake. */
  get #settled(): boolean {
    return Object.keys(this.#offer).length === 0 && this.dialect.handshake.hello !== 'required';
  }

  get #awaitsWelcome(): boolean {
    return !this.#settled || this.config.credentials !== undefined;
  }

  #hello(): Packet | undefined {
    this.#introduced = this.#retrying;
    if (!this.#awaitsWelcome && !this.#retrying) return undefined;
    const { credentials } = this.config;
    const identity = this.#hooks.identity?.() ?? { session: this.#sessionId };
    const data: Record<string, unknown> = { ...identity, ...this.#offer };
    if (credentials !== undefined) data.credentials = credentials;
    if (this.#retrying) Object.assign(data, { secret: this.#secret, retries: true });
    return { type: HELLO, data };
  }

  #receive(packet: Packet, peer: Peer): void {
    if (this.#awaiting) this.#next();
    if (this.#proof !== undefined && packet.type !== BYE) this.#proved();
    if (isControl(packet.type) && peer.dialect.capabilities.calls) this.#control(packet, peer);
    else this.#hooks.receive(packet, peer);
  }

  #control(packet: Packet, peer: Peer): void {
    const { type, id } = packet;
    if (this.reconnector.control(packet, peer)) return;
    if (type === MESSAGE) {
      this.#message(packet, peer);
      if (id !== undefined) peer.answer(type, id, {});
    } else if (this.#hooks.called !== undefined && isForResponder(packet)) this.#hooks.called(packet, peer);
    else {
      const message = `The server sent ${escapeText(type)}, which only a client may send; the packet was ignored.`;
      const error = new IPCError('ERR_IPC_PROTOCOL', message);
      if (id !== undefined) peer.answer(type, id, undefined, error);
      this.report(error, peer);
    }
  }

  #message(packet: Packet, peer: Peer): void {
    const message = (packet.data ?? {}) as TopicMessage;
    const { topic, data } = message;
    if (typeof topic !== 'string') return;
    let claimed = false;
    if (interceptors.receive === undefined) claimed = callTopics(this.#topics, topic, data);
    else {
      const { id } = this;
      const meta = metaOf(packet);
      interceptors.receive(
        { kind: 'topic', side: 'client', type: topic, id, peer: peer.socket, meta },
        () => {
          claimed = callTopics(this.#topics, topic, data);
        },
      );
    }
    const event = claimed ? undefined : peer.dialect.unclaimed?.(message);
    if (event !== undefined) this.#hooks.receive(event, peer);
  }

  /**
   * Verifies that a process serves the connection, and drops it otherwise: the primary of a cluster leaves a connection
   * open if the worker that should have received it has died.
   */
  async #probe(peer: Peer): Promise<void> {
    const timeout = this.config.handshakeTimeout;
    // With `sync`, its answer would count as the answer to the first packet.
    if (timeout === 0 || this.config.sync) return;
    // In two rounds: if this process was busy all through the first one, it has not read the answer yet.
    for (let round = 0; round < 2; round++) {
      try {
        await this.calls.ask(PING, undefined, timeout / 2, NO_OPTIONS, (packet) => peer.send(packet));
        return;
      } catch (error) {
        if (codeOf(error) !== 'ERR_IPC_TIMEOUT' || !peer.open) return;
        // A server that sends data is alive, even if the ping's answer takes longer.
        if (peer.stats.bytesIn > 0 || this.reconnector.paused) return;
      }
    }
    // It may be another server, which does not answer pings.
    this.#answersPings = false;
    peer.destroy();
    const message =
      `${this.id} has not answered since the client connected to it again ${timeout} ms ago (config.handshakeTimeout); ` +
      'the client connects once more.';
    this.reconnector.failed(new IPCError('ERR_IPC_HANDSHAKE', message), peer);
  }

  /** Restores the state of the last connection, then sends the queued packets. */
  #restore(peer: Peer, connections: number): void {
    // A server at a message port always has room once it answers.
    const answered = transportOf(this.address).carries === 'messages';
    if (!this.#awaitsWelcome && !answered && this.#options.internal !== true) this.#prove();
    if (this.#retrying) this.#introduce(peer);
    if (this.#answersPings && peer.pipe.packetsIn === 0) void this.#probe(peer);
    if (connections > 1) {
      const patterns = this.#topics.patterns;
      if (patterns.length > 0) peer.send({ type: SUBSCRIBE, data: patterns });
      for (const packet of this.calls.takeLost()) peer.send(packet);
    }
    if (this.config.sync) this.#next();
    else this.#drain(peer);
  }

  /**
   * A server that sends no welcome reveals only later that it is full. For a moment, sent packets are kept, so that they
   * can be sent again.
   */
  #prove(): void {
    this.#proved();
    this.#queue.keepSent(this.config.maxPendingBytes);
    this.#proof = setTimeout(() => this.#proved(), PROOF_TIME).unref();
  }

  #proved(): void {
    clearTimeout(this.#proof);
    this.#proof = undefined;
    this.#queue.forgetSent();
  }

  /**
   * Whether an answer has arrived, which the peer settles by itself, and thus shows that the server has room. If so, sent
   * packets are no longer kept.
   */
  #proves(peer: Peer): boolean {
    if (peer.pipe.packetsIn === 0 || peer.closeInfo !== undefined) return false;
    this.#proved();
    return true;
  }

  #unread(): void {
    this.#queue.restoreSent();
    this.#proved();
  }

  #sendUnproven(packet: Packet, peer: Peer): boolean {
    const { pendingBytes } = peer.pipe;
    const before = this.#queue.size;
    if (!this.#queue.push(packet, this.config.maxPendingBytes - pendingBytes)) return peer.send(packet);
    if (observed.packetOut.hasSubscribers) {
      const { socket } = peer;
      observed.packetOut.publish({ side: 'client', socket, packet, bytes: this.#queue.size - before });
    }
    this.#drain(peer);
    return true;
  }

  #drain(peer: Peer): void {
    this.#queue.release(peer.pipe, (id) => this.calls.has(id));
    this.#flushes.passed(this.#queue.passed, peer);
  }

  #ended(peer: Peer): void {
    this.#proved();
    this.#awaiting = false;
    const { capabilities, handshake } = peer.dialect;
    if (capabilities.calls && handshake.hello === 'optional' && peer.speaks) this.#answersPings = true;
    this.#hooks.ended?.(peer);
    addTraffic(this.#past, peer.stats);
    this.#past.since = peer.pipe.since;
    if (!peer.admitted || this.#options.keepsCalls === true) return;
    const held = this.#queue.ids();
    this.calls.lost(lostError(this.id), (id) => !held.has(id));
  }

  #end(error: IPCError): void {
    // Requests report their failure by rejecting.
    const events = this.#queue.length - this.#queue.ids().size;
    const lost = this.#queue.clear();
    if (lost > 0) {
      const { explicitlyDisconnected, awaited } = this.reconnector;
      const why = explicitlyDisconnected ? '' : ` ${error.message}`;
      const message = `${this.id} ended with ${lost} packets unsent: there was no connection.${why}`;
      const unsent = new IPCError('ERR_IPC_UNSENT', message, { cause: error });
      this.report(unsent);
      if (events > 0 && !explicitlyDisconnected && !awaited && !this.#flushes.waiting)
        this.#hooks.gaveUp?.(unsent);
    }
    this.#flushes.end(error);
    this.calls.end(error);
  }

  /** The name of the session, the same for all connections. */
  get #sessionId(): string {
    this.#session ??= nodeCrypto().randomUUID();
    return this.#session;
  }

  /** The secret that proves that the session is this client's. Only the server learns it. */
  get #secret(): string {
    this.#sessionSecret ??= nodeCrypto().randomUUID();
    return this.#sessionSecret;
  }

  /** Tells a server, once per connection, the session of a client that may send requests again. */
  #introduce(peer: Peer): void {
    if (this.#introduced) return;
    this.#introduced = true;
    peer.send({ type: HELLO, data: { session: this.#sessionId, secret: this.#secret, retries: true } });
  }

  /** A queued packet cannot be expressed in the agreed dialect. */
  #unsendable(error: IPCError, id: PacketId | undefined): void {
    if (id === undefined) this.report(error);
    else this.calls.settle({ type: '', data: undefined, re: id, error });
  }

  /** With `sync`: a packet arrived, so the next one may be sent. */
  #next(): void {
    this.#awaiting = false;
    const { peer } = this.reconnector;
    if (this.#queue.length === 0 || !peer?.admitted || !peer.open) return;
    // Set before sending, so that packets from an error handler are queued.
    this.#awaiting = true;
    if (this.#queue.release(peer.pipe, (id) => this.calls.has(id), 1) === 0) this.#awaiting = false;
    this.#flushes.passed(this.#queue.passed, peer);
  }

  /** Reports an error. */
  report(error: IPCError, peer?: Peer): void {
    if (observed.error.hasSubscribers) {
      observed.error.publish({ side: 'client', error, socket: this.reconnector.socket });
    }
    this.#log('error:', this.id, error.message);
    this.#hooks.failed(error, peer);
  }
}
