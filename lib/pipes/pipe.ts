import type { IPCError } from '../../entities/errors.js';
import type { Encoded, Packet } from '../../entities/packet.js';
import type { Dialect } from '../dialects/dialect.js';
import type { Side } from '../observe.js';
import type { Stats } from '../stats.js';

/** The settings that a pipe reads at each use. */
export interface PipeLimits {
  readonly maxMessageSize: number;
  readonly maxDepth: number;
  readonly maxPendingBytes: number;
  readonly messageTimeout: number;
}

/** The owner of a pipe. It stays the same for the lifetime of the pipe. */
export interface PipeListener {
  readonly side: Side;
  /** The next packet, in the order of sending. */
  packet(packet: Packet): void;
  /** The peer's dialect was detected, and the pipe has switched to it. */
  detected(): void;
  /** The server has accepted the preamble, so the client may send its hello. */
  upgraded(): void;
  /** The peer sent more than {@link Pipe.allow} permits; reading has stopped. */
  exceeded(): void;
  /** The stream cannot be decoded any further; the owner must close the pipe. */
  unreadable(error: IPCError): void;
  /** The unread and unsent data has grown by this many bytes since {@link Pipe.measure}. Small growth is not reported. */
  grew?(bytes: number): void;
  /** An error occurred. The pipe continues unless it is also destroyed. */
  failed(error: IPCError): void;
  /** The underlying connection broke, with the system's error; `closed` follows. */
  broke(cause: Error): void;
  /** The pipe has closed. */
  closed(): void;
}

/**
 * An ordered, bidirectional sequence of packets to one remote, over a byte stream, a datagram socket or a message port.
 * Packets are delivered in the order of arrival. While the pipe is paused or held, none are delivered, which causes
 * back-pressure at the sender.
 */
export interface Pipe {
  /** The object by which the user knows the remote: a socket, an endpoint or a port. Higher layers only pass it on. */
  readonly socket: unknown;
  readonly dialect: Dialect;
  /** Whether packets can be sent. */
  readonly open: boolean;
  /** Whether the pipe has closed, so that `closed` was called or is about to be. */
  readonly destroyed: boolean;
  /** When the connection was made, in milliseconds since 1970. */
  readonly since: number;
  readonly packetsIn: number;
  readonly stats: Stats;
  /** How many bytes wait to be sent; the same as in {@link stats}, but cheaper. */
  readonly pendingBytes: number;
  /** How many bytes the pipe holds, unread and unsent. Later growth is reported to the owner. */
  measure(): number;
  /**
   * Sends a packet.
   * @returns false if the pipe is closing, or has too much unsent data
   * @throws IPCError ERR_IPC_ENCODE
   */
  send(packet: Packet): boolean;
  /** Sends a packet that {@link dialect} has already encoded, if its encoding is the same for all pipes. */
  write(encoded: Encoded): boolean;
  /** Switches to another dialect, in both directions, from the next packet on. */
  become(dialect: Dialect): void;
  /** Stops reading and delivering. */
  pause(): void;
  resume(): void;
  /** Limits how many further bytes may arrive. The default, `Infinity`, sets no limit. */
  allow(bytes: number): void;
  /** Drops all further incoming data. */
  deafen(): void;
  /** Like {@link pause}, while it is being decided whether the peer is admitted. */
  hold(): void;
  release(): void;
  /**
   * Sends the remaining data, then ends. Incoming packets are delivered until the peer ends, too, or for `grace`
   * milliseconds.
   */
  end(grace?: number): void;
  /** Closes at once: unsent data is lost. */
  destroy(): void;
  /** Like {@link destroy}, for a peer that takes too long: reports the unsent data. */
  abort(): void;
  /**
   * Whether so much is queued that a sender should wait until it is {@link drained}. False once nothing more can be written:
   * `drained` then calls back at once, and a sender that waits in a loop would never end.
   */
  readonly congested: boolean;
  /** Calls back when everything sent so far was handed over, or is lost. */
  drained(callback: (lost: boolean) => void): void;
}
