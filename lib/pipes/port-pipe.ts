import { deserialize } from 'node:v8';
import { IPCError } from '../../entities/errors.js';
import { END_GRACE, tooLargeToHold, WORTH_COUNTING } from '../../entities/limits.js';
import type { Encoded, Packet } from '../../entities/packet.js';
import { ITEM, type Item } from '../../entities/stream.js';
import { bufferOf, isBytes } from '../bytes.js';
import type { Dialect } from '../dialects/dialect.js';
import { notCopied, StructuredDialect } from '../dialects/structured.js';
import { observed } from '../observe.js';
import { noStats, type Stats } from '../stats.js';
import { transfer, transferOf } from '../transfers.js';
import { packetSize } from './packet-size.js';
import type { Pipe, PipeLimits, PipeListener } from './pipe.js';

/** A connection that carries whole messages. */
export interface Messages {
  readonly socket: unknown;
  /** Whether bytes arrive as bytes, as with structured clones and unlike in JSON. */
  readonly bytes: boolean;
  /** @throws the port's error if a value cannot be cloned */
  post(kind: string, value: unknown, transfer?: readonly unknown[]): void;
  receive(receiver: { message(kind: string, value: unknown): void; closed(): void }): void;
  close(): void;
}

/** The reasons why a pipe does not deliver, as bits. */
const PAUSED = 1;
const HELD = 2;

/** From this many unacknowledged bytes, a sender should wait. */
const HIGH_WATER_MARK = 64 * 1024;

/**
 * A pipe of whole messages: packets are sent as values. Ports have no back-pressure, so each end acknowledges what it has
 * received, and the unacknowledged data is limited by `maxPendingBytes`.
 */
export class PortPipe implements Pipe {
  readonly socket: unknown;
  readonly since = Date.now();
  dialect: Dialect;
  packetsIn = 0;
  destroyed = false;
  readonly #carrier: Messages;
  readonly #limits: PipeLimits;
  readonly #listener: PipeListener;
  #open = true;
  #stops = 0;
  /** Packets that wait until the pipe is resumed; `undefined` stands for the end of the other side. */
  #waiting: (Packet | undefined)[] = [];
  #packetsOut = 0;
  /** How many packets were received since the last acknowledgement, and the total of bytes. */
  #taken = 0;
  #bytesIn = 0;
  #bytesOut = 0;
  /** The sizes of the unacknowledged packets, the oldest first. */
  #sizes: number[] = [];
  #pending = 0;
  /** The memory that was last reported. */
  #measured = 0;
  #drained: ((lost: boolean) => void)[] = [];
  #grace: NodeJS.Timeout | undefined;
  #allowance = Number.POSITIVE_INFINITY;
  #deaf = false;

  constructor(carrier: Messages, dialect: Dialect, limits: PipeLimits, listener: PipeListener) {
    this.socket = carrier.socket;
    this.dialect = carrier.bytes ? new StructuredDialect('bytes') : dialect;
    this.#carrier = carrier;
    this.#limits = limits;
    this.#listener = listener;
    carrier.receive({
      message: (kind, value) => this.#message(kind, value),
      closed: () => this.#lost(),
    });
    if (observed.connection.hasSubscribers) this.#publish('open');
  }

  get open(): boolean {
    return this.#open;
  }

  get congested(): boolean {
    return !this.destroyed && this.#pending >= HIGH_WATER_MARK;
  }

  get pendingBytes(): number {
    return this.#pending;
  }

  measure(): number {
    this.#measured = this.#pending;
    return this.#measured;
  }

