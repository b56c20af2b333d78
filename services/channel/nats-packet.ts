import type { Position } from './carrier.js';

/**
 * A packet between two runs of members over NATS: a line of JSON that identifies the sender, followed by messages, one per
 * line, or by one part of a message that exceeds NATS's size limit. Each packet also acknowledges messages of the opposite
 * direction.
 */
export interface NatsPacket extends Position {
  readonly from: string;
  readonly number: number;
  /** The number of the first message in the packet. */
  readonly seq: number;
  /** The acknowledged stream of the receiver and the last acknowledged message; both 0 if there is none. */
  readonly ackEpoch: number;
  readonly ackSeq: number;
  /** The index and the number of parts; 0 of 0 if messages are complete. */
  readonly part: number;
  readonly parts: number;
  /** The lines of the messages, each with its newline; or the text of the part. */
  readonly text: string;
}

/** Encodes a packet as text. */
export function encodePacket(packet: NatsPacket): string {
  const { from, number, epoch, first, seq, ackEpoch, ackSeq, part, parts, text } = packet;
  return `["${from}",${number},${epoch},${first},${seq},${ackEpoch},${ackSeq},${part},${parts}]\n${text}`;
}

/** Decodes a packet; undefined if the text is invalid. */
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

/** Splits a text into parts of a maximum length, without separating surrogate pairs. */
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
