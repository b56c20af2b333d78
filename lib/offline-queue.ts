import type { IPCError } from '../entities/errors.js';
import { bytesOf, type Encoded, type Packet, type PacketId } from '../entities/packet.js';
import type { Dialect } from './dialects/dialect.js';
import { Fifo } from './fifo.js';
import type { Pipe } from './pipes/pipe.js';
import { Snapshot } from './snapshot.js';

interface Held {
  readonly content: Encoded | Snapshot;
  readonly size: number;
  readonly id: PacketId | undefined;
}

/** Called for a packet that cannot be sent after all, with its id if it is a request. */
export type Unsendable = (error: IPCError, id: PacketId | undefined) => void;

function sizeOf(content: Encoded | Snapshot): number {
  return content instanceof Snapshot ? content.size : bytesOf(content);
}

/**
 * Packets that wait for a connection, each as it was when it was emitted. If the dialect is known in advance, they are
 * stored encoded; if a handshake will determine it, as copies.
 */
export class OfflineQueue {
  /** The size of the queued packets in bytes. */
  size = 0;
  /** The size of the last packet that was refused, in bytes. */
  refused = 0;
  /** How many packets have left the queue so far: sent, skipped or discarded. */
  passed = 0;
  readonly #dialect: Dialect | undefined;
  readonly #failed: Unsendable;
  readonly #packets = new Fifo<Held>();
  /** Packets that were sent and may have to be sent again, their size in bytes, and its limit. */
  #sent: Held[] | undefined;
  #sentSize = 0;
  #mostSent = 0;

  /** @param dialect the dialect in which the packets will be sent, if it is known */
  constructor(dialect: Dialect | undefined, failed: Unsendable) {
    this.#dialect = dialect;
    this.#failed = failed;
  }

  get length(): number {
    return this.#packets.length;
  }

  /**
   * Queues a packet, unless the queue would exceed `limit` bytes.
   * @throws IPCError ERR_IPC_ENCODE
   */
  push(packet: Packet, limit: number): boolean {
    const content = this.#dialect === undefined ? new Snapshot(packet) : this.#dialect.encode(packet);
    const size = sizeOf(content);
    if (this.size + size > limit) {
      this.refused = size;
      return false;
    }
    this.#keep({ content, size, id: packet.id });
    return true;
  }

  /**
   * Sends up to `most` packets, the oldest first. It skips requests for which `wanted` returns false.
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

  /** From now on keeps sent packets, up to `limit` bytes; beyond that, the other side evidently reads them. */
  keepSent(limit: number): void {
    this.#sent = [];
    this.#sentSize = 0;
    this.#mostSent = limit;
  }

  /** The kept packets have arrived, or are lost. */
  forgetSent(): void {
    this.#sent = undefined;
  }

  /** The packets sent since {@link keepSent} were not read: queues them again, before all others. */
  restoreSent(): void {
    const sent = this.#sent ?? [];
    this.#sent = undefined;
    if (sent.length === 0) return;
    const packets = [...sent, ...this.#packets.toArray()];
    this.clear();
    this.passed -= packets.length;
    for (const held of packets) this.#keep(held);
  }

  /** The ids of the queued requests. */
  ids(): Set<PacketId> {
    return new Set(this.#packets.toArray().flatMap(({ id }) => (id === undefined ? [] : [id])));
  }

  /** Takes over the events of another queue. Its requests are not taken over, since they have promises of their own. */
  adopt(other: OfflineQueue): void {
    if ((this.#dialect === undefined) !== (other.#dialect === undefined)) return;
    for (const held of other.#packets.toArray()) if (held.id === undefined) this.#keep(held);
    other.clear();
  }

  /** Discards everything, and returns the number of packets. */
  clear(): number {
    const count = this.length;
    this.#packets.clear();
    this.size = 0;
    this.passed += count;
    return count;
  }

  #keep(held: Held): void {
    this.#packets.push(held);
    this.size += held.size;
  }

  #take(): Held {
    const held = this.#packets.shift();
    this.size -= held.size;
    this.passed++;
    return held;
  }

  #note(held: Held): void {
    if (this.#sent === undefined) return;
    this.#sentSize += held.size;
    if (this.#sentSize > this.#mostSent) this.#sent = undefined;
    else this.#sent.push(held);
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
