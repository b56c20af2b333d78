import type { Socket } from 'node:net';
import { IPCError } from '../../entities/errors.js';
import { END_GRACE, tooLargeToHold, WORTH_COUNTING } from '../../entities/limits.js';
import { bytesOf, type Encoded, lengthOf, type Packet } from '../../entities/packet.js';
import { EMPTY } from '../bytes.js';
import type { Decoder, Dialect, Finding } from '../dialects/dialect.js';
import { ByteQueue } from '../framing/byte-queue.js';
import { observed } from '../observe.js';
import type { Stats } from '../stats.js';
import { faultOf } from './fault.js';
import { FrameWatch } from './frame-watch.js';
import type { Pipe, PipeLimits, PipeListener } from './pipe.js';
import { WriteBuffer, type WriteOwner } from './write-buffer.js';

/** The reasons why a pipe does not read, as bits. */
const PAUSED = 1;
const HELD = 2;
const SWITCHING = 4;
const CLOSED = 8;

/** The state that reading needs. Most chunks contain only complete frames, so one reading object serves many connections. */
class Reading {
  readonly queue = new ByteQueue();
  pipe: BytePipe | undefined;

  readonly deliver = (packet: Packet): boolean => (this.pipe as BytePipe).deliver(packet);
}

/** A reading without unread bytes, for the next pipe that reads. */
let spare: Reading | undefined;

function spareReading(): Reading {
  const reading = spare ?? new Reading();
  spare = undefined;
  return reading;
}

const BEGIN = Date.now();

/** Node's own listener to the end of a socket, one function for all sockets. */
let nodesOnEnd: ((this: Socket) => void) | undefined;

const PIPE = Symbol('omni-ipc pipe');

/** A socket with a reference to its pipe, so that the listeners of all sockets are shared functions. */
interface PipedSocket extends Socket {
  [PIPE]: BytePipe;
}

/** A pipe over a byte stream: a Unix socket, a Windows pipe, TCP or TLS. */
export class BytePipe implements Pipe, WriteOwner {
  readonly socket: Socket;
  dialect: Dialect;
  packetsIn = 0;
  /** When the connection began, in milliseconds since {@link BEGIN}: a small integer, which takes no memory of its own. */
  readonly #began = Math.trunc(Date.now() - BEGIN);
  readonly #listener: PipeListener;
  #buffer: WriteBuffer | undefined;
  readonly #limits: PipeLimits;
  #packetsOut = 0;
  #decoder: Decoder;
  /** Holds the unread bytes; undefined while there are none, as between the messages of most connections. */
  #unread: Reading | undefined;
  #stops = 0;
  #reading = false;
  /** How many further bytes are permitted; negative means no limit. */
  #allowance = -1;
  #open = true;
  /** Whether the peer has ended its stream, and all of it has been received. */
  #ended = false;
  /** Whether this end chose to discard unsent data. */
  #dropped = false;
  #watch: FrameWatch | undefined;
  /** The memory that was last reported, and how many bytes may be queued before it is measured again. */
  #measured = 0;
  #unchecked: number;

  constructor(socket: Socket, dialect: Dialect, limits: PipeLimits, listener: PipeListener) {
    this.socket = socket;
    this.dialect = dialect;
    this.#listener = listener;
    this.#limits = limits;
    this.#unchecked = Math.min(WORTH_COUNTING, limits.maxPendingBytes);
    this.#decoder = this.#decoderOf(dialect);
    Object.defineProperty(socket, PIPE, { value: this });
    socket.on('data', BytePipe.#onData);
    socket.on('error', BytePipe.#onError);
    BytePipe.#onEndFirst(socket);
    socket.on('close', BytePipe.#onClose);
    if (observed.connection.hasSubscribers) this.#publish('open');
  }

  static readonly #onData = function (this: Socket, chunk: Buffer): void {
    (this as PipedSocket)[PIPE].#read(chunk);
  };

  static readonly #onError = function (this: Socket, cause: Error): void {
    const pipe = (this as PipedSocket)[PIPE];
    pipe.#open = false;
    pipe.#listener.broke(cause);
  };

  static readonly #onEnd = function (this: Socket): void {
    const pipe = (this as PipedSocket)[PIPE];
    pipe.#buffer?.flush(true);
    pipe.#open = false;
    pipe.#ended = true;
    pipe.#checkEnd();
  };

