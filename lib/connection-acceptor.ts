import type { Address } from '../entities/address.js';
import type { Config } from '../entities/config.js';
import { IPCError, lostError, messageOf } from '../entities/errors.js';
import { LONGEST_TIMER, STOP_TIMEOUT } from '../entities/limits.js';
import { type CloseInfo, isOfFrame, type Packet } from '../entities/packet.js';
import { counted } from '../entities/text.js';
import type { Acceptor, AcceptorEvents, StopOptions } from './acceptor.js';
import { Admission } from './admission.js';
import { chooseServerDialect } from './dialects/choose.js';
import type { Dialect } from './dialects/dialect.js';
import { Peer, type PeerOwner } from './peer.js';
import { openPipe } from './pipes/open.js';
import { ReportLimit } from './report-limit.js';
import { addTraffic, noStats, type Stats } from './stats.js';
import { transportOf } from './transports/registry.js';
import type { Listener, Transport } from './transports/transport.js';

/** How many clients may be told at the same time that there is no room; further ones are disconnected without a reason. */
const MOST_TURNED_AWAY = 100;
/** How many malformed frames an admitted peer may send within the period; each is reported. */
const MOST_MALFORMED = 100;
const MALFORMED_TIME = 60_000;

/** Accepts connections over any transport that has them, and owns a peer for each. */
export class ConnectionAcceptor implements Acceptor, PeerOwner {
  readonly side = 'server';
  readonly connectionless = false;
  readonly config: Config;
  readonly #events: AcceptorEvents;
  readonly #given: Dialect | undefined;
  readonly #transport: Transport;
  readonly #admission: Admission;
  readonly #peers = new Map<unknown, Peer>();
  /** Peers that are being told that there is no room. */
  readonly #turnedAway = new Set<Peer>();
  /** How many malformed frames each peer has sent, and since when. */
  readonly #malformed = new WeakMap<Peer, { count: number; since: number }>();
  /** The limits of reports of peers that have sent invalid packets. */
  readonly #reports = new WeakMap<Peer, ReportLimit>();
  /** Peers that are being closed, each with a callback for when it is gone. */
  readonly #ending = new Map<Peer, () => void>();
  readonly #past = noStats(Date.now());
  #dialect: Dialect | undefined;
  #listener: Listener | undefined;
  #leaving = false;
  #paused = false;
  #refed = true;

