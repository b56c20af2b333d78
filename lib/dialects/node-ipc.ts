import { safeCharacter } from '../../entities/config/wire.js';
import { DEFAULT_LIMITS, type Limits } from '../../entities/limits.js';
import {
  dropForeignMembers,
  type Encoded,
  LONGEST_NAME,
  malformed,
  type Packet,
  TOO_LONG_A_NAME,
} from '../../entities/packet.js';
import type { Item } from '../../entities/stream.js';
import { checkDepth, parseJSON, stringify } from '../codecs/json.js';
import { LONG, stringifyAround } from '../codecs/long-text.js';
import { hasTopic, lookAtFirst, warnOfEmpty } from '../codecs/lost-values.js';
import { BASE_CODEC } from '../codecs/registry.js';
import { headOf, RepeatedEvents } from '../codecs/repeated-events.js';
import {
  type BytesReader,
  DelimitedFormat,
  DelimitedReader,
  type FrameParser,
} from '../framing/delimited.js';
import { isBlank } from '../framing/framing.js';
import {
  type ByteOrder,
  LengthPrefixedReader,
  type ReadBody,
  UINT32,
  Uint32Prefix,
  writeUint32,
} from '../framing/length-prefixed.js';
import { base64Item, decodeBytes, encodeBytes, isBytesItem, mayBeBytes } from './byte-items.js';
import {
  type Capabilities,
  type Decoder,
  type Dialect,
  FULL,
  type Negotiation,
  OPTIONAL_HANDSHAKE,
} from './dialect.js';
import { NegotiatedDialect } from './negotiated.js';
import { NumberedEnd } from './numbered-end.js';
import { checkSize, mayBeTooLarge, prefixed } from './size.js';
import { undecodable } from './too-deep.js';

/** The escape sequence of a character in JSON; one for each UTF-16 code unit. */
export function escaped(character: string): string {
  let units = '';
  for (let i = 0; i < character.length; i++) {
    units += `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`;
  }
  return units;
}

/** The JSON of a packet's members besides type and data. */
function moreOf({ id, re, error, meta }: Packet): string {
  let more = '';
  if (id !== undefined) more += `,"id":${typeof id === 'number' ? id : JSON.stringify(id)}`;
  if (re !== undefined) more += `,"re":${typeof re === 'number' ? re : JSON.stringify(re)}`;
  if (error !== undefined) more += `,"error":${stringify(error)}`;
  if (meta !== undefined) more += `,"meta":${stringify(meta)}`;
  return more;
}

/**
 * Whether a packet is a response that is undefined. It is sent without data, as opposed to an event, which gets node-ipc's
 * `{}`.
 */
function isBare({ data, re, error }: Packet): boolean {
  return data === undefined && re !== undefined && error === undefined;
}

/** The JSON of a packet without the delimiter. */
function textOf(packet: Packet, limits: Limits): string {
  const { type, data } = packet;
  if (isBare(packet)) return `{"type":${JSON.stringify(type)}${moreOf(packet)}}`;
  lookAtFirst(type, data);
  const json = stringify(data, limits) ?? '{}';
  if (json.length === 2) warnOfEmpty(type, data);
  return `${headOf(type)}${json}${moreOf(packet)}}`;
}

/** Parses the first chunks of all connections, since many send one frame and then wait. */
class FirstFrames implements FrameParser {
  readonly #limits: Limits;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  parse(text: string, from: number, to: number): Packet | undefined {
    return parse(text.slice(from, to), undefined, this.#limits);
  }

  own(): FrameParser {
    return new Frames(this.#limits);
  }
}

/** Parses the frames of one connection. Each connection has its own caches, so that one peer cannot slow down another. */
class Frames implements FrameParser {
  readonly #limits: Limits;
  readonly #events: RepeatedEvents;

  constructor(limits: Limits) {
    this.#limits = limits;
    this.#events = new RepeatedEvents(limits.maxDepth);
  }

  parse(text: string, from: number, to: number, plain: boolean): Packet | undefined {
    const packet = this.#events.read(text, from, to, plain);
    return packet ?? parse(text.slice(from, to), this.#events, this.#limits);
  }
}

function parse(frame: string, events: RepeatedEvents | undefined, limits: Limits): Packet | undefined {
  if (isBlank(frame)) return undefined;
  let value: Packet;
  try {
    value = parseJSON(frame, limits, 1) as Packet;
  } catch (cause) {
    return undecodable('A frame is not JSON', frame.length, cause, limits, (deeper) =>
      parse(frame, undefined, deeper),
    );
  }
  if (typeof value !== 'object' || value === null || typeof value.type !== 'string') {
    return malformed('A frame has no "type" that is a string', frame.length);
  }
  if (value.type.length > LONGEST_NAME) return malformed(TOO_LONG_A_NAME, frame.length);
  events?.learn(value, frame);
  dropForeignMembers(value);
  return value;
}

const BYTES: BytesReader = { begins: mayBeBytes, read: decodeBytes };

/** node-ipc's dialect: `JSON.stringify({ type, data })` and a delimiter. */
export class NodeIpcDialect implements Dialect {
  readonly name = 'json';
  readonly capabilities: Capabilities = { ...FULL, streams: 'bytes' };
  readonly handshake = OPTIONAL_HANDSHAKE;
  readonly #delimiter: string;
  readonly #tail: string;
  /** The character of the delimiter that JSON uses only inside strings; '' if JSON always escapes it. */
  readonly #safe: string;
  /** The type and head of the last event, since most events are followed by one of the same type. */
  #type = '';
  /** Whether packets of that type have a topic. */
  #topical = false;
  #head = headOf('');
  /** The ends of requests and of responses, created with the first one. */
  #ids: NumberedEnd | undefined;
  #res: NumberedEnd | undefined;
  /** The dialects of negotiated codecs, shared by all connections since they are stateless. */
  readonly #agreed = new Map<string, Dialect>();