  /** {@link #onEnd} together with Node's own listener. */
  static readonly #onEndWithNode = function (this: Socket): void {
    BytePipe.#onEnd.call(this);
    nodesOnEnd?.call(this);
  };

  /**
   * Listens to the end of a socket before Node's own listener, which prevents writing once the other side has ended. One
   * listener in its place that calls both takes 100 bytes less than two.
   */
  static #onEndFirst(socket: Socket): void {
    const [own, ...others] = socket.listeners('end') as (() => void)[];
    if (own?.name === 'onReadableStreamEnd') nodesOnEnd ??= own;
    if (own === undefined || own !== nodesOnEnd || others.length > 0) {
      socket.prependListener('end', BytePipe.#onEnd);
      return;
    }
    socket.off('end', own);
    socket.on('end', BytePipe.#onEndWithNode);
  }

  static readonly #onClose = function (this: Socket): void {
    (this as PipedSocket)[PIPE].#closed();
  };

  get open(): boolean {
    return this.#open;
  }

  get since(): number {
    return BEGIN + this.#began;
  }

  get destroyed(): boolean {
    return this.socket.destroyed;
  }

  get #unreadBytes(): number {
    return this.#unread?.queue.length ?? 0;
  }

  get pendingBytes(): number {
    return this.#buffer === undefined ? this.socket.writableLength : this.#buffer.pending;
  }

  /** The write buffer, created with the first packet. */
  get buffer(): WriteBuffer {
    this.#buffer ??= new WriteBuffer(this.socket, this);
    return this.#buffer;
  }

  measure(): number {
    const pending = this.pendingBytes;
    this.#measured = pending + this.#unreadBytes;
    this.#unchecked = Math.min(pending + WORTH_COUNTING, this.#limits.maxPendingBytes);
    return this.#measured;
  }

  get stats(): Stats {
    const { packetsIn, socket, since } = this;
    return {
      packetsIn,
      packetsOut: this.#packetsOut,
      bytesIn: socket.bytesRead,
      bytesOut: socket.bytesWritten ?? 0,
      openRequests: 0,
      pendingBytes: this.pendingBytes,
      since,
    };
  }

  send(packet: Packet): boolean {
    if (!this.#open) return false;
    const shared = this.dialect.capabilities.sharedEncoding;
    // A packet whose encoding depends on earlier ones must be sent once it is encoded; otherwise the peer could not decode
    // later ones.
    if (!shared && !this.#hasRoom(1)) return false;
    const encoded = this.dialect.encode(packet);
    if (observed.packetOut.hasSubscribers) {
      const { socket } = this;
      observed.packetOut.publish({ side: this.#listener.side, socket, packet, bytes: bytesOf(encoded) });
    }
    if (shared) return this.write(encoded);
    this.#push(encoded);
    return true;
  }

  write(encoded: Encoded): boolean {
    if (!this.#open || !this.#hasRoom(lengthOf(encoded))) return false;
    this.#push(encoded);
    return true;
  }

  become(dialect: Dialect): void {
    if (dialect === this.dialect) return;
    this.dialect = dialect;
    if (this.#reading) this.#stops |= SWITCHING;
    else this.#decoder = this.#decoderOf(dialect);
  }

  pause(): void {
    this.#stop(PAUSED);
  }

  resume(): void {
    this.#go(PAUSED);
  }

  allow(bytes: number): void {
    this.#allowance = bytes === Number.POSITIVE_INFINITY ? -1 : bytes;
  }

  deafen(): void {
    this.#stops |= CLOSED;
    if (!this.#reading) this.#unread = undefined;
    this.socket.resume();
  }

  hold(): void {
    this.#stop(HELD);
  }

  release(): void {
    this.#go(HELD);
  }

  end(grace = END_GRACE): void {
    if (!this.#open) return;
    this.#open = false;
    this.#buffer?.flush(true);
    this.socket.end();
    const timer = setTimeout(() => this.abort(), grace);
    this.socket.once('close', () => clearTimeout(timer));
    if (this.#stops === 0) return;
    // Packets are dropped, but reading continues in order to receive the peer's end.
    this.#stops |= CLOSED;
    this.socket.resume();
  }

  destroy(): void {
    this.#open = false;
    this.#dropped = true;
    this.#stops |= CLOSED;
    this.socket.destroy();
  }

  abort(): void {
    this.socket.destroy();
  }

  get congested(): boolean {
    return this.socket.writable && this.pendingBytes >= this.socket.writableHighWaterMark;
  }

  drained(callback: (lost: boolean) => void): void {
    this.buffer.drained(callback);
  }

  #push(encoded: Encoded): void {
    this.#packetsOut++;
    this.buffer.push(encoded, this.dialect);
  }

  /** Whether this many further bytes may be queued; if not, reports it. */
  #hasRoom(size: number): boolean {
    return this.pendingBytes + size <= this.#unchecked || this.#makesRoom(size);
  }

  #makesRoom(size: number): boolean {
    const most = this.#limits.maxPendingBytes;
    if (this.pendingBytes + size <= most) {
      this.#grow(size);
      return this.#open;
    }
    if (size > most) {
      this.#listener.failed(tooLargeToHold(size, most));
      return false;
    }
    this.#listener.failed(
      new IPCError(
        'ERR_IPC_BACKPRESSURE',
        `More than ${most} bytes wait to be sent because the other side does not read fast enough; send less, wait, or ` +
          'raise config.maxPendingBytes.',
      ),
    );
    return false;
  }

  /** Reports the growth of the pipe's memory, including `size` bytes that are about to be added. */
  #grow(size = 0): void {
    const before = this.#measured;
    const now = this.measure() + size;
    if (now > before) this.#listener.grew?.(now - before);
  }

  /** Delivers a packet; returns whether the decoder should continue. */
  deliver(packet: Packet): boolean {
    this.packetsIn++;
    if (observed.packetIn.hasSubscribers) {
      observed.packetIn.publish({ side: this.#listener.side, socket: this.socket, packet });
    }
    this.#listener.packet(packet);
    return this.#stops === 0;
  }

  /** The decoder can deliver packets, possibly after the other side has closed. */
  #wake(): void {
    // The read that is under way delivers it.
    if (this.#reading) return;
    const late = this.#ended && this.destroyed && !this.#dropped;
    if (!late) this.#read(EMPTY);
    else {
      this.#decoder.read(new ByteQueue(), (packet) => {
        this.deliver(packet);
        return true;
      });
    }
  }

  #decoderOf(dialect: Dialect): Decoder {
    const decoder = dialect.decoder(this.#limits);
    if (decoder.wake !== undefined) decoder.wake = () => this.#wake();
    return decoder;
  }

  #read(chunk: Buffer): void {
    if ((this.#stops & CLOSED) !== 0) return;
    if (this.#allowance >= 0) {
      if (chunk.length > this.#allowance) {
        this.deafen();
        this.#listener.exceeded();
        return;
      }
      this.#allowance -= chunk.length;
    }
    const reading = this.#unread ?? spareReading();
    const unread = reading.queue;
    reading.pipe = this;
    this.#unread = reading;
    unread.append(chunk);
    if (this.#stops !== 0) return;
    this.#reading = true;
    try {
      let found = this.#decoder.read(unread, reading.deliver);
      while (found !== undefined || (this.#stops & SWITCHING) !== 0) {
        if (found !== undefined) this.#found(found);
        if ((this.#stops & SWITCHING) !== 0) this.#switch();
        found = this.#stops === 0 ? this.#decoder.read(unread, reading.deliver) : undefined;
      }
    } catch (error) {
      this.#fail(error);
    }
    this.#reading = false;
    if (unread.length > this.#measured + WORTH_COUNTING) this.#grow();
    if (this.#stops !== 0) {
      if ((this.#stops & CLOSED) === 0) this.socket.pause();
      else unread.clear();
    } else if (unread.length > 0) this.#watchFrame();
    if (unread.length > 0) return;
    this.#unread = undefined;
    reading.pipe = undefined;
    spare = reading;
  }

  /** Acts on a decoder's finding. */
  #found({ dialect, answer }: Finding): void {
    if (dialect !== undefined) {
      this.become(dialect);
      this.#listener.detected();
    } else if (answer !== undefined) this.write(answer);
    else this.#listener.upgraded();
  }

  #switch(): void {
    this.#stops &= ~SWITCHING;
    this.#decoder = this.#decoderOf(this.dialect);
  }

  /** Reports if the peer's stream ended in the middle of a frame. */
  #checkEnd(): void {
    if (!this.#ended || this.#stops !== 0) return;
    const error = this.#decoder.end(this.#unread?.queue ?? new ByteQueue());
    this.#unread = undefined;
    if (error !== undefined) this.#listener.failed(error);
  }

  #stop(why: number): void {
    this.#stops |= why;
    if (!this.#reading) this.socket.pause();
  }

  #go(why: number): void {
    if ((this.#stops & why) === 0) return;
    this.#stops &= ~why;
    if (this.#stops !== 0 || this.#reading) return;
    this.#read(EMPTY);
    this.#checkEnd();
    if (this.#stops === 0) this.socket.resume();
  }

  #watchFrame(): void {
    if (this.#limits.messageTimeout === 0) return;
    this.#watch ??= new FrameWatch({
      unfinished: () => this.#unreadBytes > 0 && (this.#stops & CLOSED) === 0,
      paused: () => this.#stops !== 0,
      late: (error) => this.#fail(error),
    });
    this.#watch.touch(this.#limits.messageTimeout);
  }

  /** The stream cannot be decoded any further. */
  #fail(error: unknown): void {
    this.#listener.unreadable(faultOf(error));
  }

  #closed(): void {
    this.#open = false;
    this.#stops |= CLOSED;
    this.#watch?.end();
    if (this.#buffer === undefined ? this.pendingBytes > 0 : this.#buffer.broken)
      this.#lost('The connection was lost');
    if (observed.connection.hasSubscribers) this.#publish('close');
    this.#listener.closed();
  }

  /** Some data could not be sent before the exit of the process. */
  lost(): void {
    this.#lost('The process exited');
  }

  /** Reports that not everything was sent, unless this end chose to discard it. */
  #lost(why: string): void {
    if (this.#dropped) return;
    const message = `${why} before everything was sent; use requests, or flush(), where it matters.`;
    this.#listener.failed(new IPCError('ERR_IPC_UNSENT', message));
  }

  #publish(state: 'open' | 'close'): void {
    const { socket, dialect } = this;
    observed.connection.publish({ state, side: this.#listener.side, socket, dialect: dialect.name });
  }
}
