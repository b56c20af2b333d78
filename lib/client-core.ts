import type { Address } from '../entities/address.js';
import type { Config } from '../entities/config.js';
import { closedError, IPCError, lostError } from '../entities/errors.js';
import { tooLargeToHold } from '../entities/limits.js';
import { BYE, isControl, isOfFrame, MESSAGE, type Packet, type PacketId } from '../entities/packet.js';
import { isForResponder } from '../entities/stream.js';
import { counted, escapeText } from '../entities/text.js';
import type { ClientHooks } from './client-hooks.js';
import { ClientIdentity } from './client-identity.js';
import { ClientTopics } from './client-topics.js';
import type { StreamOptions } from './conversations/call-stream.js';
import { Calls } from './conversations/calls.js';
import type { ItemStream } from './conversations/item-stream.js';
import type { RequestOptions } from './conversations/request-options.js';
import { chooseDialect } from './dialects/choose.js';
import type { Dialect } from './dialects/dialect.js';
import { Flushes } from './flushes.js';
import { type Holder, hold, holdNothing } from './holders.js';
import { type ClientInspection, endsOf, type InspectOptions, listed } from './inspection.js';
import { LivenessProbe } from './liveness-probe.js';
import { escapingLog, type Log } from './log.js';
import { observed } from './observe.js';
import { OfflineQueue } from './offline-queue.js';
import { noStreams, type Peer } from './peer.js';
import { checkProfile } from './profile.js';
import { ProvisionalAdmission } from './provisional-admission.js';
import { Reconnector, type ReconnectorEvents } from './reconnector.js';
import { ReportLimit } from './report-limit.js';
import { addTraffic, noStats, type Stats } from './stats.js';
import { transportOf } from './transports/registry.js';

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

/**
 * The common core of all clients, independent of the API: it stays connected to a server, queues packets while there is no
 * connection, sends requests, and subscribes. The queue is limited by `config.maxPendingBytes`.
 */
