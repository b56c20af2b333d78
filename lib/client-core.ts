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
import { Reconnector } from './reconnector.js';
import { addTraffic, noStats, type Stats } from './stats.js';
import { transportOf } from './transports/registry.js';

/** How long a server that answers nothing may take to say that it is full, in milliseconds. */
const PROOF_TIME = 1000;

/** Subscriptions are for every connection, not for the one they were made on. */
const LASTING: RequestOptions = { retries: Number.POSITIVE_INFINITY };

/** Each {@link ClientStatus} by its name. */
const STATUSES = ['idle', 'connecting', 'connected', 'ready', 'disconnected', 'reconnecting'] as const;

/** What a client is made of. */
export interface ClientOptions {
  /** What the other side is called in messages. */
  readonly id: string;
  readonly address: Address;
  readonly config: Config;
  readonly log: Log;
  /** What is spoken first. Default: what the config asks for. */
  readonly dialect?: Dialect | undefined;
  /** Whether requests that were sent wait for their answers over the next connection, too. Default: false. */
  readonly keepsCalls?: boolean | undefined;
  /**
   * Whether it carries something bigger, so that its messages are not intercepted, and are for one connection: none is held until
   * there is the next one. Default: false.
   */
  readonly internal?: boolean | undefined;
}

/** What an API makes of what happens to its client. */
export interface ClientHooks {
  /** The server sent an event, or a request. */
  receive(packet: Packet, peer: Peer): void;
  /** Something went wrong, over a connection or on the way to one. */
  failed(error: IPCError, peer: Peer | undefined): void;
  /** There is a connection: the `connections`th. */
  connected?(connections: number): void;
  disconnected?(info: CloseInfo | undefined): void;
  retrying?(attempt: number, delay: number, why: Retry): void;
  status?(status: ClientStatus): void;
  /** A connection has ended. */
  ended?(peer: Peer): void;
  /** The server calls for a stream, or sends a packet about one that it has called for. */
  called?(packet: Packet, peer: Peer): void;
  /** It has given up with events unsent, and nobody awaits `ready()` or `flush()`. */
  gaveUp?(error: IPCError): void;
  /** It is over for good. */
  destroyed?(): void;
  /** The server lets the client in, and says how. */
  welcomed?(welcome: Welcome, peer: Peer): void;
  /** Milliseconds until a try: the `attempt`th since the last connection, or since the beginning where there was none. */
  delay?(attempt: number, connectedBefore: boolean): number;
  /** What the server knows this client by, and what proves it. Default: a session of the client's own. */
  identity?(): Pick<Hello, 'secret'> & { session: string | undefined };
}

/**
 * What every client is made of, whatever its API: it stays connected to a server, sends now or when there is a connection
 * again, asks, and subscribes. Packets that wait are bounded by `config.maxPendingBytes`.
 */
export class ClientCore {
  readonly config: Config;
  readonly id: string;
  readonly address: Address;
  readonly reconnector: Reconnector;
  /** What is asked over all its connections. */
  readonly calls: Calls;
  /** What is spoken until something else is agreed on. */
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
  /** Whether requests are sent again, for which the server must know the session. */
  #retrying = false;
  /** Whether the current server knows that. */
  #introduced = false;
  /** Runs until the server has shown that it has room, where nothing else tells. */
  #proof: NodeJS.Timeout | undefined;
  /** `sync`: a packet is out and nothing has come back yet. */
  #awaiting = false;
  /** Whether the server has shown, over a connection before this one, that it answers pings. */
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
    this.address = address;
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
    this.reconnector = new Reconnector({ id, address, config, log, dialect, calls }, this.#reconnection());
    if (observed.instance.hasSubscribers) observed.instance.publish({ kind: 'client', instance: this });
  }

  /** Whether packets can be sent: there is a connection, and neither side has started to close it. */
  get open(): boolean {
    return this.reconnector.connected && this.reconnector.peer?.open === true;
  }

