import { IPCError } from './errors.js';
import type { Packet, PacketError } from './packet.js';

/**
 * The packets of streams. A call is opened by the request {@link STREAM}; the answer to that, or the error, ends it. In all others
 * `id` is a number that the sender has chosen for a call, and `re` one that the receiver has.
 */
export const STREAM = 'ipc:stream';
/** An item: of the response with `re`, of the body with `id`. */
export const ITEM = 'ipc:item';
/** A body has ended, or failed. */
export const END = 'ipc:end';
/** How far items have been taken, and how many more may be sent. The first one accepts the call. */
export const CREDIT = 'ipc:credit';
/** No more items are wanted: of the response, which ends the call, or of the body. */
export const CANCEL = 'ipc:cancel';

/** How much may be on its way: so many items and, together, about so many bytes; the last item may exceed them. */
export interface Window {
  items: number;
  bytes: number;
}

/** The data of {@link STREAM}. */
export interface Opening extends Window {
  type: string;
  data?: unknown;
  /** There is a body. */
  body?: boolean | undefined;
  /** It may be continued over another connection; of one that is, the last item that came. */
  resume?: number | undefined;
}

/** Which call it is about: exactly one of both. */
export interface CallReference {
  id?: number;
  re?: number;
}

/** The data of {@link ITEM}. */
export interface Item extends CallReference {
  /** Its number, from 1. */
  seq: number;
  item?: unknown;
  /** In place of `item`: bytes, where the codec has none. */
  base64?: string;
  /** The sender waits for credit before it sends another. */
  full?: boolean;
}

/** The data of {@link CREDIT}. */
export interface Credit extends CallReference, Window {
  /** The last item that was taken. */
  seq: number;
}

/** The data of {@link END}. */
export interface End extends CallReference {
  /** How many items there were. */
  seq: number;
  error?: PacketError | undefined;
}

/** The data of the answer to {@link STREAM}. */
export interface Ended {
  /** How many items there were. */
  seq: number;
}

/** Whether a packet is about a call for a stream, and not its opening or end. */
export function isAboutStream({ type, data }: Packet): boolean {
  if (type !== ITEM && type !== CREDIT && type !== CANCEL && type !== END) return false;
  return typeof data === 'object' && data !== null;
}

/** Whether a packet is for the side that responds: it opens a call for a stream, or is about one that its sender has opened. */
export function isForResponder(packet: Packet): boolean {
  return (packet.type === STREAM && packet.id !== undefined) || isAboutStream(packet);
}

/** Whether a value is a number of items, or of bytes. */
export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** Of a peer that breaks the rules of streams; its connection is of no more use. */
export function streamViolation(what: string): IPCError {
  return new IPCError(
    'ERR_IPC_PROTOCOL',
    `The other side broke the rules of streams: ${what}; the connection is closed.`,
  );
}
