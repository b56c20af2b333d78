import { type Address, type Endpoint, portNumber, type UdpAddress } from '../entities/address.js';
import type { Config } from '../entities/config.js';
import { IPCError, lostError } from '../entities/errors.js';
import type { Packet } from '../entities/packet.js';
import { brief } from '../entities/suggest.js';
import type { Acceptor, AcceptorEvents } from './acceptor.js';
import { Calls } from './conversations/calls.js';
import { chooseDatagramDialect } from './dialects/choose.js';
import { Peer, type PeerOwner } from './peer.js';
import { DatagramPeers } from './pipes/datagram-peers.js';
import { DatagramPipe } from './pipes/datagram-pipe.js';
import { DatagramSocket } from './pipes/datagram-socket.js';
import { ReportLimit } from './report-limit.js';
import type { Stats } from './stats.js';
import { transportOf } from './transports/registry.js';
import type { Listener } from './transports/transport.js';

/**
 * Receives datagrams from any peer over one socket. Its peers are those that it has received from, or sent to by their IP
 * address.
 */
export class DatagramAcceptor implements Acceptor, PeerOwner {
  readonly side = 'server';
  readonly connectionless = true;
  readonly config: Config;
  readonly #events: AcceptorEvents;
  readonly #peers: DatagramPeers<Peer>;
  readonly #datagrams: DatagramSocket;
  readonly #reports = new ReportLimit('UDP');
  /** One table for all peers, so that an answer from another peer than the one asked is detected. */
  readonly #calls = new Calls('server', () => false);
  #listener: Listener | undefined;
  #refed = true;

  constructor(config: Config, { family }: UdpAddress, events: AcceptorEvents) {
    this.config = config;
    this.#events = events;
    this.#peers = new DatagramPeers(family === 'udp4' ? 4 : 6, (endpoint, known) =>
      this.#meet(endpoint, known),
    );
    const { maxAnswerRatio } = config.udp;
    const datagrams = {
      from: (host: string, port: number) => this.#from(host, port),
      misread: (error: IPCError, endpoint: Endpoint) => this.#report(error, undefined, endpoint),
      failed: (error: IPCError, endpoint?: Endpoint) => events.failed(error, undefined, endpoint),
    };
    this.#datagrams = new DatagramSocket(chooseDatagramDialect(config), config, datagrams, maxAnswerRatio);
  }

  get peers(): Iterable<Peer> {
    return this.#peers.all();
  }

  get sockets(): unknown[] {
    return Array.from(this.#peers.all(), ({ socket }) => socket);
  }

  get server(): unknown {
    return this.#listener?.server;
  }

  get stats(): Stats & { connections: number } {
    return { ...this.#datagrams.stats, openRequests: this.#calls.size, connections: 0 };
  }

  peerOf(endpoint: unknown): Peer | undefined {
    const { address, port } = (endpoint ?? {}) as Endpoint;
    if (!address || !port) return undefined;
    if (typeof address !== 'string') {
      const message = `${brief(endpoint)} is not an endpoint; give { address, port } with a host name or an IP address.`;
      throw new IPCError('ERR_IPC_ARGUMENT', message);
    }
    portNumber(port);
    return this.#peers.of(endpoint as Endpoint);
  }

  async start(address: Address): Promise<Address> {
    checkSettings(this.config);
    this.#listener = await transportOf(address).listen(address, this.config, {
      socket: (socket) => this.#datagrams.attach(socket as never),
      error: () => {},
    });
    if (!this.#refed) this.#listener.unref();
    return { ...address, port: this.#listener.port } as Address;
  }

  /** Sends what is queued, closes the socket, and rejects open requests. */
  async stop(): Promise<void> {
    await this.#datagrams.detach();
    this.#calls.end(lostError('the peer'));
    for (const peer of this.#peers.all()) peer.destroy();
    this.#peers.clear();
    const listener = this.#listener as Listener;
    this.#listener = undefined;
    await listener.close();
  }

  async flush(): Promise<number> {
    await new Promise<void>((resolve) => this.#datagrams.sent(resolve));
    return 0;
  }

  pause(): never {
    throw unsupported('pause');
  }

  resume(): never {
    throw unsupported('resume');
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
    this.#events.receive(packet, peer);
  }

  failed(error: IPCError, peer: Peer): void {
    this.#report(error, peer, peer.socket);
  }

  /** One limit applies to all peers, whose addresses may be forged. */
  invalid(error: IPCError, peer: Peer): void {
    this.#report(error, peer, peer.socket);
  }

  broke(): void {}

  closed(): void {}

  /** Reports an error that a sender caused, of which there may be as many as it likes. */
  #report(error: IPCError, peer: Peer | undefined, socket: unknown): void {
    const reported = this.#reports.pass(() => error);
    if (reported !== undefined) this.#events.failed(reported, peer, socket);
  }

  #from(host: string, port: number): DatagramPipe {
    const { met } = this.#peers;
    const peer = this.#peers.meet(host, port);
    if (this.#peers.met > met) this.#events.admitted(peer);
    return peer.pipe as DatagramPipe;
  }

  /** A host name does not identify one peer, so an answer from any peer is accepted. */
  #meet(endpoint: Endpoint, known: boolean): Peer {
    const shared = { calls: this.#calls, directed: known };
    const peer = new Peer(this, (listener) => new DatagramPipe(endpoint, this.#datagrams, listener), shared);
    peer.admitted = true;
    return peer;
  }
}

/** Refuses settings that protect connections. Datagrams have no hello that could carry credentials, and no encryption. */
function checkSettings({ authorize, tls }: Config): void {
  if (authorize !== undefined) {
    const message =
      'config.authorize has no effect over UDP, which has no connections to admit; unset it, or use TLS.';
    throw new IPCError('ERR_IPC_CONFIG', message);
  }
  if (tls) {
    const message =
      'config.tls has no effect over UDP, whose datagrams are not encrypted; serve over TCP, or over UDP with another new ipc.IPC().';
    throw new IPCError('ERR_IPC_CONFIG', message);
  }
}

/** The error of a feature that requires connections. */
export function unsupported(what: string): IPCError {
  const message = `${what}() does not exist over UDP; use a Unix socket, TCP or TLS, or emit() and broadcast().`;
  return new IPCError('ERR_IPC_UNSUPPORTED', message);
}
