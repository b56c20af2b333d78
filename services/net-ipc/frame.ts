import { isPacketId, type PacketId } from '../../entities/packet.js';

/** The kinds of frames, in member `t`. */
export const Kind = {
  /** The hello of a client, or the answer of the server. */
  CONNECTION: 0,
  /** A message. */
  MESSAGE: 1,
  /** A request. */
  REQUEST: 2,
  /** The response to a request. */
  RESPONSE: 3,
  /** A ping. */
  PING: 4,
  /** The answer to a ping. */
  PONG: 5,
  /** The end of a connection, with its reason. */
  END: 6,
} as const;

/** The body of a frame. */
export interface Frame {
  t: number;
  d?: unknown;
  /** The nonce of a request, repeated in its response. */
  n?: PacketId | undefined;
  /** Why a request failed. net-ipc ignores it; peers of this package read it. */
  e?: unknown;
}

/** The names of all events and requests on this wire. */
export const EVENT = 'message';
export const ASK = 'request';

/** Whether a value is a valid nonce. */
export function isNonce(nonce: unknown): nonce is PacketId {
  return nonce !== '' && isPacketId(nonce);
}

/** Converts a nonce in an answer to our id, which is a positive integer; returns any other nonce unchanged. */
export function ours(nonce: PacketId): PacketId {
  const id = Number(nonce);
  return Number.isSafeInteger(id) && id > 0 && String(id) === nonce ? id : nonce;
}