export class ClientCore implements Holder {
  readonly config: Config;
  readonly id: string;
  readonly reconnector: Reconnector;
  /** The open calls, across connections. */
  readonly calls: Calls;
  readonly topics: ClientTopics;
  /** The dialect until the handshake is complete. */
  readonly dialect: Dialect;
  readonly #options: ClientOptions;
  readonly #hooks: ClientHooks;
  readonly #log: Log;
  readonly #identity: ClientIdentity;
  readonly #queue: OfflineQueue;
  readonly #flushes = new Flushes();
  readonly #liveness: LivenessProbe;
  readonly #past = noStats();
  readonly #reports = new ReportLimit('one connection');
  /** While the server may turn out to be full. */
  #provisional: ProvisionalAdmission | undefined;
  /** With `sync`: whether a packet was sent and no packet has arrived since. */
  #awaiting = false;

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
    const identity = new ClientIdentity(config, dialect, hooks);
    this.#identity = identity;
    this.#queue = new OfflineQueue(identity.settled ? dialect : undefined, (error, id) =>
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
    this.calls.onExpired = () => this.#liveness.unanswered(this.reconnector.peer);
    this.calls.onResumable = () => this.keepSession();
    this.topics = new ClientTopics(this);
    this.#liveness = new LivenessProbe(this);
    const { calls } = this;
    this.reconnector = new Reconnector(
      { id, address, config, log, dialect, identity, calls },
      new ClientCore.#Reconnection(this),
      hooks,
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
      subscriptions: listed(this.topics.patterns, options),
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
    const open = accepts(peer);
    if (open && !(sync && this.#awaiting)) {
      if (sync) this.#awaiting = true;
      if (this.config.logPayloads) this.#log('sending to', this.id, ':', packet.type, packet.data);
      if (this.#provisional !== undefined && !this.#confirms(peer))
        return this.#sendProvisionally(packet, peer);
      return peer.send(packet);
    }
    if (this.#options.internal === true) return false;
    if (this.#queue.push(packet, this.config.maxPendingBytes)) {
      hold(this);
      return true;
    }
    this.report(this.#queueFull(open));
    return false;
  }

  /** @param open whether the packet could be sent now, if an earlier one did not have to be answered first */
  #queueFull(open: boolean): IPCError {
    const { maxPendingBytes } = this.config;
    if (this.#queue.refused > maxPendingBytes) return tooLargeToHold(this.#queue.refused, maxPendingBytes);
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

  /**
   * The process exits: sends what waits for an answer to an earlier packet (config.sync). What waits for a connection is
   * lost.
   */
  exiting(): void {
    const { peer } = this.reconnector;
    if (accepts(peer)) this.#drain(peer);
    const events = this.#queue.length - this.#queue.ids().size;
    if (events > 0) this.report(exited(this.id, events));
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
    return this.calls.stream(type, data, this.config.requestTimeout, options);
  }

  /** From now on requests may be sent again, so the server must know the session, and run each request once. */
  keepSession(): void {
    this.#identity.keepSession(this.reconnector.peer);
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
    holdNothing(this);
    this.reconnector.destroy();
  }

  /** Takes over the queue of an earlier client for the same address. */
  adopt(other: ClientCore): void {
    this.#queue.adopt(other.#queue);
    holdNothing(other);
    if (this.#queue.length > 0) hold(this);
  }

  /** What the reconnector tells this core. A class, since calls of methods that all clients share are inlined. */
  static readonly #Reconnection = class implements ReconnectorEvents {
    readonly #core: ClientCore;

    constructor(core: ClientCore) {
      this.#core = core;
    }

    get held(): number {
      return this.#core.#queue.length;
    }

    restored(peer: Peer, connections: number): void {
      this.#core.#restore(peer, connections);
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

    drain(peer: Peer): void {
      this.#core.#drain(peer);
    }

    failed(error: IPCError, peer?: Peer): void {
      if (isOfFrame(error) && peer !== undefined) this.#core.invalid(error, peer);
      else this.#core.report(error, peer);
    }

    ending(error: IPCError): void {
      this.#core.#end(error);
    }
  };

  #receive(packet: Packet, peer: Peer): void {
    if (this.#awaiting) this.#next();
    if (this.#provisional !== undefined && packet.type !== BYE) this.#confirmed();
    if (isControl(packet.type) && peer.dialect.capabilities.calls) this.#control(packet, peer);
    else this.#hooks.receive(packet, peer);
  }

  #control(packet: Packet, peer: Peer): void {
    const { type, id } = packet;
    if (this.reconnector.control(packet, peer)) return;
    if (type === MESSAGE) {
      const event = this.topics.receive(packet, peer);
      if (event !== undefined) this.#hooks.receive(event, peer);
      if (id !== undefined) peer.answer(type, id, {});
    } else if (this.#hooks.called !== undefined && isForResponder(packet)) this.#hooks.called(packet, peer);
    else {
      const message = `The server sent ${escapeText(type)}, which only a client may send; the packet was ignored.`;
      const error = new IPCError('ERR_IPC_PROTOCOL', message);
      if (id !== undefined) peer.answer(type, id, undefined, error);
      this.invalid(error, peer);
    }
  }

  /** Restores the state of the last connection, then sends the queued packets. */
  #restore(peer: Peer, connections: number): void {
    // A server at a message port always has room once it answers.
    const answered = transportOf(this.address).carries === 'messages';
    if (!this.#identity.awaitsWelcome && !answered && this.#options.internal !== true)
      this.#admitProvisionally();
    this.#identity.introduce(peer);
    this.#liveness.began(peer);
    if (connections > 1) {
      this.topics.restore(peer);
      for (const packet of this.calls.takeLost()) peer.send(packet);
    }
    if (this.config.sync) this.#next();
    else this.#drain(peer);
  }

  /** The server sends no welcome, and may turn out to be full. */
  #admitProvisionally(): void {
    this.#confirmed();
    const { maxPendingBytes } = this.config;
    this.#provisional = new ProvisionalAdmission(this.#queue, maxPendingBytes, () => this.#confirmed());
  }

  /** The server has room, or the connection has ended. */
  #confirmed(): void {
    this.#provisional?.end();
    this.#provisional = undefined;
  }

  /** Whether an answer has arrived, which the peer settles by itself, and thus shows that the server has room. */
  #confirms(peer: Peer): boolean {
    if (peer.pipe.packetsIn === 0 || peer.closeInfo !== undefined) return false;
    this.#confirmed();
    return true;
  }

  #unread(): void {
    this.#queue.restoreSent();
    if (this.#queue.length > 0) hold(this);
    this.#confirmed();
  }

  #sendProvisionally(packet: Packet, peer: Peer): boolean {
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
    if (this.#queue.length === 0) holdNothing(this);
    this.#flushes.passed(this.#queue.passed, peer);
  }

  #ended(peer: Peer): void {
    this.#confirmed();
    this.#awaiting = false;
    this.#liveness.ended(peer);
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
    holdNothing(this);
    if (lost > 0) {
      const { explicitlyDisconnected, awaited } = this.reconnector;
      const why = explicitlyDisconnected ? 'Await ready() or flush() before you close it.' : error.message;
      const message = `${this.id} ended with ${counted(lost, 'unsent packet')}: there was no connection. ${why}`;
      const unsent = new IPCError('ERR_IPC_UNSENT', message, { cause: error });
      this.report(unsent);
      if (events > 0 && !explicitlyDisconnected && !awaited && !this.#flushes.waiting)
        this.#hooks.gaveUp?.(unsent);
    }
    this.#flushes.end(error);
    this.calls.end(error);
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
    if (this.#queue.length === 0) holdNothing(this);
    this.#flushes.passed(this.#queue.passed, peer);
  }

  /** Reports a packet or frame of the server that is invalid, of which it may send any number. */
  invalid(error: IPCError, peer: Peer): void {
    const reported = this.#reports.pass(() => error);
    if (reported !== undefined) this.report(reported, peer);
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

/** Whether a connection takes packets. A server without room does not read what is sent to it. */
function accepts(peer: Peer | undefined): peer is Peer {
  return peer?.admitted === true && peer.open && peer.closeInfo?.code !== 'ERR_IPC_FULL';
}

/** The error of events that are lost because the process exits before there is a connection. */
function exited(id: string, events: number): IPCError {
  const message = `The process exits with ${counted(events, 'event')} for ${id} unsent, because there is no connection; await flush() or close() before it exits.`;
  return new IPCError('ERR_IPC_UNSENT', message);
}
