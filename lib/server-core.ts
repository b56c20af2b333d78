import type { Address, UdpAddress } from '../entities/address.js';
import { type Config, settingOf, validate } from '../entities/config.js';
import { IPCError, messageOf, reservedError } from '../entities/errors.js';
import { STOP_TIMEOUT } from '../entities/limits.js';
import {
  BYE,
  bytesOf,
  type Encoded,
  HELLO,
  type Hello,
  isControl,
  MESSAGE,
  type Meta,
  metaOf,
  type Packet,
  PUBLISH,
  SUBSCRIBE,
  type TopicMessage,
  UNSUBSCRIBE,
  withMeta,
} from '../entities/packet.js';
import { changedSince } from '../entities/settings.js';
import { isForResponder } from '../entities/stream.js';
import { escapeText } from '../entities/text.js';
import type { Acceptor, AcceptorEvents, StopOptions } from './acceptor.js';
import type { Backplane, JoinBackplane } from './backplane.js';
import { BackplaneMembership } from './backplane-membership.js';
import { ConnectionAcceptor } from './connection-acceptor.js';
import { Responder } from './conversations/responder.js';
import { Subscribers } from './conversations/subscribers.js';
import { checkTopic } from './conversations/topics.js';
import { DatagramAcceptor } from './datagram-acceptor.js';
import { Deadline } from './deadline.js';
import { dialectsOf } from './dialects/choose.js';
import type { Dialect } from './dialects/dialect.js';
import { prepareCodecs } from './dialects/negotiation.js';
import {
  endsOf,
  type InspectOptions,
  listed,
  type PeerInspection,
  type ServerInspection,
} from './inspection.js';
import { Lifecycle } from './lifecycle.js';
import { escapingLog, type Log } from './log.js';
import { observed } from './observe.js';
import type { Peer } from './peer.js';
import { checkProfile } from './profile.js';
import type { ServerClients } from './server-clients.js';
import { type ClientNaming, ServerHandshake } from './server-handshake.js';
import { ServerMemory } from './server-memory.js';
import { transportOf } from './transports/registry.js';
import type { Transport } from './transports/transport.js';
import { warn } from './warnings.js';

/** The options of a server core. */
export interface ServerOptions {
  readonly address: Address;
  readonly config: Config;
  readonly log: Log;
  /** The dialect of its clients. Default: according to the config. */
  readonly dialect?: Dialect | undefined;
  /** A promise to wait for before listening, such as the end of a server with the same address. */
  readonly after?: Promise<void> | undefined;
  /** The program's config, of which `config` is a copy. The start of a server warns of changes that it does not use. */
  readonly current?: (() => Config) | undefined;
  /** Joins the other servers with the same id. Default: none. */
  readonly backplane?: JoinBackplane | undefined;
  /** Whether the server is an internal part of something else, so that its messages are not intercepted. Default: false. */
  readonly internal?: boolean | undefined;
}

/** The callbacks of the API on top of a server core. */
export interface ServerHooks extends ClientNaming {
  started(): void;
  /** The socket file had been deleted, and the server listens on a new one. */
  relistened?(): void;
  stopped(): void;
  /** A peer was admitted. */
  admitted(peer: Peer): void;
  /** An admitted peer sent an event or a request. */
  receive(packet: Packet, peer: Peer): void;
  /** An admitted peer has disconnected. */
  left(peer: Peer): void;
  /** An error occurred, with a peer or with the server itself. */
  failed(error: IPCError, peer: Peer | undefined, socket: unknown): void;
  /** Another server with the same id has joined or left. */
  serverJoined?(server: string): void;
  serverLeft?(server: string): void;
}

/**
 * The common core of all servers, independent of the API and the transport: it listens, does the handshake, and keeps
 * subscriptions and sessions.
 */
export class ServerCore {
  readonly config: Config;
  readonly acceptor: Acceptor;
  /** Answers the requests of peers. */
  readonly responder: Responder;
  #address: Address;
  readonly #transport: Transport;
  readonly #current: (() => Config) | undefined;
  readonly #log: Log;
  readonly #after: Promise<void> | undefined;
  readonly #hooks: ServerHooks;
  readonly #subscribers = new Subscribers<Peer>();
  readonly #lifecycle = new Lifecycle<void>();
  readonly #memory: ServerMemory;
  /** The dialects that clients may use. */
  readonly #dialects: readonly string[];
  readonly #handshake: ServerHandshake;
  readonly #joinBackplane: JoinBackplane | undefined;
  readonly #membership: BackplaneMembership;

