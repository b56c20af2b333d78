import { isPacketId, MESSAGE, type Packet } from '../../entities/packet.js';
import { LONG } from './long-text.js';
import { readJSON, readPlainJSON } from './read-json.js';

const QUOTE = 0x22;
const ZERO = 0x30;
const BRACKET = 0x5d;
const BRACE = 0x7d;

/** What precedes the id of a request, and of a response. */
const ID = ',"id":';
const RE = ',"re":';
/** Any id of up to this many digits is a safe integer. */
const MOST_DIGITS = 15;

/** The start of an event's frame. Frames of the same event differ only in the data that follow. */
export function headOf(type: string): string {
  return `{"type":${JSON.stringify(type)},"data":`;
}

const NO_HEAD = headOf('');

/**
 * A fast path for repeated frames of the same event, request or response. If a frame starts like the last one and ends as
 * its kind does, only the data are passed to JSON.parse, which saves a quarter of the time. For a topic message, the topic
 * belongs to the start as long as it stays the same. Frames that look different are left to the general parser.
 */
export class RepeatedEvents {
  /** The limit of nesting. */
  readonly #levels: number;
  #head = NO_HEAD;
  #type = '';
  /** The topic at the end of the head. */
  #topic: string | undefined;
  /** The last event, and the event whose frames were examined last. */
  #last: string | undefined;
  #tried: string | undefined = '';

  constructor(levels: number) {
    this.#levels = levels;
  }

  /** Reads a frame if it is of the known kind. `plain` means that the text has no backslash. */
  read(text: string, from: number, to: number, plain: boolean): Packet | undefined {
    const head = this.#head;
    // V8 compares two strings faster than it looks for the start of one.
    if (to - from >= LONG || text.slice(from, from + head.length) !== head) return undefined;
    let end = to - 1;
    if (text.charCodeAt(end) !== BRACE) return undefined;
    let number = -1;
    let name = ID;
    if (isDigit(text.charCodeAt(end - 1))) {
      // From the last digit to the first.
      let at = end - 1;
      number = 0;
      let digit = text.charCodeAt(at) - ZERO;
      for (let place = 1; digit >= 0 && digit < 10; place *= 10) {
        number += digit * place;
        digit = text.charCodeAt(--at) - ZERO;
      }
      const digits = end - at - 1;
      if (digits > MOST_DIGITS || (digits > 1 && text.charCodeAt(at + 1) === ZERO)) return undefined;
      end = at + 1 - ID.length;
      if (end < from + head.length || this.#topic !== undefined) return undefined;
      if (text.charCodeAt(end + 2) === RE.charCodeAt(2)) name = RE;
      if (!text.startsWith(name, end)) return undefined;
    } else {
      if (this.#topic !== undefined && text.charCodeAt(--end) !== BRACE) return undefined;
      if (!closes(text.charCodeAt(end - 1))) return undefined;
    }
    const json = text.slice(from + head.length, end);
    const levels = this.#topic === undefined ? this.#levels : this.#levels - 1;
    try {
      const data = plain ? readPlainJSON(json, levels) : readJSON(json, levels);
      const type = this.#type;
      if (this.#topic !== undefined) return { type, data: { topic: this.#topic, data } };
      if (number < 0) return { type, data };
      return name === ID ? { type, data, id: number } : { type, data, re: number };
    } catch {}
    // The frame has more members than its kind, or is not JSON.
    this.#know('', NO_HEAD);
    return undefined;
  }

  /** Learns a kind from a frame that was parsed in full, when it occurs for the second time. */
  learn(packet: Packet, frame: string): void {
    const { type } = packet;
    if (type !== this.#last) this.#last = type;
    else if (type !== this.#tried) {
      this.#tried = type;
      const head = headOf(type);
      if (!isOfAKind(packet) || !frame.startsWith(head)) return;
      this.#know(type, head);
      if (type === MESSAGE) this.#learnTopic(packet, head, frame);
    } else if (this.#topic !== undefined) this.#know(type, headOf(type));
  }

  #learnTopic({ data, id, re }: Packet, head: string, frame: string): void {
    if (typeof data !== 'object' || data === null || id !== undefined || re !== undefined) return;
    const { topic } = data as { topic?: unknown };
    if (typeof topic !== 'string' || Object.keys(data).length !== 2) return;
    const longer = `${head}{"topic":${JSON.stringify(topic)},"data":`;
    if (frame.startsWith(longer)) this.#know(MESSAGE, longer, topic);
  }

  #know(type: string, head: string, topic?: string): void {
    this.#head = head;
    this.#type = type;
    this.#topic = topic;
  }
}

/** Whether a packet consists of a name, data and, for a request or response, an id. */
function isOfAKind(packet: Packet): boolean {
  const members = Object.keys(packet).length;
  const { id, re } = packet;
  return members === 2 || (members === 3 && (isPacketId(id) || isPacketId(re)));
}

/** Whether a character ends data that are not a number or literal; after those, an id could follow. */
function closes(code: number): boolean {
  return code === BRACE || code === BRACKET || code === QUOTE;
}

function isDigit(code: number): boolean {
  return code >= ZERO && code < ZERO + 10;
}
