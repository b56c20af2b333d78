import type { Address } from '../entities/address.js';
import type { IPCError } from '../entities/errors.js';
import type { Packet } from '../entities/packet.js';
import type { Peer } from './peer.js';
import type { Stats } from './stats.js';

/** How a server stops. */
export interface StopOptions {
  /** Milliseconds until connections that have not ended are dropped. Default: 5000. */
  timeout?: number | undefined;
  /** Tells clients whether to come back; with nothing said, they do. */
  reconnect?: boolean | undefined;
  /** What clients are told beside that. Default: 'the server stopped'. */
  reason?: unknown;
}

/** What an acceptor asks and tells the server whose it is. */
export interface AcceptorEvents {
  /** A peer's hello has been accepted: does what it asks for, before the peer is admitted. */
  greet(hello: unknown, peer: Peer): void;
  /** A peer has been admitted. */
  admitted(peer: Peer): void;
  /** It shows only now what an admitted peer speaks. */
  detected(peer: Peer): void;
  /** A packet of an admitted peer. */
  receive(packet: Packet, peer: Peer): void;
  /** A peer occupies so many bytes more of memory, or about as many. */
  grew(bytes: number): void;
  /** A peer has disconnected, admitted or not. */
  closed(peer: Peer): void;
  /** The address no longer led to the listener, so it listens there again. */
  relistened(): void;
  failed(error: IPCError, peer: Peer | undefined, socket: unknown): void;
}

/** Listens, and owns the peers that have come: over connections, or over one socket that they share. */
export interface Acceptor {
  /** Whether peers neither come nor go, so that there is no hello, no subscription and no pausing. */
  readonly connectionless: boolean;
  /** Every peer, admitted or not. */
  readonly peers: Iterable<Peer>;
  /** Who is admitted, as the user knows them. */
  readonly sockets: unknown[];
  /** What the user knows the listener by, while it listens. */
  readonly server: unknown;
  readonly stats: Stats & { connections: number };
  /** The peer that a user's socket or endpoint means. */
  peerOf(socket: unknown): Peer | undefined;
  /**
   * @returns the address it listens at, with the port that the system gave
   * @throws IPCError (rejects) ERR_IPC_IN_USE, ERR_IPC_ADDRESS, ERR_IPC_CONFIG, ERR_IPC_LISTEN
   */
  start(address: Address): Promise<Address>;
  stop(options: StopOptions): Promise<void>;
  /** Resolves when the kernel has accepted everything, with the number of connections that ended before. */
  flush(): Promise<number>;
  pause(): void;
  resume(): void;
  /** Whether listening keeps the process running. */
  ref(): void;
  unref(): void;
}
