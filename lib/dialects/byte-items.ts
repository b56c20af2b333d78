import { type Limits, tooLargeToSend } from '../../entities/limits.js';
import type { Packet } from '../../entities/packet.js';
import { ITEM, type Item } from '../../entities/stream.js';
import { type Bytes, bufferOf, isBytes } from '../bytes.js';
import { headOf } from '../codecs/repeated-events.js';

/** The minimum size for this fast path, in bytes; JSON.parse reads shorter frames as fast. */
export const LONG_ITEM = 2048;

const HEAD = headOf(ITEM);
/** The offset of a byte in {@link HEAD} that differs in most other frames, for a quick check. */
const TOLD_BY = HEAD.indexOf('item');
const FIRST = HEAD.charCodeAt(TOLD_BY);

/** A number as JSON has it, which has no leading zeros. */
const NUMBER = '(0|[1-9]\\d{0,14})';
/**
 * The start of a frame with a base64 item, as written by {@link encodeBytes} and any JSON encoder that keeps this order of
 * members.
 */
const BEGINNING = new RegExp(`^${HEAD.replace('{', '\\{')}\\{"(id|re)":${NUMBER},"seq":${NUMBER},"base64":"`);
const LONGEST_BEGINNING = 128;
const END = '"}}';
const FULL_END = '","full":true}}';

const QUOTE = 0x22;

/** Whether a packet is a stream item that contains bytes. */
export function isBytesItem({ type, data }: Packet): boolean {
  return type === ITEM && isBytes((data as Item | null | undefined)?.item);
}

/** Converts an item of bytes to base64 for JSON. */
export function base64Item({ item, ...rest }: Item): Item {
  return { ...rest, base64: bufferOf(item as Bytes).toString('base64') };
}

/**
 * Encodes the frame of an item of bytes without JSON.stringify: base64 needs no escapes, and each character is one byte.
 * @param room how many bytes to leave free before the frame
 * @throws IPCError ERR_IPC_TOO_LARGE
 */
export function encodeBytes(
  { item, full, ...rest }: Item,
  room: number,
  tail: string,
  limits: Limits,
): Buffer {
  const bytes = bufferOf(item as Bytes);
  const head = `${HEAD}${JSON.stringify(rest).slice(0, -1)},"base64":"`;
  const end = full === true ? FULL_END : END;
  const width = Buffer.byteLength(head);
  const size = width + 4 * Math.ceil(bytes.length / 3) + end.length;
  if (size > limits.maxMessageSize) throw tooLargeToSend(size, limits);
  const frame = Buffer.allocUnsafe(room + size + Buffer.byteLength(tail));
  frame.write(head, room);
  frame.write(bytes.toString('base64'), room + width, 'latin1');
  frame.write(end + tail, room + size - end.length);
  return frame;
}

/** Quick check whether {@link decodeBytes} might be able to read the frame at a position. */
export function mayBeBytes(bytes: Buffer, from: number): boolean {
  return bytes[from + TOLD_BY] === FIRST;
}

/**
 * Decodes the frame of an item of bytes without converting it to a string first.
 * @returns undefined if the frame is different, or formatted differently
 */
export function decodeBytes(bytes: Buffer, from: number, to: number): Packet | undefined {
  if (to - from < LONG_ITEM || !mayBeBytes(bytes, from)) return undefined;
  const frame = bytes.subarray(from, to);
  const beginning = BEGINNING.exec(frame.toString('latin1', 0, LONGEST_BEGINNING));
  if (beginning === null) return undefined;
  const start = beginning[0].length;
  const close = frame.indexOf(QUOTE, start);
  const full = frame.length - close === FULL_END.length;
  if (!full && frame.length - close !== END.length) return undefined;
  if (frame.toString('latin1', close) !== (full ? FULL_END : END)) return undefined;
  const base64 = frame.toString('latin1', start, close);
  const item = Buffer.from(base64, 'base64');
  // Buffer.from skips characters that are not base64; such a frame is left to JSON.parse.
  if (item.length !== bytesIn(base64)) return undefined;
  const data: Item = { [beginning[1] as 'id' | 're']: Number(beginning[2]), seq: Number(beginning[3]), item };
  if (full) data.full = true;
  return { type: ITEM, data };
}

/** How many bytes a base64 text encodes, if it contains nothing else. */
function bytesIn(base64: string): number {
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
  return (base64.length / 4) * 3 - padding;
}
