import { isPacketId, MESSAGE, type Packet } from '../../entities/packet.js';
import { LONG } from './long-text.js';
import { readJSON, readPlainJSON } from './read-json.js';

const QUOTE = 0x22;
const ZERO = 0x30;
const BRACKET = 0x5d;
const BRACE = 0x7d;

/** What is before the number of a request, and of a response. */
const ID = ',"id":';
const RE = ',"re":';
/** So many digits are a number that JavaScript has. */
const MOST_DIGITS = 15;

/** How the frame of an event begins: what differs from one of its kind to the next are the data alone. */
export function headOf(type: string): string {
  return `{"type":${JSON.stringify(type)},"data":`;
}

const NO_HEAD = headOf('');

/**
 * Reads the frames of an event, of a request or of its response that is said again and again: where one begins as the last did and
 * ends as its kind does, JSON.parse is given the data alone, which saves it a quarter of the work. Of a message under a topic,
 * the topic counts to the beginning, as long as it is always the same. Whatever looks different is left to others.
 */
export class RepeatedEvents {
  /** How deep data may nest. */
  readonly #levels: number;
  #head = NO_HEAD;
  #type = '';
  /** The topic that the head ends with. */
  #topic: string | undefined;
  /** The event that came last, and the one whose frames were last looked at. */
  #last: string | undefined;
  #tried: string | undefined = '';

  constructor(levels: number) {
    this.#levels = levels;
  }

  /** The packet that a frame holds, where it is of the known kind. `plain` text has no backslash. */
  read(text: string, from: number, to: number, plain: boolean): Packet | undefined {
    const head = this.#head;
    if (to - from >= LONG || !text.startsWith(head, from)) return undefined;
    let end = to - 1;
    if (text.charCodeAt(end) !== BRACE) return undefined;
    let digits = end;
    if (isDigit(text.charCodeAt(end - 1))) {
      digits = firstDigit(text, end);
      end = digits - ID.length;
      if (end < from + head.length || this.#topic !== undefined || end + ID.length === to - 1)
        return undefined;
      if (!text.startsWith(ID, end) && !text.startsWith(RE, end)) return undefined;
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
      if (digits === to - 1) return { type, data };
      const number = numberAt(text, digits, to - 1);
      return text.charCodeAt(end + 2) === ID.charCodeAt(2)
        ? { type, data, id: number }
        : { type, data, re: number };
    } catch {}
    // It says more than one of its kind does, or is not JSON.
    this.#know('', NO_HEAD);
    return undefined;
  }

  /** Learns a kind from a frame that was read in full, when it comes a second time. */
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

/** Whether a packet has nothing but a name and data, and what makes it a request or a response. */
function isOfAKind(packet: Packet): boolean {
  const members = Object.keys(packet).length;
  const { id, re } = packet;
  return members === 2 || (members === 3 && (isPacketId(id) || isPacketId(re)));
}

/** Whether data may end so that are not a number or word: after those an id could follow. */
function closes(code: number): boolean {
  return code === BRACE || code === BRACKET || code === QUOTE;
}

function isDigit(code: number): boolean {
  return code >= ZERO && code < ZERO + 10;
}

/** Where the digits before a position begin; the position itself where they are not a number that JSON and JavaScript have. */
function firstDigit(text: string, end: number): number {
  let at = end - 1;
  while (isDigit(text.charCodeAt(at - 1))) at--;
  const long = end - at > MOST_DIGITS || (end - at > 1 && text.charCodeAt(at) === ZERO);
  return long ? end : at;
}

function numberAt(text: string, from: number, to: number): number {
  let number = 0;
  for (let at = from; at < to; at++) number = number * 10 + text.charCodeAt(at) - ZERO;
  return number;
}
