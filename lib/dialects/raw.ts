import type { Encoding } from '../../entities/config/wire.js';
import { IPCError, messageOf } from '../../entities/errors.js';
import { DEFAULT_LIMITS, type Limits } from '../../entities/limits.js';
import { methodOf, type Packet } from '../../entities/packet.js';
import { type ByteOrder, LengthPrefixedReader, Uint32Prefix } from '../framing/length-prefixed.js';
import { UnframedReader } from '../framing/none.js';
import {
  type Capabilities,
  type Decoder,
  type Dialect,
  FULL,
  type Negotiation,
  NO_HANDSHAKE,
} from './dialect.js';
import { prefixed } from './size.js';

/** The error of a packet that is more than bytes. */
export function rawUnsupported(type: string): IPCError {
  const method = methodOf(type);
  const message = `${method === undefined ? type : `${method}()`} cannot be sent: with config.rawBuffer there are only bytes; turn it off for requests and topics.`;
  return new IPCError('ERR_IPC_UNSUPPORTED', message);
}

/**
 * Plain bytes, optionally with a length before each message. Strings and arrays are converted to bytes according to
 * `config.encoding`.
 */
export class RawDialect implements Dialect {
  readonly name = 'raw';
  readonly capabilities: Capabilities = { ...FULL, namedEvents: false, calls: false, streams: 'none' };
  readonly handshake = NO_HANDSHAKE;
  readonly #encoding: Encoding;
  readonly #order: ByteOrder | undefined;
  readonly #limits: Limits;

  /** @param order the byte order of the length before each message; without it, the stream has no message boundaries */
  constructor(encoding: Encoding, limits: Limits = DEFAULT_LIMITS, order?: ByteOrder) {
    this.#encoding = encoding;
    this.#limits = limits;
    this.#order = order;
  }

  encode(packet: Packet): Buffer {
    const bytes = this.#bytes(packet);
    return this.#order === undefined ? bytes : prefixed(bytes, this.#order, this.#limits);
  }

  #bytes({ type, data, id }: Packet): Buffer {
    if (type !== 'data' || id !== undefined) throw rawUnsupported(type);
    if (Buffer.isBuffer(data)) return data;
    if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    try {
      if (typeof data === 'string') return Buffer.from(data, this.#encoding);
      return Buffer.from(data as number[]);
    } catch (cause) {
      const message = `rawBuffer sends a string, an array of bytes or a Buffer: ${messageOf(cause)}`;
      throw new IPCError('ERR_IPC_ENCODE', message, { cause });
    }
  }

  decoder(limits: Limits): Decoder {
    if (this.#order === undefined) return new UnframedReader();
    return new LengthPrefixedReader(new Uint32Prefix(this.#order), message, limits);
  }

  negotiated(_negotiation: Negotiation, _limits: Limits): Dialect {
    return this;
  }
}

function message(bytes: Buffer, start: number, end: number): Packet {
  return { type: 'data', data: bytes.subarray(start, end) };
}
