import type { IPCError } from '../entities/errors.js';
import { bytesOf, type Encoded, type Packet, type PacketId } from '../entities/packet.js';
import type { Dialect } from './dialects/dialect.js';
import type { Pipe } from './pipes/pipe.js';
import { Snapshot } from './snapshot.js';

interface Held {
  readonly content: Encoded | Snapshot;
  readonly size: number;
  readonly id: PacketId | undefined;
}

/** So many packets sent are dropped at once. */
const COMPACT = 16_384;

/** Told of a packet that cannot be sent after all, and of its id where it is a request. */
export type Unsendable = (error: IPCError, id: PacketId | undefined) => void;

function sizeOf(content: Encoded | Snapshot): number {
  return content instanceof Snapshot ? content.size : bytesOf(content);
}

/**
 * Packets that wait for a connection, each as it was when it was emitted. Where the dialect is settled beforehand they are
 * held as the bytes to send; where a hello will decide it, as a copy of the packet.
 */
export class OfflineQueue {
  /** Bytes held. */
  size = 0;
  /** How many packets have left it so far: sent, passed over or forgotten. */
  passed = 0;
  readonly #dialect: Dialect | undefined;
  readonly #failed: Unsendable;
  #packets: Held[] = [];
  /** What was sent and may have to be sent again, how many bytes that is, and how many it may be. */
  #sent: Held[] | undefined;
  #sentSize = 0;
  #mostSent = 0;
  /** Where in `#packets` the oldest is: removing each would move all the others. */
  #first = 0;

  /** `dialect`: what the packets will be sent in, if that is known. */
  constructor(dialect: Dialect | undefined, failed: Unsendable) {
    this.#dialect = dialect;
    this.#failed = failed;
  }

  get length(): number {
    return this.#packets.length - this.#first;
  }

  /**
   * Takes a packet, unless it would make more than `limit` bytes.
   * @throws IPCError ERR_IPC_ENCODE
   */
  push(packet: Packet, limit: number): boolean {
    const content = this.#dialect === undefined ? new Snapshot(packet) : this.#dialect.encode(packet);
    const size = sizeOf(content);
    if (this.size + size > limit) return false;
    this.#keep({ content, size, id: packet.id });
    return true;
  }

  /**
   * Sends up to `most` packets, the oldest first; requests for which `wanted` says no are passed over.
   * @returns how many were sent
   */
  release(pipe: Pipe, wanted: (id: PacketId) => boolean, most = Number.POSITIVE_INFINITY): number {
    let sent = 0;
    while (sent < most && this.length > 0) {
      const held = this.#take();
      if (held.id !== undefined && !wanted(held.id)) continue;
      if (!this.#send(held, pipe)) continue;
      sent++;
      this.#note(held);
    }
    return sent;
  }

  /** From now on keeps what is sent, up to `limit` bytes: with more than that, the other side is taken to read it. */
  keepSent(limit: number): void {
    this.#sent = [];
    this.#sentSize = 0;
    this.#mostSent = limit;
  }

  /** What was sent has arrived, or is lost. */
  forgetSent(): void {
    this.#sent = undefined;
  }

  /** What was sent since {@link keepSent} has not been read: it waits again, before everything else. */
  restoreSent(): void {
    const sent = this.#sent ?? [];
    this.#sent = undefined;
    if (sent.length === 0) return;
    const packets = [...sent, ...this.#held()];
    this.clear();
    this.passed -= packets.length;
    for (const held of packets) this.#keep(held);
  }

  /** The ids of the requests held. */
  ids(): Set<PacketId> {
    return new Set(this.#held().flatMap(({ id }) => (id === undefined ? [] : [id])));
  }

  /** Takes over the events that another has held; its requests have promises of their own. */
  adopt(other: OfflineQueue): void {
    if ((this.#dialect === undefined) !== (other.#dialect === undefined)) return;
    for (const held of other.#held()) if (held.id === undefined) this.#keep(held);
    other.clear();
  }

  /** Forgets everything, and says how many packets that was. */
  clear(): number {
    const count = this.length;
    this.#packets = [];
    this.#first = 0;
    this.size = 0;
    this.passed += count;
    return count;
  }

  #held(): Held[] {
    return this.#packets.slice(this.#first);
  }

  #keep(held: Held): void {
    this.#packets.push(held);
    this.size += held.size;
  }

  #take(): Held {
    const held = this.#packets[this.#first++] as Held;
    this.size -= held.size;
    this.passed++;
    if (this.length === 0) this.clear();
    else if (this.#first === COMPACT) this.#compact();
    return held;
  }

  #note(held: Held): void {
    if (this.#sent === undefined) return;
    this.#sentSize += held.size;
    if (this.#sentSize > this.#mostSent) this.#sent = undefined;
    else this.#sent.push(held);
  }

  #compact(): void {
    this.#packets = this.#held();
    this.#first = 0;
  }

  #send({ content, id }: Held, pipe: Pipe): boolean {
    if (!(content instanceof Snapshot)) return pipe.write(content);
    try {
      return pipe.send(content.value as Packet);
    } catch (error) {
      this.#failed(error as IPCError, id);
      return false;
    }
  }
}
