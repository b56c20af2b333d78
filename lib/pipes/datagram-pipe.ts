import type { Endpoint } from '../../entities/address.js';
import { IPCError } from '../../entities/errors.js';
import { bytesOf, type Encoded, type Packet } from '../../entities/packet.js';
import type { Dialect } from '../dialects/dialect.js';
import { observed } from '../observe.js';
import { noStats, type Stats } from '../stats.js';
import type { Pipe, PipeListener } from './pipe.js';

/** The part of the shared UDP socket that a pipe uses. */
export interface SharedSocket {
  readonly dialect: Dialect;
  /**
   * How many bytes may be sent in answer for each received byte, since source addresses can be forged; undefined for no
   * limit.
   */
  readonly maxAnswerRatio?: number | undefined;
  push(encoded: Encoded, to: Endpoint): boolean;
  flush(): void;
  /** Calls back when the kernel has accepted everything. */
  sent(callback: () => void): void;
}

/**
 * A pipe to one remote over a UDP socket that all pipes share. UDP has no back-pressure, so that pausing has no effect, and
 * no connections, so that nothing reports when a remote is gone.
 */
export class DatagramPipe implements Pipe {
  readonly socket: Endpoint;
  readonly since = Date.now();
  readonly congested = false;
  packetsIn = 0;
  destroyed = false;
  /** How many bytes may still be sent in answer, if that is limited. */
  #allowance = 0;
  readonly #shared: SharedSocket;
  readonly #listener: PipeListener;

  constructor(endpoint: Endpoint, shared: SharedSocket, listener: PipeListener) {
    this.socket = endpoint;
    this.#shared = shared;
    this.#listener = listener;
  }

  get dialect(): Dialect {
    return this.#shared.dialect;
  }

  get open(): boolean {
    return !this.destroyed;
  }

  readonly pendingBytes = 0;

  /** The socket holds the unsent data of all pipes. */
  measure(): number {
    return 0;
  }

  /** The socket counts for all pipes. */
  get stats(): Stats {
    return { ...noStats(this.since), packetsIn: this.packetsIn };
  }

  send(packet: Packet): boolean {
    const encoded = this.dialect.encode(packet);
    if (observed.packetOut.hasSubscribers) {
      const { socket } = this;
      observed.packetOut.publish({ side: this.#listener.side, socket, packet, bytes: bytesOf(encoded) });
    }
    return this.#affords(packet, encoded) && this.write(encoded);
  }

  /** Counts a datagram that came from the remote's address, which may be forged. */
  received(size: number): void {
    const { maxAnswerRatio } = this.#shared;
    if (maxAnswerRatio !== undefined) this.#allowance += maxAnswerRatio * size;
  }

  /** Whether a packet is not an answer, or is within the limit of answers. */
  #affords(packet: Packet, encoded: Encoded): boolean {
    if (packet.re === undefined || this.#shared.maxAnswerRatio === undefined) return true;
    const size = bytesOf(encoded);
    if (size > this.#allowance) {
      const { address, port } = this.socket;
      const message =
        `An answer of ${size} bytes to ${address}:${port} was not sent: config.udp.maxAnswerRatio allows ` +
        `${Math.floor(this.#allowance)} for what came from there; raise it, or answer less.`;
      this.#listener.failed(new IPCError('ERR_IPC_TOO_LARGE', message));
      return false;
    }
    this.#allowance -= size;
    return true;
  }

  write(encoded: Encoded): boolean {
    return this.open && this.#shared.push(encoded, this.socket);
  }

  /** Delivers a packet from the remote. */
  deliver(packet: Packet): void {
    this.packetsIn++;
    if (observed.packetIn.hasSubscribers) {
      observed.packetIn.publish({ side: this.#listener.side, socket: this.socket, packet });
    }
    this.#listener.packet(packet);
  }

  become(): void {}

  pause(): void {}

  resume(): void {}

  allow(): void {}

  deafen(): void {}

  hold(): void {}

  release(): void {}

  end(): void {
    this.#shared.flush();
  }

  destroy(): void {
    this.destroyed = true;
  }

  abort(): void {
    this.destroy();
  }

  drained(callback: (lost: boolean) => void): void {
    this.#shared.sent(() => callback(false));
  }
}