  /** Figures of all its connections together; `since` is the current one's beginning. */
  get stats(): Stats {
    const sum = { ...this.#past, openRequests: this.calls.size, pendingBytes: this.#queue.size };
    const now = this.reconnector.peer?.stats;
    if (now === undefined) return sum;
    addTraffic(sum, now);
    sum.pendingBytes += now.pendingBytes;
    sum.since = now.since;
    return sum;
  }

  /** Whether a connection is the current one. */
  owns(socket: unknown): boolean {
    return socket === this.reconnector.socket;
  }

  /** What it is at this moment. */
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
   * Sends a packet, or holds it until it can be sent.
   * @returns false if it was not taken; `failed` says why
   * @throws IPCError ERR_IPC_ENCODE
   */
  send(packet: Packet): boolean {
    if (this.reconnector.over) {
      this.#log(this.id, 'is closed;', packet.type, 'is not sent');
      return false;
    }
    const { peer } = this.reconnector;
    const sync = this.config.sync && !isControl(packet.type);
    // A server that has no room reads nothing more.
    const open = peer?.admitted === true && peer.open && peer.closeInfo?.code !== 'ERR_IPC_FULL';
    if (open && !(sync && this.#awaiting)) {
      if (sync) this.#awaiting = true;
      if (this.config.logPayloads) this.#log('sending to', this.id, ':', packet.type, packet.data);
      if (this.#proof !== undefined && !this.#proves(peer)) return this.#sendUnproven(packet, peer);
      return peer.send(packet);
    }
    if (this.#options.internal === true) return false;
    if (this.#queue.push(packet, this.config.maxPendingBytes)) return true;
    const message = `${this.id} holds config.maxPendingBytes already while it is not connected; this packet is not taken.`;
    this.report(new IPCError('ERR_IPC_BACKPRESSURE', message));
    return false;
  }

  /** Sends a packet over the current connection; false if there is none, or it takes no more. */
  sendNow(packet: Packet): boolean {
    return this.open && this.reconnector.peer?.send(packet) === true;
  }

  /**
   * Resolves when the kernel has accepted everything that was sent so far, what waits for a connection included.
   * @throws IPCError (rejects) ERR_IPC_UNSENT if the connection, or the client, ended before
   */
  flush(): Promise<void> {
    if (this.reconnector.finished) return this.reconnector.flushed();
    const flushed = this.#flushes.wait(this.#queue.passed + this.#queue.length);
    this.#flushes.passed(this.#queue.passed, this.reconnector.peer);
    return flushed;
  }

  /** Asks the server, now or when there is a connection. */
  ask(type: string, data: unknown, options: RequestOptions): Promise<unknown> {
    // What is not an object is refused by the calls.
    const timeout = options?.timeout ?? this.config.requestTimeout;
    return this.calls.ask(type, data, timeout, options);
  }

  /**
   * Calls the server for a stream, now or when there is a connection.
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

  /** Requests are sent again from now on, so that the server has to know the session, and runs each of them once. */
  keepSession(): void {
    this.#retrying = true;
    const { peer } = this.reconnector;
    if (peer?.admitted) this.#introduce(peer);
  }

  /** @returns what the server answers */
  async subscribe(topics: TopicNames, handler: TopicHandler, options = LASTING): Promise<unknown> {
    const patterns = patternsOf(topics);
    if (!this.dialect.capabilities.namedEvents) throw rawUnsupported(SUBSCRIBE);
    for (const pattern of patterns) this.#topics.add(pattern, handler);
    return this.ask(SUBSCRIBE, patterns, options);
  }

  /** @returns what the server answers; undefined where other handlers keep each of the subscriptions */
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

  /** Waits for open requests, sends what is left, and ends for good. With a reason, the server learns it. */
  close(reason: unknown): Promise<void> {
    return this.reconnector.leave(reason === undefined ? 'plain' : { reason, reconnect: false }, true);
  }

  /** Sends what is left and ends for good; open requests are rejected. */
  disconnect(): void {
    this.calls.end(closedError(this.id));
    void this.reconnector.leave('plain', false);
  }

  /** Ends for good at once: what is unsent is lost, open requests are rejected. */
  destroy(): void {
    this.calls.end(closedError(this.id));
    this.#queue.clear();
    this.reconnector.destroy();
  }

  /** Takes over what a client for the same address still holds. */
  adopt(other: ClientCore): void {
    this.#queue.adopt(other.#queue);
  }

  #reconnection() {
    return {
      core: this as ClientCore,
      get awaitsWelcome() {
        return this.core.#awaitsWelcome;
      },
      get held() {
        return this.core.#queue.length;
      },
      hello: () => this.#hello(),
      welcomed: (welcome: Welcome, peer: Peer) => this.#hooks.welcomed?.(welcome, peer),
      restored: (peer: Peer, connections: number) => this.#restore(peer, connections),
      connected: (connections: number) => this.#hooks.connected?.(connections),
      unread: () => this.#unread(),
      receive: (packet: Packet, peer: Peer) => this.#receive(packet, peer),
      ended: (peer: Peer) => this.#ended(peer),
      disconnected: (info: CloseInfo | undefined) => this.#hooks.disconnected?.(info),
      delay: (attempt: number, connections: number) =>
        this.#hooks.delay?.(attempt, connections > 0) ?? delayOf(this.config.retry),
      retrying: (attempt: number, delay: number, why: Retry) => this.#hooks.retrying?.(attempt, delay, why),
      status: (status: ClientStatus) => this.#hooks.status?.(status),
      drain: (peer: Peer) => this.#drain(peer),
      failed: (error: IPCError, peer?: Peer) => this.report(error, peer),
      ending: (error: IPCError) => this.#end(error),
      destroyed: () => this.#hooks.destroyed?.(),
    };
  }

  /** Whether it is known beforehand what packets will be encoded in. */
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
      const message = `The server sent ${escapeText(type)}, which is not for clients; it is ignored.`;
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
   * Makes sure that somebody serves the connection, and drops it where that is not so: the primary of a cluster keeps one open
   * that it has handed to a worker which died before it took it.
   */
  async #probe(peer: Peer): Promise<void> {
    const timeout = this.config.handshakeTimeout;
    // With `sync` its answer would pass for that to the first packet.
    if (timeout === 0 || this.config.sync) return;
    // In two rounds: a process that was busy all through one has not read its answer.
    for (let round = 0; round < 2; round++) {
      try {
        await this.calls.ask(PING, undefined, timeout / 2, NO_OPTIONS, (packet) => peer.send(packet));
        return;
      } catch (error) {
        if (codeOf(error) !== 'ERR_IPC_TIMEOUT' || !peer.open) return;
        // Whoever sends serves it, also where its first packet takes longer.
        if (peer.stats.bytesIn > 0 || this.reconnector.paused) return;
      }
    }
    // Another server may have come, which answers none.
    this.#answersPings = false;
    peer.destroy();
    const message =
      `${this.id} has not answered since the client connected to it again ${timeout} ms ago (config.handshakeTimeout); ` +
      'the client connects once more.';
    this.reconnector.failed(new IPCError('ERR_IPC_HANDSHAKE', message), peer);
  }

  /** Sends what the connection before left undone, then what was emitted meanwhile. */
  #restore(peer: Peer, connections: number): void {
    // Whoever answers over a message port has room.
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
   * A server that welcomes nobody shows only afterwards that it has no room: for a moment, what is sent to it is kept, too.
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

  /** Whether a server has shown it by an answer, which the peer has settled by itself. */
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
    // Who asked is told by a rejection.
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

  /** What the server knows this client by, however often it connects. */
  get #sessionId(): string {
    this.#session ??= nodeCrypto().randomUUID();
    return this.#session;
  }

  /** What proves that the session is ours; nobody but the server hears it. */
  get #secret(): string {
    this.#sessionSecret ??= nodeCrypto().randomUUID();
    return this.#sessionSecret;
  }

  /** Tells the server, once a connection, who sends requests again. */
  #introduce(peer: Peer): void {
    if (this.#introduced) return;
    this.#introduced = true;
    peer.send({ type: HELLO, data: { session: this.#sessionId, secret: this.#secret, retries: true } });
  }

  /** What was held cannot be said in the dialect that was agreed on. */
  #unsendable(error: IPCError, id: PacketId | undefined): void {
    if (id === undefined) this.report(error);
    else this.calls.settle({ type: '', data: undefined, re: id, error });
  }

  /** `sync`: something came back, so the next packet may go. */
  #next(): void {
    this.#awaiting = false;
    const { peer } = this.reconnector;
    if (this.#queue.length === 0 || !peer?.admitted || !peer.open) return;
    // Before it is sent: what an error handler emits meanwhile has to wait.
    this.#awaiting = true;
    if (this.#queue.release(peer.pipe, (id) => this.calls.has(id), 1) === 0) this.#awaiting = false;
    this.#flushes.passed(this.#queue.passed, peer);
  }

  /** Says that something went wrong. */
  report(error: IPCError, peer?: Peer): void {
    if (observed.error.hasSubscribers) {
      observed.error.publish({ side: 'client', error, socket: this.reconnector.socket });
    }
    this.#log('error:', this.id, error.message);
    this.#hooks.failed(error, peer);
  }
}