  /** @param dialect the dialect of the clients, if the config does not determine it */
  constructor(config: Config, address: Address, events: AcceptorEvents, dialect?: Dialect) {
    this.config = config;
    this.#events = events;
    this.#given = dialect;
    this.#transport = transportOf(address);
    this.#admission = new Admission(config, {
      greet: (hello, peer) => events.greet(hello, peer),
      admit: (peer) => this.#admit(peer),
      failed: (error, peer) => this.failed(error, peer),
    });
  }

  get peers(): Iterable<Peer> {
    return this.#peers.values();
  }

  get sockets(): unknown[] {
    const sockets: unknown[] = [];
    for (const [socket, peer] of this.#peers) if (peer.admitted) sockets.push(socket);
    return sockets;
  }

  get server(): unknown {
    return this.#listener?.server;
  }

  get stats(): Stats & { connections: number } {
    const sum = { ...this.#past, connections: this.#peers.size };
    for (const { stats } of this.#peers.values()) {
      addTraffic(sum, stats);
      sum.openRequests += stats.openRequests;
      sum.pendingBytes += stats.pendingBytes;
    }
    return sum;
  }

  peerOf(socket: unknown): Peer | undefined {
    return this.#peers.get(socket);
  }

  async start(address: Address): Promise<Address> {
    this.#leaving = false;
    this.#dialect = this.#given ?? chooseServerDialect(this.config, this.#transport.carries);
    try {
      this.#listener = await this.#transport.listen(address, this.config, {
        socket: (carrier) => this.#connected(carrier),
        error: (error) => this.#events.failed(asIPCError(error), undefined, undefined),
        relisten: () => this.#events.relistened(),
      });
    } catch (error) {
      throw asIPCError(error);
    }
    if (!this.#refed) this.#listener.unref();
    const { port } = this.#listener;
    return port === undefined ? address : ({ ...address, port } as Address);
  }

  async stop(options: StopOptions): Promise<void> {
    const { timeout = STOP_TIMEOUT, reconnect = true, reason = 'the server stopped' } = options;
    const listener = this.#listener as Listener;
    this.#leaving = true;
    const closed = listener.close();
    const silent = options.reconnect === undefined && options.reason === undefined;
    const bye: CloseInfo | undefined = silent ? undefined : { reason, reconnect };
    for (const peer of this.#turnedAway) peer.destroy();
    const ends = [...this.#peers.values()].map((peer) => this.#end(peer, bye, timeout));
    await Promise.all([closed, ...ends]);
    listener.abandon?.();
    this.#listener = undefined;
  }

  async flush(): Promise<number> {
    const pipes = Array.from(this.#peers.values(), ({ pipe }) => pipe);
    const lost = await Promise.all(
      pipes.map((pipe) => new Promise<boolean>((resolve) => pipe.drained(resolve))),
    );
    return lost.filter(Boolean).length;
  }

  pause(): void {
    this.#paused = true;
    for (const peer of this.#peers.values()) if (peer.admitted) peer.pipe.pause();
  }

  resume(): void {
    this.#paused = false;
    for (const peer of this.#peers.values()) peer.pipe.resume();
  }

  ref(): void {
    this.#refed = true;
    this.#listener?.ref();
  }

  unref(): void {
    this.#refed = false;
    this.#listener?.unref();
  }

  receive(packet: Packet, peer: Peer): void {
    if (peer.admitted) this.#events.receive(packet, peer);
    else this.#admission.receive(packet, peer);
  }

  detected(peer: Peer): void {
    if (peer.admitted) this.#events.detected(peer);
    else this.#admission.opened(peer);
  }

  failed(error: IPCError, peer: Peer): void {
    if (error.code === 'ERR_IPC_BACKPRESSURE') peer.destroy();
    this.#events.failed(error, peer, peer.socket);
    if (isOfFrame(error) && peer.open) this.#misread(peer);
  }

  invalid(error: IPCError, peer: Peer): void {
    let limit = this.#reports.get(peer);
    if (limit === undefined) {
      limit = new ReportLimit('one connection');
      this.#reports.set(peer, limit);
    }
    const reported = limit.pass(() => error);
    if (reported !== undefined) this.#events.failed(reported, peer, peer.socket);
  }

  exceeded(peer: Peer): void {
    if (!peer.admitted) this.#admission.exceeded(peer);
  }

  grew(bytes: number): void {
    this.#events.grew(bytes);
  }

  broke(cause: Error, peer: Peer): void {
    this.failed(this.#transport.broken(cause), peer);
  }

  closed(peer: Peer): void {
    if (this.#turnedAway.delete(peer)) return;
    // The next connection over the same port may exist already.
    if (this.#peers.get(peer.socket) === peer) this.#peers.delete(peer.socket);
    this.#admission.leave(peer);
    addTraffic(this.#past, peer.stats);
    peer.endCalls(lostError('the client'));
    this.#events.closed(peer);
    this.#ending.get(peer)?.();
  }

  #connected(carrier: unknown): void {
    const { carries } = this.#transport;
    const dialect = this.#dialect as Dialect;
    const peer = new Peer(this, (listener) => openPipe(carries, carrier, dialect, this.config, listener));
    if (this.#leaving) {
      // The TLS handshake completed after the server was stopped.
      peer.destroy();
      return;
    }
    const most = this.config.maxConnections;
    if (most > 0 && this.#peers.size >= most) {
      this.#turnAway(peer, most);
      return;
    }
    this.#peers.set(peer.socket, peer);
    this.#admission.opened(peer);
  }

  /** There is no room for the peer: both sides are told. A peer of a library without byes only sees the connection close. */
  #turnAway(peer: Peer, most: number): void {
    this.#turnedAway.add(peer);
    if (this.#turnedAway.size > MOST_TURNED_AWAY) peer.destroy();
    else
      peer.refuse({
        reason: `the server is full: it takes ${counted(most, 'client')}`,
        reconnect: true,
        code: 'ERR_IPC_FULL',
      });
    const message =
      `A client was turned away because the server has ${counted(most, 'client')}, which is the limit; raise config.maxConnections, ` +
      'or close connections that are not used.';
    this.#events.failed(new IPCError('ERR_IPC_FULL', message), undefined, peer.socket);
  }

  /**
   * A peer sent a malformed frame. Before its admission the first one closes the connection; after that, the limit per
   * period applies.
   */
  #misread(peer: Peer): void {
    if (!peer.admitted) {
      this.#admission.misread(peer);
      return;
    }
    const now = performance.now();
    const known = this.#malformed.get(peer);
    if (known === undefined || now - known.since > MALFORMED_TIME) {
      this.#malformed.set(peer, { count: 1, since: now });
    } else if (++known.count > MOST_MALFORMED) {
      peer.destroy();
      const message =
        `A client sent more than ${MOST_MALFORMED} malformed frames within ${MALFORMED_TIME / 1000} s and was ` +
        'disconnected; check that it speaks the dialect of this server, with the same delimiter.';
      this.#events.failed(new IPCError('ERR_IPC_PROTOCOL', message), peer, peer.socket);
    }
  }

  #admit(peer: Peer): void {
    peer.admitted = true;
    if (this.#paused) peer.pipe.pause();
    this.#events.admitted(peer);
  }

  /** Closes a peer when its requests are done, or when the time limit has passed. */
  #end(peer: Peer, bye: CloseInfo | undefined, timeout: number): Promise<void> {
    return new Promise((resolve) => {
      const late = setTimeout(() => peer.pipe.abort(), Math.min(timeout, LONGEST_TIMER));
      this.#ending.set(peer, () => {
        this.#ending.delete(peer);
        clearTimeout(late);
        resolve();
      });
      if (peer.admitted) peer.close(bye, timeout);
      else peer.destroy();
    });
  }
}

function asIPCError(error: unknown): IPCError {
  if (error instanceof IPCError) return error;
  return new IPCError('ERR_IPC_LISTEN', `The server failed: ${messageOf(error)}.`, { cause: error });
}
