import { IPCError } from './errors.js';
import type { Packet, PacketError } from './packet.js';

/**
 * The packet types of streams. The request {@link STREAM} opens a call; its answer, or its error, ends the call. In all
 * other packets `id` is the call number if the sender opened the call, and `re` is the call number if the receiver opened
 * it.
 */
export const STREAM = 'ipc:stream';
/** An item: of the response if it has `re`, of the body if it has `id`. */
export const ITEM = 'ipc:item';
/** The end of a body, successful or with an error. */
export const END = 'ipc:end';
/** How many items were consumed, and how many more may be sent (flow control). The first credit accepts the call. */
export const CREDIT = 'ipc:credit';
/** The receiver wants no more items: of the response, which ends the call, or of the body. */
export const CANCEL = 'ipc:cancel';

/**
 * The flow-control window: how many items, and about how many bytes in total, may be sent without further credit. The last
 * item may exceed the bytes.
 */
export interface Window {
  items: number;
  bytes: number;
}

/** The data of {@link STREAM}. */
export interface Opening extends Window {
  type: string;
  data?: unknown;
  /** Whether the call has a body. */
  body?: boolean | undefined;
  /**
   * Whether the call may resume over another connection. In a call that resumes: the number of the last item that arrived.
   */
  resume?: number | undefined;
}

/** Identifies a call; exactly one member is present. See {@link STREAM}. */
export interface CallReference {
  id?: number;
  re?: number;
}

/** The data of {@link ITEM}. */
export interface Item extends CallReference {
  /** The number of the item, counted from 1. */
  seq: number;
  item?: unknown;
  /** Bytes as base64, in place of `item`, if the codec cannot carry bytes. */
  base64?: string;
  /** Whether the sender's credit is used up, so that it waits for more. */
  full?: boolean;
}

/** The data of {@link CREDIT}. */
export interface Credit extends CallReference, Window {
  /** The number of the last consumed item. */
  seq: number;
}

/** The data of {@link END}. */
export interface End extends CallReference {
  /** The total number of items. */
  seq: number;
  error?: PacketError | undefined;
}

/** The data of the answer to {@link STREAM}. */
export interface Ended {
  /** The total number of items. */
  seq: number;
}

/** Whether a packet belongs to an open call, as opposed to opening or ending it. */
export function isAboutStream({ type, data }: Packet): boolean {
  if (type !== ITEM && type !== CREDIT && type !== CANCEL && type !== END) return false;
  return typeof data === 'object' && data !== null;
}

/** Whether a packet has an item of an open call. */
export function isItem(packet: Packet): boolean {
  return packet.type === ITEM && isAboutStream(packet);
}

/** Whether a packet is for the responding side: it opens a call, or belongs to one that its sender opened. */
export function isForResponder(packet: Packet): boolean {
  return (packet.type === STREAM && packet.id !== undefined) || isAboutStream(packet);
}

/** Whether a value is a valid number of items or bytes. */
export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** The error of a peer that violates the protocol of streams. Its connection must be closed. */
export function streamViolation(what: string): IPCError {
  return new IPCError(
    'ERR_IPC_PROTOCOL',
    `The other side violated the protocol of streams: ${what}; the connection is closed.`,
  );
}
