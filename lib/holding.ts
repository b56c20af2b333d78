import { deserialize, serialize } from 'node:v8';
import { IPCError, messageOf } from '../entities/errors.js';
import type { Packet, PacketId } from '../entities/packet.js';
import type { Connection } from './connection.js';
import type { Dialect } from './dialects/dialect.js';

interface Held {
  readonly bytes: string | Buffer;
  readonly id: PacketId | undefined;
}

function snapshot(packet: Packet): Buffer {
  try {
    return serialize(packet);
  } catch (cause) {
    throw new IPCError('ERR_IPC_ENCODE', `The payload cannot be sent: ${messageOf(cause)}.`, { cause });
  }
}

/**
 * Packets that wait for a connection, each as it was when it was emitted. Where the dialect is settled beforehand they are
 * held as the bytes to send; where a hello will decide it, as a copy of the packet.
 */
export class Holding {
  readonly #dialect: Dialect | undefined;
  #packets: Held[] = [];
  /** Bytes held; a text's character counts as one. */
  size = 0;

  /** `dialect`: what the packets will be sent in, if that is known. */
  constructor(dialect: Dialect | undefined) {
    this.#dialect = dialect;
  }

  get length(): number {
    return this.#packets.length;
  }

  /**
   * Takes a packet, unless it would make more than `limit` bytes.
   * @throws IPCError ERR_IPC_ENCODE
   */
  push(packet: Packet, limit: number): boolean {
    const bytes = this.#dialect === undefined ? snapshot(packet) : this.#dialect.encode(packet);
    if (this.size + bytes.length > limit) return false;
    this.size += bytes.length;
    this.#packets.push({ bytes, id: packet.id });
    return true;
  }

  /** Sends up to `most` packets, the oldest first, those passed over for which `wanted` says no. */
  release(connection: Connection, wanted: (id: PacketId) => boolean, most = this.#packets.length): void {
    const released = this.#packets.splice(0, most);
    for (const { bytes, id } of released) {
      this.size -= bytes.length;
      if (id !== undefined && !wanted(id)) continue;
      if (this.#dialect === undefined) connection.send(deserialize(bytes as Buffer) as Packet);
      else connection.write(bytes);
    }
  }

  /** The ids of the requests held. */
  ids(): Set<PacketId> {
    return new Set(this.#packets.flatMap(({ id }) => (id === undefined ? [] : [id])));
  }

  /** Takes over the events that another has held; its requests have promises of their own. */
  adopt(other: Holding): void {
    if ((this.#dialect === undefined) !== (other.#dialect === undefined)) return;
    for (const held of other.#packets) {
      if (held.id !== undefined) continue;
      this.#packets.push(held);
      this.size += held.bytes.length;
    }
    other.clear();
  }

  /** Forgets everything, and says how many packets that was. */
  clear(): number {
    const count = this.#packets.length;
    this.#packets = [];
    this.size = 0;
    return count;
  }
}
