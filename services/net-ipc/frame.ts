import { isPacketId, type PacketId } from '../../entities/packet.js';

/** What a frame of net-ipc's is, in its `t`. */
export const Kind = {
  CONNECTION: 0,
  MESSAGE: 1,
  REQUEST: 2,
  RESPONSE: 3,
  PING: 4,
  PONG: 5,
  END: 6,
} as const;

/** The body of a frame. */
export interface Frame {
  t: number;
  d?: unknown;
  /** What a response repeats of its request. */
  n?: PacketId | undefined;
  /** Why a request was refused: net-ipc does not know it, our own peers do. */
  e?: unknown;
}

/** The only names there are on this wire. */
export const EVENT = 'message';
export const ASK = 'request';

/** Whether a value can name a request of the peer's, or one of ours in its answer. */
export function isNonce(nonce: unknown): nonce is PacketId {
  return nonce !== '' && isPacketId(nonce);
}

/** A nonce that comes back, as we know it: ours are numbers. */
export function ours(nonce: PacketId): PacketId {
  const id = Number(nonce);
  return Number.isSafeInteger(id) && id > 0 && String(id) === nonce ? id : nonce;
}
