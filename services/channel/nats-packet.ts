import type { Position } from './carrier.js';

/**
 * What travels between two runs of members over NATS: a line of JSON that says whose it is, then messages, a line each; or one
 * part of a message that is longer than NATS carries. Each packet also acknowledges what came the other way.
 */
export interface NatsPacket extends Position {
  readonly from: string;
  readonly number: number;
  /** The number of the first message in it. */
  readonly seq: number;
  /** The stream of the receiver's that is acknowledged, up to a message; both 0 if there is none. */
  readonly ackEpoch: number;
  readonly ackSeq: number;
  /** Which part of how many it is; 0 of 0 where messages are whole. */
  readonly part: number;
  readonly parts: number;
  /** The lines of the messages, each with its newline; or the text of the part. */
  readonly text: string;
}

/** A packet as text. */
export function encodePacket(packet: NatsPacket): string {
  const { from, number, epoch, first, seq, ackEpoch, ackSeq, part, parts, text } = packet;
  return `["${from}",${number},${epoch},${first},${seq},${ackEpoch},${ackSeq},${part},${parts}]\n${text}`;
}

/** The packet that a text holds; undefined if it holds none. */
export function decodePacket(payload: string): NatsPacket | undefined {
  const end = payload.indexOf('\n');
  if (end === -1) return undefined;
  let head: unknown;
  try {
    head = JSON.parse(payload.slice(0, end));
  } catch {
    return undefined;
  }
  if (!Array.isArray(head) || head.length !== 9) return undefined;
  const [from, ...numbers] = head as [unknown, ...unknown[]];
  if (
    typeof from !== 'string' ||
    !numbers.every((one) => Number.isSafeInteger(one) && (one as number) >= 0)
  ) {
    return undefined;
  }
  const [number, epoch, first, seq, ackEpoch, ackSeq, part, parts] = numbers as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (first < 1 || (parts === 0 ? part !== 0 : part >= parts)) return undefined;
  return { from, number, epoch, first, seq, ackEpoch, ackSeq, part, parts, text: payload.slice(end + 1) };
}

/** Cuts a text into parts of a length at most, and no character in two. */
export function split(text: string, length: number): string[] {
  const parts: string[] = [];
  for (let start = 0; start < text.length; ) {
    let end = Math.min(start + length, text.length);
    const last = text.charCodeAt(end - 1);
    if (end < text.length && last >= 0xd800 && last <= 0xdbff) end--;
    parts.push(text.slice(start, end));
    start = end;
  }
  return parts;
}