  /** What the decoders of all connections have in common. */
  #format: DelimitedFormat | undefined;
  readonly #limits: Limits;
  readonly #order: ByteOrder | undefined;

  /** @param order the byte order of a length before each frame, which replaces the delimiter */
  constructor(delimiter: string, limits: Limits = DEFAULT_LIMITS, order?: ByteOrder) {
    this.#limits = limits;
    this.#order = order;
    this.#delimiter = delimiter;
    this.#tail = `}${delimiter}`;
    const safe = safeCharacter(delimiter);
    this.#safe = safe < ' ' ? '' : safe;
  }

  encode(packet: Packet): Encoded {
    if (isBytesItem(packet)) return this.#bytes(packet);
    if (this.#order !== undefined) return prefixed(textOf(packet, this.#limits), this.#order, this.#limits);
    const { type, data } = packet;
    if (type !== this.#type) {
      this.#head = headOf(type);
      this.#type = type;
      this.#topical = hasTopic(type);
      lookAtFirst(type, data);
    } else if (this.#topical) lookAtFirst(type, data);
    const tail = this.#tailOf(packet);
    const around = this.#safe === '' ? stringifyAround(data) : undefined;
    if (around !== undefined) {
      checkDepth(data, around[0].length + around[2].length, this.#limits);
      return this.#checked([this.#head + around[0], around[1], around[2] + tail]);
    }
    const bare = isBare(packet);
    const head = bare ? `{"type":${JSON.stringify(type)}` : this.#head;
    const json = bare ? '' : (stringify(data, this.#limits) ?? '{}');
    if (json.length === 2) warnOfEmpty(type, data);
    if (this.#safe === '') {
      return this.#checked(json.length < LONG ? head + json + tail : [head, json, tail]);
    }
    const frame = head + json + tail;
    if (frame.indexOf(this.#delimiter) === frame.length - this.#delimiter.length) return this.#checked(frame);
    const body = frame.slice(0, -this.#delimiter.length);
    return this.#checked(body.replaceAll(this.#safe, escaped(this.#safe)) + this.#delimiter);
  }

  /** The end of a packet's frame, after the data. */
  #tailOf(packet: Packet): string {
    const { id, re, error, meta } = packet;
    if (meta === undefined && error === undefined) {
      if (re === undefined) {
        if (id === undefined) return this.#tail;
        if (typeof id === 'number') {
          this.#ids ??= new NumberedEnd(',"id":', this.#tail);
          return this.#ids.of(id);
        }
      } else if (id === undefined && typeof re === 'number') {
        this.#res ??= new NumberedEnd(',"re":', this.#tail);
        return this.#res.of(re);
      }
    }
    return moreOf(packet) + this.#tail;
  }

  /** Encodes a stream item that is bytes. */
  #bytes(packet: Packet): Encoded {
    const item = packet.data as Item;
    if (this.#safe !== '' || packet.meta !== undefined)
      return this.encode({ ...packet, data: base64Item(item) });
    if (this.#order === undefined) return encodeBytes(item, 0, this.#delimiter, this.#limits);
    return writeUint32(encodeBytes(item, UINT32, '', this.#limits), this.#order);
  }

  decoder(limits: Limits): Decoder {
    if (this.#order === undefined) {
      if (this.#format?.limits !== limits)
        this.#format = new DelimitedFormat(this.#delimiter, new FirstFrames(limits), limits, BYTES);
      return new DelimitedReader(this.#format);
    }
    const frames = new Frames(limits);
    const body: ReadBody = (bytes, start, end) => {
      const item = decodeBytes(bytes, start, end);
      if (item !== undefined) return item;
      const text = bytes.toString('utf8', start, end);
      return frames.parse(text, 0, text.length, !text.includes('\\'));
    };
    return new LengthPrefixedReader(new Uint32Prefix(this.#order), body, limits);
  }

  negotiated(negotiation: Negotiation, limits: Limits): Dialect {
    const { codec, compress } = negotiation;
    if (codec === BASE_CODEC && !compress) return this;
    if (compress) return new NegotiatedDialect(negotiation, limits);
    let dialect = this.#agreed.get(codec);
    if (dialect === undefined) {
      dialect = new NegotiatedDialect(negotiation, limits);
      this.#agreed.set(codec, dialect);
    }
    return dialect;
  }

  /** Returns the frame if it does not exceed the size limit. */
  #checked(frame: Encoded): Encoded {
    if (mayBeTooLarge(frame, this.#limits))
      checkSize(frame, Buffer.byteLength(this.#delimiter), this.#limits);
    return frame;
  }
}
