import { IPCError } from '../../entities/errors.js';
import { type Packet, type PacketId, toPacketError } from '../../entities/packet.js';
import {
  CANCEL,
  type CallReference,
  CREDIT,
  END,
  ITEM,
  type Item,
  isCount,
  streamViolation,
  type Window,
} from '../../entities/stream.js';
import { bufferOf, isBytes } from '../bytes.js';

/** The part of a peer that streams use. */
export interface StreamConnection {
  /** Whether packets can be sent. */
  readonly open: boolean;
  /** Whether the codec can carry bytes. If not, they are sent as base64. */
  readonly binary: boolean;
  /** Whether so much is queued that a sender should wait. */
  readonly congested: boolean;
  /**
   * Sends a packet.
   * @returns false if it was not accepted
   * @throws IPCError ERR_IPC_ENCODE
   */
  send(packet: Packet): boolean;
  /** Answers a request of the peer. If the answer cannot be encoded, the reason is sent instead. */
  answer(type: string, re: PacketId, data: unknown, error?: unknown): void;
  /** Calls back when everything sent so far was handed over, or is lost. */
  drained(callback: () => void): void;
}

/**
 * Sends an item.
 * @throws IPCError ERR_IPC_ENCODE, ERR_IPC_BACKPRESSURE
 */
export function sendItem(
  connection: StreamConnection,
  call: CallReference,
  seq: number,
  item: unknown,
  full: boolean,
): void {
  const data: Item =
    connection.binary || !isBytes(item)
      ? { ...call, seq, item }
      : { ...call, seq, base64: bufferOf(item).toString('base64') };
  if (full) data.full = true;
  if (connection.send({ type: ITEM, data }) || !connection.open) return;
  const message =
    'An item was not sent, because the queue of the connection is full (config.maxPendingBytes).';
  throw new IPCError('ERR_IPC_BACKPRESSURE', message);
}

export function sendCredit(
  connection: StreamConnection,
  call: CallReference,
  seq: number,
  { items, bytes }: Window,
): void {
  connection.send({ type: CREDIT, data: { ...call, seq, items, bytes } });
}

export function sendCancel(connection: StreamConnection, call: CallReference): void {
  connection.send({ type: CANCEL, data: call });
}

/** Sends the end of a body, or its failure. */
export function sendEnd(
  connection: StreamConnection,
  call: CallReference,
  seq: number,
  error: unknown,
  failed: boolean,
): void {
  connection.send({
    type: END,
    data: failed ? { ...call, seq, error: toPacketError(error) } : { ...call, seq },
  });
}

/**
 * The item in a packet of {@link sendItem}.
 * @throws IPCError ERR_IPC_PROTOCOL
 */
export function itemOf({ seq, item, base64 }: Item): unknown {
  if (!isCount(seq)) throw streamViolation('an item has no number');
  if (base64 === undefined) return isBytes(item) ? bufferOf(item) : item;
  if (typeof base64 !== 'string') throw streamViolation('an item is not base64');
  return Buffer.from(base64, 'base64');
}
