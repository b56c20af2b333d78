import { IPCError } from '../../entities/errors.js';
import { END_GRACE, tooLargeToHold, WORTH_COUNTING } from '../../entities/limits.js';
import {
  dropForeignMembers,
  type Encoded,
  LONGEST_NAME,
  malformed,
  type Packet,
  TOO_LONG_A_NAME,
} from '../../entities/packet.js';
import type { Item } from '../../entities/stream.js';
import { counted } from '../../entities/text.js';
import { type Bytes, bufferOf } from '../bytes.js';
import { isBytesItem } from '../dialects/byte-items.js';
import type { Dialect } from '../dialects/dialect.js';
import { notCopied, StructuredDialect } from '../dialects/structured.js';
import { nodeV8 } from '../lazy-modules.js';
import { observed } from '../observe.js';
import { noStats, type Stats } from '../stats.js';
import { transfer, transferOf } from '../transfers.js';
import { faultOf } from './fault.js';
import { packetSize } from './packet-size.js';
import type { Pipe, PipeLimits, PipeListener } from './pipe.js';
import { Unacknowledged } from './unacknowledged.js';
import { WaitingPackets } from './waiting-packets.js';

/** A connection that carries whole messages. */
export interface Messages {
  readonly socket: unknown;
  /** Whether bytes arrive as bytes, as with structured clones and unlike in JSON. */
  readonly bytes: boolean;
  /** @throws the port's error if a value cannot be cloned */
  post(kind: string, value: unknown, transfer?: readonly unknown[]): void;
  receive(receiver: {
    message(kind: string, value: unknown): void;
    /** A message could not be deserialized; its sender is not known. */
    misread(cause: unknown): void;
    closed(): void;
  }): void;
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
  readonly #waiting = new WaitingPackets();
  #packetsOut = 0;
  /** How many packets were received since the last acknowledgement, and the total of bytes. */
  #taken = 0;
  #bytesIn = 0;
  #bytesOut = 0;
  readonly #sent = new Unacknowledged();
  /** The memory that was last reported. */
  #measured = 0;
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
      misread: (cause) => this.#misread(cause),
      closed: () => this.#lost(),
    });
    if (observed.connection.hasSubscribers) this.#publish('open');
  }

  get open(): boolean {
    return this.#open;
  }

  get congested(): boolean {
    return !this.destroyed && this.#sent.bytes >= HIGH_WATER_MARK;
  }

  get pendingBytes(): number {
    return this.#sent.bytes;
  }

  measure(): number {
    this.#measured = this.#sent.bytes + this.#waiting.bytes;
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
      pendingBytes: this.#sent.bytes,
    };
  }

  send(given: Packet): boolean {
    if (!this.#open) return false;
    const packet = isBytesItem(given) ? withOwnBytes(given) : given;
    const size = packetSize(packet);
    if (observed.packetOut.hasSubscribers) {
      const { socket } = this;
      observed.packetOut.publish({ side: this.#listener.side, socket, packet, bytes: size });
    }
    const most = this.#limits.maxPendingBytes;
    if (size > most) {
      this.#listener.failed(tooLargeToHold(size, most));
      return false;
    }
    if (this.#sent.bytes + size > most) {
      const message = `About ${this.#sent.bytes} bytes wait for the other side to take them, of ${most} (config.maxPendingBytes); send less, or wait.`;
      this.#listener.failed(new IPCError('ERR_IPC_BACKPRESSURE', message));
      return false;
    }
    try {
      this.#carrier.post('packet', packet, transferOf(packet.data));
    } catch (cause) {
      throw notCopied(cause);
    }
    this.#packetsOut++;
    this.#sent.push(size);
    if (this.#sent.bytes - this.#measured > WORTH_COUNTING) this.#grow();
    this.#bytesOut += size;
    return true;
  }

  write(encoded: Encoded): boolean {
    return this.send(nodeV8().deserialize(encoded as Buffer) as Packet);
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
    this.#waiting.drop();
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
    this.#sent.forget();
    this.#waiting.drop();
    this.abort();
  }

  abort(): void {
    if (this.destroyed) return;
    if (this.#open) this.#carrier.post('end', undefined);
    this.#carrier.close();
    this.#close();
  }

  drained(callback: (lost: boolean) => void): void {
    if (this.#sent.bytes === 0 || this.destroyed) callback(this.#sent.bytes > 0);
    else this.#sent.drained(callback);
  }

  /** Acknowledges what was received since the last acknowledgement. */
  readonly #acknowledge = () => {
    const taken = this.#taken;
    this.#taken = 0;
    if (!this.destroyed) this.#carrier.post('taken', taken);
  };

  #message(kind: string, value: unknown): void {
    if (kind === 'packet') this.#receive(packetOf(value));
    else if (kind === 'taken') this.#sent.acknowledge(value);
    else if (kind === 'end') this.#take(undefined, 0);
  }

  #receive(packet: Packet): void {
    if (this.#deaf) return;
    const size = packetSize(packet);
    this.#bytesIn += size;
    this.#allowance -= size;
    if (this.#allowance >= 0) this.#take(packet, size);
    else {
      this.deafen();
      this.#listener.exceeded();
    }
  }

  /** Delivers a packet or, without one, the end of the other side, now or when the pipe is resumed. */
  #take(packet: Packet | undefined, size: number): void {
    if (this.#stops === 0 && this.#waiting.empty) {
      this.#deliver(packet);
      return;
    }
    this.#waiting.push(packet, size);
    if (this.#waiting.bytes + this.#sent.bytes - this.#measured > WORTH_COUNTING) this.#grow();
  }

  #deliver(packet: Packet | undefined): void {
    if (packet === undefined) {
      this.#ended();
      return;
    }
    this.packetsIn++;
    this.#taking();
    if (observed.packetIn.hasSubscribers) {
      observed.packetIn.publish({ side: this.#listener.side, socket: this.socket, packet });
    }
    try {
      this.#listener.packet(packet);
    } catch (error) {
      this.#listener.unreadable(faultOf(error));
    }
  }

  /** Counts a received packet, so that the sender learns of it. */
  #taking(): void {
    // Not at the end of the turn, since Node delivers each message of a port in a turn of its own.
    if (this.#taken++ === 0) setImmediate(this.#acknowledge);
  }

  #misread(cause: unknown): void {
    this.#taking();
    const why = cause instanceof Error ? `: ${cause.message}` : '';
    const message = `A message was dropped because the port could not deserialize it${why}; have its sender send plain or flatter data.`;
    this.#listener.failed(new IPCError('ERR_IPC_DECODE', message, { cause }));
  }

  #go(why: number): void {
    this.#stops &= ~why;
    while (this.#stops === 0 && !this.#waiting.empty) this.#deliver(this.#waiting.shift());
  }

  /** The other side has ended, and sends nothing more. */
  #ended(): void {
    if (this.destroyed) return;
    this.#sent.forget();
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
    this.#sent.end();
    process.nextTick(() => {
      if (this.#sent.length > 0) {
        const message = `The message port was closed before the other side had received ${counted(this.#sent.length, 'packet')}; use requests if an answer matters.`;
        this.#listener.failed(new IPCError('ERR_IPC_UNSENT', message));
      }
      if (observed.connection.hasSubscribers) this.#publish('close');
      this.#listener.closed();
    });
  }

  #publish(state: 'open' | 'close'): void {
    const { socket, dialect } = this;
    observed.connection.publish({ state, side: this.#listener.side, socket, dialect: dialect.name });
  }
}

/** The packet in a message. The other end of a port may post any value. */
function packetOf(value: unknown): Packet {
  const packet = value as Packet;
  if (typeof value !== 'object' || value === null || typeof packet.type !== 'string') {
    return malformed('A message has no "type" that is a string', packetSize({ type: '', data: value }));
  }
  if (packet.type.length > LONGEST_NAME) return malformed(TOO_LONG_A_NAME, packet.type.length);
  dropForeignMembers(packet);
  return packet;
}

/** The packet of an item of bytes, which are copied and handed over: a port copies all the memory of which they are a part. */
function withOwnBytes(packet: Packet): Packet {
  const item = packet.data as Item;
  const bytes = new Uint8Array(bufferOf(item.item as Bytes));
  return { ...packet, data: transfer({ ...item, item: bytes }, [bytes.buffer]) };
}