  #grow(): void {
    const before = this.#measured;
    this.#listener.grew?.(this.measure() - before);
  }

  /** Sizes are estimates, since packets are not encoded. */
  get stats(): Stats {
    const { packetsIn } = this;
    return {
      ...noStats(this.since),
      packetsIn,
      packetsOut: this.#packetsOut,
      bytesIn: this.#bytesIn,
      bytesOut: this.#bytesOut,
      pendingBytes: this.#pending,
    };
  }

  send(given: Packet): boolean {
    if (!this.#open) return false;
    const packet = given.type === ITEM ? withOwnBytes(given) : given;
    const size = packetSize(packet.data);
    if (observed.packetOut.hasSubscribers) {
      const { socket } = this;
      observed.packetOut.publish({ side: this.#listener.side, socket, packet, bytes: size });
    }
    const most = this.#limits.maxPendingBytes;
    if (size > most) {
      this.#listener.failed(tooLargeToHold(size, most));
      return false;
    }
    if (this.#pending + size > most) {
      const message = `About ${this.#pending} bytes wait for the other side to take them, of ${most} (config.maxPendingBytes); send less, or wait.`;
      this.#listener.failed(new IPCError('ERR_IPC_BACKPRESSURE', message));
      return false;
    }
    try {
      this.#carrier.post('packet', packet, transferOf(packet.data));
    } catch (cause) {
      throw notCopied(cause);
    }
    this.#packetsOut++;
    this.#sizes.push(size);
    this.#pending += size;
    if (this.#pending - this.#measured > WORTH_COUNTING) this.#grow();
    this.#bytesOut += size;
    return true;
  }

  write(encoded: Encoded): boolean {
    return this.send(deserialize(encoded as Buffer) as Packet);
  }

  become(dialect: Dialect): void {
    this.dialect = dialect;
  }

  pause(): void {
    this.#stops |= PAUSED;
  }

  resume(): void {
    this.#go(PAUSED);
  }

  allow(bytes: number): void {
    this.#allowance = bytes;
  }

  deafen(): void {
    this.#deaf = true;
    this.#waiting = this.#waiting.filter((packet) => packet === undefined);
    this.#go(PAUSED | HELD);
  }

  hold(): void {
    this.#stops |= HELD;
  }

  release(): void {
    this.#go(HELD);
  }

  end(grace = END_GRACE): void {
    if (!this.#open) return;
    this.#open = false;
    this.#carrier.post('end', undefined);
    this.#grace = setTimeout(() => this.abort(), grace);
  }

  destroy(): void {
    this.#sizes = [];
    this.abort();
  }

  abort(): void {
    if (this.destroyed) return;
    if (this.#open) this.#carrier.post('end', undefined);
    this.#carrier.close();
    this.#close();
  }

  drained(callback: (lost: boolean) => void): void {
    if (this.#pending === 0 || this.destroyed) callback(this.#pending > 0);
    else this.#drained.push(callback);
  }

  /** Acknowledges what was received since the last acknowledgement. */
  readonly #acknowledge = () => {
    const taken = this.#taken;
    this.#taken = 0;
    if (!this.destroyed) this.#carrier.post('taken', taken);
  };

  #message(kind: string, value: unknown): void {
    if (kind === 'packet' && isPacket(value)) this.#receive(value);
    else if (kind === 'taken') this.#release(value);
    else if (kind === 'end') this.#receive(undefined);
  }

  #receive(packet: Packet | undefined): void {
    if (packet !== undefined && !this.#mayCome(packet)) return;
    if (this.#stops !== 0 || this.#waiting.length > 0) this.#waiting.push(packet);
    else this.#deliver(packet);
  }

  /** Whether the packet may be delivered, according to the owner's limit. */
  #mayCome(packet: Packet): boolean {
    if (this.#deaf) return false;
    const size = packetSize(packet.data);
    this.#bytesIn += size;
    this.#allowance -= size;
    if (this.#allowance >= 0) return true;
    this.deafen();
    this.#listener.exceeded();
    return false;
  }

  #deliver(packet: Packet | undefined): void {
    if (packet === undefined) {
      this.#ended();
      return;
    }
    this.packetsIn++;
    // Not at the end of the turn, since Node delivers each message of a port in a turn of its own.
    if (this.#taken++ === 0) setImmediate(this.#acknowledge);
    if (observed.packetIn.hasSubscribers) {
      observed.packetIn.publish({ side: this.#listener.side, socket: this.socket, packet });
    }
    this.#listener.packet(packet);
  }

  #go(why: number): void {
    this.#stops &= ~why;
    while (this.#stops === 0 && this.#waiting.length > 0) this.#deliver(this.#waiting.shift());
  }

  /** The other side has ended, and sends nothing more. */
  #ended(): void {
    if (this.destroyed) return;
    this.#sizes = [];
    if (this.#open) this.#carrier.post('end', undefined);
    this.#carrier.close();
    this.#close();
  }

  /** The port was closed, or its other side is gone. */
  #lost(): void {
    if (!this.destroyed) this.#close();
  }

  #close(): void {
    this.#open = false;
    this.destroyed = true;
    clearTimeout(this.#grace);
    for (const callback of this.#drained.splice(0)) callback(this.#sizes.length > 0);
    process.nextTick(() => {
      if (this.#sizes.length > 0) {
        const message = `The message port was closed before ${this.#sizes.length} packets were received; use requests if an answer matters.`;
        this.#listener.failed(new IPCError('ERR_IPC_UNSENT', message));
      }
      if (observed.connection.hasSubscribers) this.#publish('close');
      this.#listener.closed();
    });
  }

  #release(count: unknown): void {
    if (!Number.isSafeInteger(count) || (count as number) < 1) return;
    for (const size of this.#sizes.splice(0, count as number)) this.#pending -= size;
    if (this.#sizes.length === 0) for (const callback of this.#drained.splice(0)) callback(false);
  }

  #publish(state: 'open' | 'close'): void {
    const { socket, dialect } = this;
    observed.connection.publish({ state, side: this.#listener.side, socket, dialect: dialect.name });
  }
}

/** Validates a message, since the other end of a port may post any value. */
function isPacket(value: unknown): value is Packet {
  return typeof value === 'object' && value !== null && typeof (value as Packet).type === 'string';
}

/** The packet of an item of bytes, which are copied and handed over: a port copies all the memory of which they are a part. */
function withOwnBytes(packet: Packet): Packet {
  const { item } = packet.data as Item;
  if (!isBytes(item)) return packet;
  const bytes = new Uint8Array(bufferOf(item));
  return { ...packet, data: transfer({ ...(packet.data as Item), item: bytes }, [bytes.buffer]) };
}
