import { safeCharacter } from '../../entities/config.js';
import type { Limits } from '../../entities/limits.js';
import { type Encoded, malformed, type Packet } from '../../entities/packet.js';
import { isId, parseJSON, stringify, unreadable } from '../codecs/json.js';
import { LONG, stringifyAround } from '../codecs/long-text.js';
import { headOf, RepeatedEvents } from '../codecs/repeated-events.js';
import { DelimitedDecoder, type ParseFrame } from '../framing/delimited.js';
import type { Decoder } from '../framing/framing.js';
import { type Agreement, type Dialect, FULL, OPTIONAL_HANDSHAKE } from './dialect.js';
import { NegotiatedDialect } from './negotiated.js';

/** How a character, or each half of one, is written in JSON without itself. */
function escaped(character: string): string {
  let units = '';
  for (let i = 0; i < character.length; i++) {
    units += `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`;
  }
  return units;
}

/** What a packet says beside an event's type and data. */
function moreOf({ id, re, error }: Packet): string {
  let more = '';
  if (id !== undefined) more += `,"id":${id}`;
  if (re !== undefined) more += `,"re":${re}`;
  if (error !== undefined) more += `,"error":${stringify(error)}`;
  return more;
}

/** What reads a connection's frames: what one peer sends slows no other's down. */
function parser(): ParseFrame {
  const envelope = new RepeatedEvents();
  return (text, from, to, plain) =>
    envelope.read(text, from, to, plain) ?? parse(text.slice(from, to), envelope);
}

function parse(frame: string, envelope: RepeatedEvents): Packet {
  let value: Packet;
  try {
    value = parseJSON(frame) as Packet;
  } catch (cause) {
    return unreadable(frame, cause);
  }
  if (typeof value !== 'object' || value === null || typeof value.type !== 'string') {
    return malformed('A frame has no "type" that is a string', frame);
  }
  envelope.learn(value, frame);
  if (value.re !== undefined) {
    if (!isId(value.re)) return malformed('A frame answers what is no request id', frame);
  } else {
    if (value.error !== undefined) value.error = undefined;
    if (value.id !== undefined && !isId(value.id)) value.id = undefined;
  }
  return value;
}

/** node-ipc's dialect: `JSON.stringify({ type, data })` and a delimiter. */
export class NodeIpcDialect implements Dialect {
  readonly name = 'json';
  readonly capabilities = FULL;
  readonly handshake = OPTIONAL_HANDSHAKE;
  readonly #delimiter: string;
  readonly #tail: string;
  /** The delimiter's character that JSON holds only inside strings; '' where JSON always escapes it. */
  readonly #safe: string;
  /** The last event's name and how its frame begins: most are followed by one of their kind. */
  #type = '';
  #head = headOf('');
  /** What those speak who agreed on msgpack alone: one for all, as it keeps nothing of a connection. */
  #msgpack: NegotiatedDialect | undefined;

  constructor(delimiter: string) {
    this.#delimiter = delimiter;
    this.#tail = `}${delimiter}`;
    const safe = safeCharacter(delimiter);
    this.#safe = safe < ' ' ? '' : safe;
  }

  encode(packet: Packet): Encoded {
    const { type, data, id, re } = packet;
    if (type !== this.#type) {
      this.#head = headOf(type);
      this.#type = type;
    }
    const tail = id === undefined && re === undefined ? this.#tail : moreOf(packet) + this.#tail;
    const around = this.#safe === '' ? stringifyAround(data) : undefined;
    if (around !== undefined) return [this.#head + around[0], around[1], around[2] + tail];
    const json = stringify(data) ?? '{}';
    if (this.#safe === '') return json.length < LONG ? this.#head + json + tail : [this.#head, json, tail];
    const frame = this.#head + json + tail;
    if (frame.indexOf(this.#delimiter) === frame.length - this.#delimiter.length) return frame;
    return (
      frame.slice(0, -this.#delimiter.length).replaceAll(this.#safe, escaped(this.#safe)) + this.#delimiter
    );
  }

  decoder(limits: Limits): Decoder {
    return new DelimitedDecoder(this.#delimiter, parser(), limits);
  }

  agree(agreement: Agreement, _limits: Limits): Dialect {
    const { codec, compress } = agreement;
    if (codec === 'json' && !compress) return this;
    if (codec !== 'msgpack' || compress) return new NegotiatedDialect(agreement);
    this.#msgpack ??= new NegotiatedDialect(agreement);
    return this.#msgpack;
  }
}