  constructor(options: ServerOptions, hooks: ServerHooks) {
    const { address, config, current, log, dialect, after, backplane } = options;
    this.config = config;
    this.responder = new Responder('server', { strict: config.profile === 'assured' });
    this.#joinBackplane = backplane;
    this.#address = address;
    this.#transport = transportOf(address);
    this.#log = escapingLog(log);
    this.#hooks = hooks;
    this.#after = after;
    this.#current = current;
    const events: AcceptorEvents = {
      greet: (hello, peer) => this.#handshake.greet(hello as Hello, peer),
      admitted: (peer) => this.#admitted(peer),
      detected: (peer) => this.#subscribeToAll(peer),
      receive: (packet, peer) => this.#receive(packet, peer),
      grew: (bytes) => this.#memory.grew(bytes),
      closed: (peer) => this.#closed(peer),
      relistened: () => this.#relistened(),
      failed: (error, peer, socket) => this.report(error, peer, socket),
    };
    this.acceptor =
      this.#transport.carries === 'datagrams'
        ? new DatagramAcceptor(config, address as UdpAddress, events)
        : new ConnectionAcceptor(config, address, events, dialect);
    this.#dialects = dialect === undefined ? dialectsOf(config, this.#transport.carries) : [dialect.name];
    this.#handshake = new ServerHandshake(config, this.responder, hooks);
    this.#membership = new BackplaneMembership(this.acceptor);
    this.#memory = new ServerMemory({
      config,
      responder: this.responder,
      subscribers: this.#subscribers,
      peers: () => this.acceptor.peers,
      failed: (error, peer) => this.report(error, peer, peer?.socket),
    });
    // Over UDP there are no connections that could be closed to free memory.
    if (!this.acceptor.connectionless) this.responder.grew = (bytes) => this.#memory.grew(bytes);
    if (observed.instance.hasSubscribers) observed.instance.publish({ kind: 'server', instance: this });
  }

  /** The address; while listening, with the actual port. */
  get address(): Address {
    return this.#address;
  }

  /** Sets where the next `start` listens. */
  set address(address: Address) {
    checkProfile(this.config, address, 'server');
    this.#address = address;
  }

  /** Whether it listens or is about to, and was not stopped since. */
  get active(): boolean {
    return this.#lifecycle.active;
  }

  /** The other servers with the same id, while it has joined them. */
  get backplane(): Backplane | undefined {
    return this.#membership.backplane;
  }

  /** The clients by their ids. */
  get clients(): ServerClients {
    return this.#membership.clients;
  }

  /** The subscriptions to topics on this server. */
  get subscribers(): Subscribers<Peer> {
    return this.#subscribers;
  }

  /** Whether a socket belongs to one of the peers. */
  owns(socket: unknown): boolean {
    return this.acceptor.peerOf(socket) !== undefined;
  }

  /** A snapshot of the current state. */
  inspect(options?: InspectOptions): ServerInspection {
    return {
      kind: 'server',
      address: this.#transport.url(this.#address),
      listening: this.acceptor.server !== undefined,
      dialects: this.#dialects,
      peers: listed([...this.acceptor.peers], options, (peer) => this.#inspected(peer, options)),
      subscriptions: listed(this.#subscribers.handled, options),
      stats: this.acceptor.stats,
    };
  }

  /**
   * Starts to listen, unless it does already. While it is stopping, it starts again afterwards.
   * @throws IPCError (rejects, and is reported) ERR_IPC_IN_USE, ERR_IPC_ADDRESS, ERR_IPC_CONFIG, ERR_IPC_LISTEN
   */
  start(): Promise<void> {
    return this.#lifecycle.start(
      () => this.#start(),
      (error) => this.report(error as IPCError, undefined, undefined),
    );
  }

  /** Stops listening, waits for running handlers to answer, sends what is queued, and closes every connection. */
  stop(options: StopOptions): Promise<void> {
    return this.#lifecycle.stop(() => this.#stop(options));
  }

  /** Keeps the process running. This is the default; see {@link unref}. */
  ref(): void {
    this.acceptor.ref();
    this.#membership.ref();
  }

  unref(): void {
    this.acceptor.unref();
    this.#membership.unref();
  }

  /**
   * Resolves when the kernel has accepted everything that was sent so far.
   * @throws IPCError (rejects) ERR_IPC_UNSENT
   */
  async flush(): Promise<void> {
    const lost = await this.acceptor.flush();
    if (lost === 0) return;
    const message = `${lost === 1 ? 'A connection' : `${lost} connections`} ended before everything was sent; listen to error for which.`;
    throw new IPCError('ERR_IPC_UNSENT', message);
  }

  /** Sends a message to the subscribers of a topic on all servers. If there are none, nothing is sent. */
  publish(topic: string, data: unknown, meta?: Meta): void {
    this.#membership.backplane?.publish(checkTopic(topic), data, meta);
    this.publishHere(topic, data, meta);
  }

  /** Like {@link publish}, on this server only. */
  publishHere(topic: string, data: unknown, meta?: Meta): void {
    const peers = this.#subscribers.publish(topic, data, meta);
    if (peers.length > 0) this.broadcast(withMeta({ type: MESSAGE, data: { topic, data } }, meta), peers);
  }

  /** Sends a packet to many peers. It is encoded once for each dialect in which the encoding is the same for all. */
  broadcast(packet: Packet, peers: Iterable<Peer> = this.acceptor.peers): void {
    if (this.config.logPayloads) this.#log('broadcasting', packet.type, packet.data);
    const observing = observed.packetOut.hasSubscribers;
    let dialect: Dialect | undefined;
    let encoded: Encoded | undefined;
    for (const peer of peers) {
      if (!peer.admitted) continue;
      const { pipe } = peer;
      if (pipe.dialect !== dialect) {
        dialect = pipe.dialect;
        encoded = dialect.capabilities.sharedEncoding ? dialect.encode(packet) : undefined;
      }
      if (encoded === undefined) pipe.send(packet);
      else if (pipe.write(encoded) && observing) {
        const { socket } = peer;
        observed.packetOut.publish({ side: 'server', socket, packet, bytes: bytesOf(encoded) });
      }
    }
  }

  #inspected(peer: Peer, options?: InspectOptions): PeerInspection {
    const { remote, label } = endsOf(peer.socket);
    return {
      ...(remote === undefined ? {} : { remote }),
      ...(label === undefined ? {} : { label }),
      dialect: peer.dialect.name,
      admitted: peer.admitted,
      subscriptions: listed(this.#subscribers.patternsOf(peer), options),
      requests: listed(peer.openRequests, options),
      answering: peer.answering,
      stats: peer.stats,
    };
  }

  /** Reports an error. */
  report(error: IPCError, peer: Peer | undefined, socket: unknown): void {
    if (observed.error.hasSubscribers) observed.error.publish({ side: 'server', error, socket });
    this.#log('error:', error.message);
    this.#hooks.failed(error, peer, socket);
  }

  async #start(): Promise<void> {
    if (this.#after !== undefined) await this.#after;
    this.#log('starting server on', this.#transport.describe(this.#address));
    validate(this.config);
    if (this.#current !== undefined) checkChanges(this.config, this.#current(), this.#address.transport);
    prepareCodecs(this.config);
    if (this.#joinBackplane !== undefined) await this.#join(this.#joinBackplane);
    try {
      await this.#listen();
    } catch (error) {
      await this.#membership.leave();
      throw error;
    }
  }

  #join(join: JoinBackplane): Promise<void> {
    return this.#membership.join(join, this, {
      joined: (server) => this.#hooks.serverJoined?.(server),
      left: (server) => this.#hooks.serverLeft?.(server),
      failed: (error) => this.report(error, undefined, undefined),
    });
  }

  async #listen(): Promise<void> {
    this.#address = await this.acceptor.start(this.#address);
    this.#log('server started on', this.#transport.describe(this.#address));
    this.#hooks.started();
  }

  #relistened(): void {
    this.#log('the socket file', this.#transport.describe(this.#address), 'was removed; listening again');
    this.#hooks.relistened?.();
  }

  async #stop(options: StopOptions): Promise<void> {
    const limit = new Deadline(options.timeout ?? STOP_TIMEOUT);
    await this.acceptor.stop(options);
    await this.#membership.leave(limit.left);
    this.responder.end();
    this.#log('server stopped');
    this.#hooks.stopped();
  }

  #admitted(peer: Peer): void {
    this.#subscribeToAll(peer);
    this.#log('client connected');
    this.#hooks.admitted(peer);
  }

  /** A peer whose dialect has no subscriptions receives all topics. */
  #subscribeToAll(peer: Peer): void {
    if (peer.dialect.capabilities.published === 'to-all') this.#subscribers.add('>', peer);
  }

  #closed(peer: Peer): void {
    this.responder.leave(peer);
    this.#subscribers.leave(peer);
    this.#membership.forget(peer);
    if (peer.admitted) this.#hooks.left(peer);
  }

  #receive(packet: Packet, peer: Peer): void {
    if (isControl(packet.type) && peer.dialect.capabilities.calls) this.#control(packet, peer);
    else this.#hooks.receive(packet, peer);
  }

  #control(packet: Packet, peer: Peer): void {
    const { type, data } = packet;
    if (this.acceptor.connectionless) this.#refuse(packet, peer, reservedError(type));
    else if (type === PUBLISH) this.#answer(packet, peer, () => this.#publish(packet));
    else if (type === HELLO) this.#handshake.greet((data ?? {}) as Hello, peer);
    else if (type === SUBSCRIBE) this.#answer(packet, peer, () => this.#subscribe(data, peer));
    else if (type === UNSUBSCRIBE) this.#answer(packet, peer, () => this.#subscribers.remove(data, peer));
    else if (isForResponder(packet)) this.responder.streams.called(packet, peer);
    else if (type !== BYE) {
      const message = `A client sent ${escapeText(type)}, which only a server may send; the packet was ignored.`;
      this.#refuse(packet, peer, new IPCError('ERR_IPC_PROTOCOL', message));
    }
  }

  #subscribe(topics: unknown, peer: Peer): boolean {
    const before = this.#subscribers.bytesOf(peer);
    const changed = this.#subscribers.add(topics, peer);
    this.#memory.grew(this.#subscribers.bytesOf(peer) - before);
    return changed;
  }

  #publish(packet: Packet): boolean {
    const message = packet.data as TopicMessage | undefined;
    try {
      this.publish(message?.topic as string, message?.data, metaOf(packet));
      return true;
    } catch (error) {
      const what = `A client's publish was ignored: ${messageOf(error)}`;
      throw new IPCError('ERR_IPC_PROTOCOL', what, { cause: error });
    }
  }

  /** Executes a control packet. The `result` of the answer says whether it changed anything. */
  #answer(packet: Packet, peer: Peer, act: () => boolean): void {
    let result: boolean;
    try {
      result = act();
    } catch (error) {
      this.#refuse(packet, peer, error as IPCError);
      return;
    }
    if (packet.id !== undefined) peer.answer(packet.type, packet.id, { result });
  }

  /** Reports a refusal to the peer if it sent a request, otherwise to this side. */
  #refuse({ type, id }: Packet, peer: Peer, error: IPCError): void {
    if (id === undefined) this.acceptor.invalid(error, peer);
    else peer.answer(type, id, undefined, error);
  }
}

/**
 * Warns of settings that changed since the server was set up, which it does not use. It does not start without protection
 * that was set too late.
 * @throws IPCError ERR_IPC_CONFIG
 */
function checkChanges(config: Config, current: Config, transport: string): void {
  const keys = changedSince(config, current);
  if (keys.length === 0) return;
  const what = keys.map((key) => `config.${key}`).join(', ');
  const message = `${what} changed after serve, and before the server started, which does not use the change; set it before serve.`;
  const error = new IPCError('ERR_IPC_CONFIG', message);
  const isMissed = (key: string) => {
    const { protects, default: usual } = settingOf(key) ?? {};
    return (protects === 'all' || protects === transport) && current[key as keyof Config] !== usual;
  };
  if (keys.some(isMissed)) throw error;
  warn(error);
}
