import type { RemoteInfo, Socket } from 'node:dgram';
import type { Endpoint } from '../../entities/address.js';
import { IPCError, messageOf } from '../../entities/errors.js';
import { LONGEST_DATAGRAM, tooLargeToHold } from '../../entities/limits.js';
import type { Encoded } from '../../entities/packet.js';
import type { Decoder, Dialect } from '../dialects/dialect.js';
import { ByteQueue } from '../framing/byte-queue.js';
import { noStats } from '../stats.js';
import { DatagramBuffer } from './datagram-buffer.js';
import type { DatagramPipe, SharedSocket } from './datagram-pipe.js';
import { faultOf } from './fault.js';
import type { PipeLimits } from './pipe.js';

/** How a {@link DatagramSocket} reports to its owner, and asks it. */
export interface DatagramEvents {
  /** The pipe for the sender of a datagram. */
  from(address: string, port: number): DatagramPipe;
  /** A datagram was invalid. */
  misread(error: IPCError, endpoint: Endpoint): void;
  /** An error occurred; `endpoint` is the remote that it concerns, if any. */
  failed(error: IPCError, endpoint?: Endpoint): void;
}

/**
 * The UDP socket that all pipes of a server share. Each datagram contains one or more complete frames. Packets that are
 * sent before the socket is bound wait for that.
 */
export class DatagramSocket implements SharedSocket {
  readonly dialect: Dialect;
  readonly maxAnswerRatio: number | undefined;
  readonly stats = noStats();
  #bound: Socket | undefined;
  readonly #limits: PipeLimits;
  readonly #events: DatagramEvents;
  readonly #decoder: Decoder;
  /** The unread rest of the current datagram. */
  readonly #unread = new ByteQueue();
  readonly #buffer = new DatagramBuffer((datagram, frames, to) => this.#transmit(datagram, frames, to));
  /** Datagrams that were sent before the socket was bound, and their total size in bytes. */
  #early: [Buffer, number, Endpoint][] = [];
  #earlySize = 0;
  /** How many datagrams were passed to Node and not yet to the kernel. */
  #sending = 0;
  #onSent: (() => void)[] = [];

  constructor(dialect: Dialect, limits: PipeLimits, events: DatagramEvents, maxAnswerRatio?: number) {
    this.maxAnswerRatio = maxAnswerRatio;
    this.dialect = dialect;
    this.#limits = limits;
    this.#events = events;
    this.#decoder = dialect.decoder(limits);
  }

  /** Starts to receive and send over a bound socket; waiting datagrams are sent first. */
  attach(socket: Socket): void {
    socket.on('message', (bytes, from) => this.#received(bytes, from));
    socket.on('error', (cause) => this.#failed('The UDP socket failed', cause));
    this.#bound = socket;
    this.stats.since = Date.now();
    this.#earlySize = 0;
    for (const [bytes, frames, to] of this.#early.splice(0)) this.#transmit(bytes, frames, to);
  }

  /** Stops using the socket. Resolves when the kernel has accepted everything; from then on, datagrams are held. */
  async detach(): Promise<void> {
    await new Promise<void>((resolve) => this.sent(resolve));
    this.#bound = undefined;
  }

  push(encoded: Encoded, to: Endpoint): boolean {
    return this.#buffer.push(encoded, to);
  }

  flush(): void {
    this.#buffer.flush();
  }

  /** Calls back when the kernel has accepted everything. */
  sent(callback: () => void): void {
    this.flush();
    if (this.#sending === 0 && this.#early.length === 0) callback();
    else this.#onSent.push(callback);
  }

  #transmit(datagram: Buffer, frames: number, to: Endpoint): boolean {
    const size = datagram.length;
    if (size > LONGEST_DATAGRAM) {
      const message = `A packet of ${size} bytes does not fit a datagram of ${LONGEST_DATAGRAM}; send less, or use TCP.`;
      this.#events.failed(new IPCError('ERR_IPC_TOO_LARGE', message), to);
      return false;
    }
    if (this.#bound === undefined) return this.#keep(datagram, frames, to);
    this.#sending++;
    this.stats.pendingBytes += size;
    this.stats.packetsOut += frames;
    this.stats.bytesOut += size;
    const done = (cause: unknown) => {
      this.#sending--;
      this.stats.pendingBytes -= size;
      if (cause) this.#failed(`A datagram to ${to.address}:${to.port} was not sent`, cause, to);
      if (this.#sending === 0) for (const callback of this.#onSent.splice(0)) callback();
    };
    try {
      this.#bound.send(datagram, to.port, to.address, done);
    } catch (cause) {
      // A program may have closed the socket itself.
      done(cause);
      return false;
    }
    return true;
  }

  /** Holds a datagram until the socket is bound. */
  #keep(bytes: Buffer, frames: number, to: Endpoint): boolean {
    const most = this.#limits.maxPendingBytes;
    if (bytes.length > most) {
      this.#events.failed(tooLargeToHold(bytes.length, most), to);
      return false;
    }
    if (this.#earlySize + bytes.length > most) {
      const message = `More than ${most} bytes (config.maxPendingBytes) wait for the server to start; the packet was dropped. Send less until then, or raise the limit.`;
      this.#events.failed(new IPCError('ERR_IPC_BACKPRESSURE', message), to);
      return false;
    }
    this.#earlySize += bytes.length;
    this.#early.push([bytes, frames, to]);
    return true;
  }

  #received(bytes: Buffer, { address, port }: RemoteInfo): void {
    const pipe = this.#events.from(address, port);
    this.stats.bytesIn += bytes.length;
    pipe.received(bytes.length);
    let fault: IPCError | undefined;
    try {
      this.#unread.append(bytes);
      this.#decoder.read(this.#unread, (packet) => {
        this.stats.packetsIn++;
        pipe.deliver(packet);
        return true;
      });
    } catch (error) {
      fault = faultOf(error);
    }
    const rest = this.#decoder.end(this.#unread);
    if (fault === undefined && rest !== undefined) {
      const message = `A datagram from ${address}:${port} was dropped in part: ${rest.message}`;
      fault = new IPCError('ERR_IPC_DECODE', message);
    }
    if (fault !== undefined) this.#events.misread(fault, pipe.socket);
  }

  #failed(what: string, cause: unknown, to?: Endpoint): void {
    this.#events.failed(new IPCError('ERR_IPC_SOCKET', `${what}: ${messageOf(cause)}.`, { cause }), to);
  }
}
