import type { IPCError } from '../../entities/errors.js';
import type { Encoded, Packet } from '../../entities/packet.js';
import type { Dialect } from '../dialects/dialect.js';
import type { Side } from '../observe.js';
import type { Stats } from '../stats.js';

/** The settings that a pipe reads, each when it is used. */
export interface PipeLimits {
  readonly maxMessageSize: number;
  readonly maxDepth: number;
  readonly maxPendingBytes: number;
  readonly messageTimeout: number;
}

/** Whoever a pipe belongs to; it has one listener all its life. */
export interface PipeListener {
  readonly side: Side;
  /** The next packet, in the order sent. */
  packet(packet: Packet): void;
  /** It is known now which dialect the peer speaks; the pipe speaks it already. */
  detected(): void;
  /** The server has agreed to the preamble, so that the hello may follow. */
  upgraded(): void;
  /** The peer sent more than {@link Pipe.allow} permits; nothing more is read. */
  exceeded(): void;
  /** The stream can no longer be read; whoever listens ends the pipe. */
  unreadable(error: IPCError): void;
  /** The pipe holds so many bytes more, unread or unsent, than {@link Pipe.measure} has told; a few more are not told. */
  grew?(bytes: number): void;
  /** Something went wrong; the pipe goes on unless it is destroyed as well. */
  failed(error: IPCError): void;
  /** What carries the pipe broke, with the system's error; `closed` follows. */
  broke(cause: Error): void;
  /** Nothing comes or goes any more. */
  closed(): void;
}

/**
 * An ordered path of packets to one remote and back, over a byte stream, a datagram socket or a message port. Packets reach
 * the listener in the order they came; while the pipe is paused or held none do, and the sender feels it.
 */
export interface Pipe {
  /** What the user knows the remote by: Node's socket, an endpoint, a port. Nothing above the pipes looks into it. */
  readonly socket: unknown;
  readonly dialect: Dialect;
  /** Whether packets can be sent. */
  readonly open: boolean;
  /** Whether everything is over, so that `closed` has been called or is about to be. */
  readonly destroyed: boolean;
  /** When it began (milliseconds since 1970). */
  readonly since: number;
  readonly packetsIn: number;
  readonly stats: Stats;
  /** How many bytes wait to be sent: {@link stats} without the rest. */
  readonly pendingBytes: number;
  /** How many bytes it holds, unread and unsent. What comes in addition is told to the listener. */
  measure(): number;
  /**
   * Sends a packet.
   * @returns false if the pipe is closing, or holds too much unsent already
   * @throws IPCError ERR_IPC_ENCODE
   */
  send(packet: Packet): boolean;
  /** {@link send} for what {@link dialect} has encoded, where its bytes are the same for every pipe. */
  write(encoded: Encoded): boolean;
  /** Speaks another dialect from the next packet on, in both directions. */
  become(dialect: Dialect): void;
  /** Stops delivering and reading. */
  pause(): void;
  resume(): void;
  /** Limits how many bytes more may come; `Infinity`, as in the beginning, sets no limit. */
  allow(bytes: number): void;
  /** Reads nothing more: what still comes is dropped. */
  deafen(): void;
  /** As {@link pause}, while it is decided whether the peer may come in. */
  hold(): void;
  release(): void;
  /**
   * Sends what is left, then ends. What the peer still sends is delivered until it ends too, or for `grace` milliseconds.
   */
  end(grace?: number): void;
  /** Ends at once: what is unsent is lost. */
  destroy(): void;
  /** As {@link destroy}, for a peer that takes too long: what is unsent is reported. */
  abort(): void;
  /** Whether so much waits to be sent that a considerate sender waits, too. */
  readonly congested: boolean;
  /** Calls back when all that was sent until now has been handed over, or has been lost. */
  drained(callback: (lost: boolean) => void): void;
}
