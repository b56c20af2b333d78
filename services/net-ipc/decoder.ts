import { IPCError } from '../../entities/errors.js';
import type { Limits } from '../../entities/limits.js';
import {
  BYE,
  HELLO,
  MESSAGE,
  malformed,
  type Packet,
  type PacketId,
  PING,
  PUBLISH,
  SUBSCRIBE,
  type TopicMessage,
  UNSUBSCRIBE,
  unreadable,
  WELCOME,
} from '../../entities/packet.js';
import type { Inflater } from '../../lib/codecs/deflate.js';
import { parseJSON } from '../../lib/codecs/json.js';
import type { MsgpackCodec } from '../../lib/codecs/msgpack.js';
import type { Decoder, Finding } from '../../lib/dialects/dialect.js';
import type { ByteQueue } from '../../lib/framing/byte-queue.js';
import type { Deliver } from '../../lib/framing/framing.js';
import { type LengthPrefix, LengthPrefixedReader, type ReadBody } from '../../lib/framing/length-prefixed.js';
import { lengthEnd, readLength } from './base128.js';
import { ASK, EVENT, type Frame, isNonce, Kind, ours } from './frame.js';
import { answerEnd, LONGEST_OPENING, openingAnswer, openingEnd } from './preamble.js';

/** How a connection is read. */
export interface Reading {
  readonly role: 'client' | 'server';
  /** Whether requests and messages in the form of isdk's publications are about topics. */
  readonly topics: boolean;
  /** Whether the other side's opening was read, or there is none. */
  readonly opened: boolean;
  /** Whether hello and welcome were exchanged. */
  readonly greeted: boolean;
  /** The codec of msgpack bodies; undefined for JSON. */
  readonly msgpack: MsgpackCodec | undefined;
  readonly inflater: Inflater | undefined;
}

/** The length of a body in seven-bit groups. */
class Base128Prefix implements LengthPrefix {
  size = 0;
  length = 0;

  read(bytes: Buffer, at: number): boolean {
    const end = lengthEnd(bytes, at);
    if (end === 0) return false;
    this.size = end - at;
    this.length = readLength(bytes, at, end);
    return true;
  }
}

/** Reads the opening, then frames. */
export class NetIpcDecoder implements Decoder {
  readonly #limits: Limits;
  readonly #reading: Reading;
  readonly #frames: LengthPrefixedReader;
  #opened: boolean;
  #greeted: boolean;

  constructor(limits: Limits, reading: Reading) {
    this.#limits = limits;
    this.#reading = reading;
    this.#opened = reading.opened;
    this.#greeted = reading.greeted;
    const body: ReadBody = (bytes, start, end) => this.#body(bytes, start, end);
    this.#frames = new LengthPrefixedReader(new Base128Prefix(), body, limits);
  }

  read(unread: ByteQueue, deliver: Deliver): Finding | undefined {
    return this.#opened ? this.#frames.read(unread, deliver) : this.#open(unread);
  }

  end(unread: ByteQueue): IPCError | undefined {
    return this.#frames.end(unread);
  }

