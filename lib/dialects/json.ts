import { safeCharacter } from '../../entities/config.js';
import { IPCError, messageOf } from '../../entities/errors.js';
import { malformed, type Packet } from '../../entities/packet.js';
import { DelimitedDecoder } from './delimited.js';
import type { Agreement, Decoder, Dialect, Limits } from './dialect.js';

/** JSON.stringify with a payload's own faults told apart from ours. */
export function stringify(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    throw new IPCError('ERR_IPC_ENCODE', `The payload is no JSON: ${messageOf(cause)}.`, { cause });
  }
}

/** A text with more characters than this is long. */
const LONG = 64 * 1024;

const asIs = (json: string) => json;

/** How to write JSON so that it never holds a delimiter: the escape of each of the delimiter's safe characters. */
export function escaper(delimiter: string): (json: string) => string {
  const safe = safeCharacter(delimiter);
  const alwaysEscaped = (safe.codePointAt(0) ?? 0) < 0x20;
  if (alwaysEscaped) return asIs;
  let escaped = '';
  for (let i = 0; i < safe.length; i++) escaped += `\\u${safe.charCodeAt(i).toString(16).padStart(4, '0')}`;
  return (json) => (json.includes(delimiter) ? json.replaceAll(safe, escaped) : json);
}

/** Whether a value can stand for a request's id. */
function isId(id: unknown): boolean {
  return typeof id === 'number' && Number.isSafeInteger(id) && id > 0;
}

function parse(frame: string): Packet {
  let value: Packet;
  try {
    value = JSON.parse(frame);
  } catch (cause) {
    return malformed('A frame is no JSON', frame, cause);
  }
  if (typeof value !== 'object' || value === null || typeof value.type !== 'string') {
    return malformed('A frame has no "type" that is a string', frame);
  }
  if (value.re !== undefined) {
    if (!isId(value.re)) return malformed('A frame answers what is no request id', frame);
  } else {
    if (value.error !== undefined) value.error = undefined;
    if (value.id !== undefined && !isId(value.id)) value.id = undefined;
  }
  return value;
}

/** node-ipc's dialect: `JSON.stringify({ type, data })` and a delimiter. */
export class JsonDialect implements Dialect {
  readonly name = 'json';
  readonly shared = true;
  readonly #delimiter: string;
  readonly #escape: (json: string) => string;
  readonly #tail: string;
  /** The last event's name and how its frame begins: most are followed by one of their kind. */
  #type = '';
  #head = '{"type":"","data":';

  constructor(delimiter: string) {
    this.#delimiter = delimiter;
    this.#escape = escaper(delimiter);
    this.#tail = `}${delimiter}`;
  }

  encode(packet: Packet): string | Buffer {
    const { type, id, re, error } = packet;
    if (type !== this.#type) {
      this.#head = `{"type":${JSON.stringify(type)},"data":`;
      this.#type = type;
    }
    const json = stringify(packet.data) ?? '{}';
    if (id === undefined && re === undefined) return this.#frame(json, '');
    let more = '';
    if (id !== undefined) more += `,"id":${id}`;
    if (re !== undefined) more += `,"re":${re}`;
    if (error !== undefined) more += `,"error":${stringify(error)}`;
    return this.#frame(json, more);
  }

  decoder(limits: Limits): Decoder {
    return new DelimitedDecoder(this.#delimiter, parse, limits);
  }

  /** A long frame becomes bytes at once: put together as text, it would be copied once more. */
  #frame(json: string, more: string): string | Buffer {
    if (json.length < LONG || this.#escape !== asIs)
      return this.#escape(this.#head + json + more) + this.#tail;
    const tail = more + this.#tail;
    const size = Buffer.byteLength(this.#head) + Buffer.byteLength(json) + Buffer.byteLength(tail);
    const bytes = Buffer.allocUnsafeSlow(size);
    let at = bytes.write(this.#head);
    at += bytes.write(json, at);
    bytes.write(tail, at);
    return bytes;
  }

  agree(_agreement: Agreement, _limits: Limits): Dialect {
    return this;
  }
}
