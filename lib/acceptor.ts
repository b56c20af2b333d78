import type { Address } from '../entities/address.js';
import type { IPCError } from '../entities/errors.js';
import type { Packet } from '../entities/packet.js';
import type { Peer } from './peer.js';
import type { Stats } from './stats.js';

/** How a server stops. */
export interface StopOptions {
  /** How long connections may take to end, in milliseconds; after that they are destroyed. Default: 5000. */
  timeout?: number | undefined;
  /** Whether clients should reconnect. Default: true. They are told nothing if neither this nor `reason` is given. */
  reconnect?: boolean | undefined;
  /** The reason that clients are told. Default, if `reconnect` is given: 'the server stopped'. */
  reason?: unknown;
}

/** How an acceptor reports to its server, and asks it. */
export interface AcceptorEvents {
  /** A peer's hello was accepted: does what the hello asks for, before the peer is admitted. */
  greet(hello: unknown, peer: Peer): void;
  /** A peer was admitted. */
  admitted(peer: Peer): void;
  /** The dialect of an admitted peer was detected after its admission. */
  detected(peer: Peer): void;
  /** A packet from an admitted peer. */
  receive(packet: Packet, peer: Peer): void;
  /** A peer's memory has grown by about this many bytes. */
  grew(bytes: number): void;
  /** A peer has disconnected; it may not have been admitted. */
  closed(peer: Peer): void;
  /** The path no longer led to the listener, so it listens on a new file there. */
  relistened(): void;
  failed(error: IPCError, peer: Peer | undefined, socket: unknown): void;
}

/** Listens, and owns the peers: one for each connection, or all those that share a datagram socket. */
export interface Acceptor {
  /** Whether there are no connections, and thus no hello, no subscriptions and no pausing. */
  readonly connectionless: boolean;
  /** All peers, including those that are not admitted. */
  readonly peers: Iterable<Peer>;
  /** The admitted peers, as the user knows them. */
  readonly sockets: unknown[];
  /** The underlying listener while it listens. */
  readonly server: unknown;
  readonly stats: Stats & { connections: number };
  /** Finds the peer of a user's socket or endpoint. */
  peerOf(socket: unknown): Peer | undefined;
  /**
   * @returns the address that it listens on, with the actual port
   * @throws IPCError (rejects) ERR_IPC_IN_USE, ERR_IPC_ADDRESS, ERR_IPC_CONFIG, ERR_IPC_LISTEN
   */
  start(address: Address): Promise<Address>;
  stop(options: StopOptions): Promise<void>;
  /** Resolves when the kernel has accepted everything, with the number of connections that ended before that. */
  flush(): Promise<number>;
  pause(): void;
  resume(): void;
  /**
   * Reports a packet of a peer that is invalid. A peer may send any number of them, so further reports are dropped beyond a
   * limit.
   */
  invalid(error: IPCError, peer: Peer): void;
  /** Whether listening keeps the process running. */
  ref(): void;
  unref(): void;
}