  /** Reads the opening once it is complete. */
  #open(unread: ByteQueue): Finding | undefined {
    const isServer = this.#reading.role === 'server';
    const bytes = unread.peek(LONGEST_OPENING);
    const end = isServer ? openingEnd(bytes) : answerEnd(bytes);
    if (end === 0) return undefined;
    this.#opened = true;
    const opening = unread.take(end);
    return { answer: isServer ? openingAnswer(opening) : undefined };
  }

  #body(bytes: Buffer, start: number, end: number): Packet {
    const { inflater } = this.#reading;
    if (inflater === undefined) return this.#packet(bytes, start, end);
    const body = inflater.inflate(bytes.subarray(start, end));
    return this.#packet(body, 0, body.length);
  }

  #packet(bytes: Buffer, start: number, end: number): Packet {
    const { msgpack } = this.#reading;
    let frame: Frame | null;
    try {
      if (msgpack !== undefined) frame = msgpack.decode(bytes, start, end, this.#limits) as Frame | null;
      else frame = parseJSON(bytes.toString('utf8', start, end), this.#limits, 2) as Frame | null;
    } catch (cause) {
      if (cause instanceof IPCError && cause.code !== 'ERR_IPC_TOO_DEEP') throw cause;
      return unreadable('A frame cannot be read', end - start, cause);
    }
    const packet = typeof frame === 'object' && frame !== null ? this.#understand(frame) : undefined;
    return packet ?? malformed("A frame is not one of net-ipc's", end - start);
  }

  /** Converts a frame to a packet; undefined if it is invalid. */
  #understand({ t, d, n, e }: Frame): Packet | undefined {
    switch (t) {
      case Kind.CONNECTION:
        return this.#greeting(d);
      case Kind.MESSAGE:
        return this.#message(d);
      case Kind.REQUEST:
        return isNonce(n) ? this.#request(d, n) : undefined;
      case Kind.RESPONSE:
        return isNonce(n) ? { type: ASK, data: d, re: ours(n), error: e as Packet['error'] } : undefined;
      case Kind.PING:
        return isNonce(n) ? { type: PING, data: d, id: n } : undefined;
      case Kind.PONG:
        return isNonce(n) ? { type: PING, data: d, re: ours(n) } : undefined;
      case Kind.END:
        return { type: BYE, data: farewell(d) };
      default:
        return undefined;
    }
  }

  #greeting(d: unknown): Packet | undefined {
    if (this.#greeted) return undefined;
    this.#greeted = true;
    const { id, compress, messagepack, extras, secret } = fields(d);
    if (this.#reading.role === 'client') {
      const codec = messagepack === true ? 'msgpack' : 'json';
      return { type: WELCOME, data: { id, codec, compress: compress === true } };
    }
    const hello: Record<string, unknown> = { compress: compress === true };
    if (typeof id === 'string' && id !== '') hello.session = id;
    if (typeof secret === 'string') hello.secret = secret;
    if (extras !== undefined) hello.credentials = extras;
    if (messagepack === true) hello.codecs = ['msgpack'];
    return { type: HELLO, data: hello };
  }

  /** A server forwards a publication as a message of the form `{ pub, message }`. */
  #message(d: unknown): Packet {
    const { role, topics } = this.#reading;
    const published = topics && role === 'client' ? publication(d) : undefined;
    return published === undefined ? { type: EVENT, data: d } : { type: MESSAGE, data: published };
  }

  #request(d: unknown, n: PacketId): Packet {
    const { role, topics } = this.#reading;
    return (topics && role === 'server' ? aboutTopics(d, n) : undefined) ?? { type: ASK, data: d, id: n };
  }
}

/** Converts a request of the form `{ sub }`, `{ unsub }` or `{ pub, message }`. */
function aboutTopics(d: unknown, n: PacketId): Packet | undefined {
  const published = publication(d);
  if (published !== undefined) return { type: PUBLISH, data: published, id: n };
  const about = fields(d);
  const { sub, unsub } = about;
  const topics = [sub ?? unsub].flat();
  if (Object.keys(about).length !== 1 || topics.some((topic) => typeof topic !== 'string')) return undefined;
  return { type: sub === undefined ? UNSUBSCRIBE : SUBSCRIBE, data: topics, id: n };
}

/** The publication in a value of the form `{ pub, message }`; `message` is missing if it is undefined. */
function publication(d: unknown): TopicMessage | undefined {
  const about = fields(d);
  if (typeof about.pub !== 'string') return undefined;
  if (Object.keys(about).length > ('message' in about ? 2 : 1)) return undefined;
  return { topic: about.pub, data: about.message };
}

/** Reads a closing frame. Without content it allows the client to reconnect, as in net-ipc. */
function farewell(d: unknown): { reason: unknown; reconnect: boolean } {
  const { m, a } = fields(d);
  return { reason: m, reconnect: d ? Boolean(a) : true };
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
