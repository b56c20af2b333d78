import { IPCError } from '../../entities/errors.js';
import { DEFAULT_LIMITS, type Limits } from '../../entities/limits.js';
import {
  isMeta,
  isPacketId,
  LONGEST_NAME,
  malformed,
  type Packet,
  TOO_LONG_A_NAME,
} from '../../entities/packet.js';
import { escapeText } from '../../entities/text.js';
import type { Codec } from '../codecs/codec.js';
import { Deflater, Inflater } from '../codecs/deflate.js';
import { codecNamed, codecNames } from '../codecs/registry.js';
import {
  LengthPrefixedReader,
  type ReadBody,
  UINT32,
  Uint32Prefix,
  writeUint32,
} from '../framing/length-prefixed.js';
import {
  type Capabilities,
  type Decoder,
  type Dialect,
  FULL,
  type Negotiation,
  OPTIONAL_HANDSHAKE,
  UNSHARED,
} from './dialect.js';
import { checkSize } from './size.js';
import { undecodable } from './too-deep.js';

const ORDER = 'little-endian';

/**
 * The fields of a packet that a body contains. For a response that is undefined, the fields end with the id of its request.
 */
function fieldsOf({ type, data, id, re, error, meta }: Packet): unknown[] {
  if (data === undefined && re !== undefined && error === undefined) return [type, null, null, re];
  const fields = [type, data, id ?? null, re ?? null, error ?? null];
  if (meta !== undefined) fields.push(meta);
  return fields;
}

/** How many fields an undefined response has. */
const BARE = 4;

/** Builds the packet from the fields of a body. */
function toPacket(fields: unknown, size: number): Packet {
  if (!Array.isArray(fields) || typeof fields[0] !== 'string')
    return malformed('A frame is not a packet', size);
  const [type, data, id, re, error] = fields;
  if (type.length > LONGEST_NAME) return malformed(TOO_LONG_A_NAME, size);
  if ((re ?? undefined) !== undefined && !isPacketId(re)) {
    return malformed('The id that a frame answers is not a valid request id', size);
  }
  if (isPacketId(re)) {
    return { type, data: fields.length === BARE ? undefined : data, re, error: error ?? undefined };
  }
  const packet: Packet = { type, data, id: isPacketId(id) ? id : undefined };
  if (isMeta(fields[5])) packet.meta = fields[5];
  return packet;
}

/** Decodes a body that is the bytes from `start` to `end`. */
function decoded(codec: Codec, bytes: Buffer, start: number, end: number, limits: Limits): Packet {
  let fields: unknown;
  try {
    fields = codec.decode(bytes, start, end, limits);
  } catch (cause) {
    if (cause instanceof IPCError && cause.code !== 'ERR_IPC_TOO_DEEP') throw cause;
    return undecodable(`A frame is not ${codec.name}`, end - start, cause, limits, (deeper) =>
      decoded(codec, bytes, start, end, deeper),
    );
  }
  return toPacket(fields, end - start);
}

/** The function that decodes the bodies of a connection. */
function bodies(codec: Codec, compress: boolean, limits: Limits): ReadBody {
  if (!compress) return (bytes, start, end) => decoded(codec, bytes, start, end, limits);
  const inflater = new Inflater(limits);
  return (bytes, start, end) => {
    const body = inflater.inflate(bytes.subarray(start, end));
    return decoded(codec, body, 0, body.length, limits);
  };
}

/**
 * The dialect after a handshake that agreed on more than plain JSON: the length of the body as a four-byte little-endian
 * integer, then the body. The body is `[type, data, id, re, error]` in the agreed codec, with `meta` as a sixth element if
 * there is any, and with raw deflate if compression was agreed.
 */
export class NegotiatedDialect implements Dialect {
  readonly name: string;
  readonly capabilities: Capabilities;
  readonly handshake = OPTIONAL_HANDSHAKE;
  readonly #codec: Codec;
  readonly #limits: Limits;
  readonly #deflater: Deflater | undefined;

  /** @throws IPCError ERR_IPC_MISSING_PACKAGE, or ERR_IPC_PROTOCOL if the codec is unknown */
  constructor({ codec, compress }: Negotiation, limits: Limits = DEFAULT_LIMITS) {
    const found = codecNamed(codec);
    if (found === undefined) {
      const message = `The other side chose the codec ${escapeText(String(codec))}, which does not exist; it must be ${codecNames().join(' or ')}.`;
      throw new IPCError('ERR_IPC_PROTOCOL', message);
    }
    this.name = compress ? `${codec}, compressed` : codec;
    this.capabilities = { ...(compress ? UNSHARED : FULL), streams: found.binary ? 'bytes' : 'base64' };
    this.#codec = found;
    this.#limits = limits;
    this.#deflater = compress ? new Deflater() : undefined;
  }

  encode(packet: Packet): Buffer {
    const fields = fieldsOf(packet);
    if (this.#deflater === undefined) {
      const frame = this.#codec.encode(fields, this.#limits, UINT32);
      checkSize(frame, UINT32, this.#limits);
      return writeUint32(frame, ORDER);
    }
    const plain = this.#codec.encode(fields, this.#limits, 0);
    // Check the size before deflating: a deflated body must be sent, because later ones depend on it.
    checkSize(plain, 0, this.#limits);
    const body = this.#deflater.deflate(plain);
    const frame = Buffer.allocUnsafe(UINT32 + body.length);
    body.copy(frame, UINT32);
    return writeUint32(frame, ORDER);
  }

  decoder(limits: Limits): Decoder {
    const body = bodies(this.#codec, this.#deflater !== undefined, limits);
    return new LengthPrefixedReader(new Uint32Prefix(ORDER), body, limits);
  }

  negotiated(_negotiation: Negotiation, _limits: Limits): Dialect {
    return this;
  }
}
