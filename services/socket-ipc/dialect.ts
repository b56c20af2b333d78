import { IPCError } from '../../entities/errors.js';
import { DEFAULT_LIMITS, type Limits } from '../../entities/limits.js';
import {
  BYE,
  HELLO,
  LONGEST_NAME,
  MESSAGE,
  malformed,
  type Packet,
  PUBLISH,
  TOO_LONG_A_NAME,
  type TopicMessage,
  unreadable,
  WELCOME,
} from '../../entities/packet.js';
import { parseJSON, stringify } from '../../lib/codecs/json.js';
import {
  type Capabilities,
  type Decoder,
  type Dialect,
  FULL,
  type Negotiation,
  NO_HANDSHAKE,
} from '../../lib/dialects/dialect.js';
import type { NamedDialect } from '../../lib/dialects/registry.js';
import { checkSize, mayBeTooLarge } from '../../lib/dialects/size.js';
import { DelimitedFormat, DelimitedReader, type FrameParser } from '../../lib/framing/delimited.js';
import { isBlank } from '../../lib/framing/framing.js';

/** The bytes that end a frame. */
export const TOPIC_DELIMITER = '\0\0';

/** Control packets that a peer of socket-ipc does not need. */
const UNSAID = new Set([HELLO, WELCOME, BYE]);

/** The topic of a message that was sent without one, as socket-ipc documents it. */
export const NO_TOPIC = 'none';

/** Parses a frame's message. Peers may omit the topic, or use a number. */
export function parseTopic(text: string, from: number, to: number, limits: Limits): Packet | undefined {
  const frame = text.slice(from, to);
  if (isBlank(frame)) return undefined;
  let value: { topic?: unknown; message?: unknown };
  try {
    value = parseJSON(frame, limits, 1) as typeof value;
  } catch (cause) {
    return unreadable('A frame is not JSON', frame.length, cause);
  }
  if (typeof value !== 'object' || value === null) return malformed('A frame is not an object', frame.length);
  const { topic, message } = value;
  if (typeof topic === 'object' && topic !== null)
    return malformed('A frame has a "topic" that is not a name', frame.length);
  const type = String(topic ?? NO_TOPIC);
  if (type.length > LONGEST_NAME) return malformed(TOO_LONG_A_NAME, frame.length);
  return { type, data: message };
}

/**
 * Formats a message as a frame.
 * @throws IPCError ERR_IPC_ENCODE, ERR_IPC_TOO_DEEP, ERR_IPC_TOO_LARGE
 */
export function topicFrame(topic: string, message: unknown, limits: Limits): string {
  const json = stringify(message, limits);
  const tail = json === undefined ? '}' : `,"message":${json}}`;
  const frame = `{"topic":${JSON.stringify(topic)}${tail}${TOPIC_DELIMITER}`;
  if (mayBeTooLarge(frame, limits)) checkSize(frame, TOPIC_DELIMITER.length, limits);
  return frame;
}

/** The error of a request, which the dialect cannot express. */
function unsupported(type: string): IPCError {
  const message = `${type} is a request, and socket-ipc's dialect knows messages only; emit it, or use another dialect.`;
  return new IPCError('ERR_IPC_UNSUPPORTED', message);
}

/**
 * The dialect of socket-ipc: `JSON.stringify({ topic, message })` and two NUL bytes. It has events only; a published
 * message is sent as an event named after its topic.
 */
export class TopicDialect implements Dialect {
  readonly name = 'topic';
  readonly capabilities: Capabilities = { ...FULL, calls: false, streams: 'none', published: 'to-all' };
  readonly handshake = NO_HANDSHAKE;
  protected readonly limits: Limits;

  constructor(limits: Limits = DEFAULT_LIMITS) {
    this.limits = limits;
  }

  encode({ type, data, id, re }: Packet): string | Buffer {
    if (re !== undefined || UNSAID.has(type)) return '';
    if (id !== undefined) throw unsupported(type);
    if (type !== MESSAGE && type !== PUBLISH) return topicFrame(type, data, this.limits);
    const { topic, data: message } = data as TopicMessage;
    return topicFrame(topic, message, this.limits);
  }

  decoder(limits: Limits): Decoder {
    const parse: FrameParser['parse'] = (text, from, to) => parseTopic(text, from, to, limits);
    return new DelimitedReader(new DelimitedFormat(TOPIC_DELIMITER, { parse }, limits));
  }

  negotiated(_negotiation: Negotiation, _limits: Limits): Dialect {
    return this;
  }
}

/** The dialect, for use in a config. */
export const SOCKET_IPC: NamedDialect = {
  name: 'topic',
  beginnings: ['{"topic":'],
  create: (_role, limits) => new TopicDialect(limits),
};
