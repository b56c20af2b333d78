import { IPCError } from '../../entities/errors.js';
import type { Limits } from '../../entities/limits.js';
import { malformed, type Packet } from '../../entities/packet.js';
import { Deflater, Inflater } from '../codecs/deflate.js';
import { isId, parseJSON, shown, stringify } from '../codecs/json.js';
import { packer } from '../codecs/msgpack.js';
import type { Decoder } from '../framing/framing.js';
import { LengthPrefixedDecoder } from '../framing/length-prefixed.js';
import {
  type Agreement,
  type Capabilities,
  type Dialect,
  FULL,
  OPTIONAL_HANDSHAKE,
  UNSHARED,
} from './dialect.js';

/** Bytes of a body's length. */
const HEAD = 4;
const LONGEST = 0xffffffff;

/** How a packet becomes a body and back. */
interface Codec {
  /** The body, after `room` bytes that are left free. */
  write(packet: Packet, room: number): Buffer;
  /** What was written; a body that is none throws. */
  read(bytes: Buffer, start: number, end: number, limits: Limits): unknown;
}

class JsonCodec implements Codec {
  write({ type, data, id, re, error }: Packet, room: number): Buffer {
    const start = `[${JSON.stringify(type)},${stringify(data) ?? '{}'}`;
    const json = `${start},${id ?? null},${re ?? null},${stringify(error ?? null)}]`;
    const bytes = Buffer.allocUnsafe(room + Buffer.byteLength(json));
    bytes.write(json, room);
    return bytes;
  }

  read(bytes: Buffer, start: number, end: number): unknown {
    return parseJSON(bytes.toString('utf8', start, end));
  }
}

class MsgpackCodec implements Codec {
  readonly #packer = packer(true);

  write({ type, data, id, re, error }: Packet, room: number): Buffer {
    return this.#packer.pack([type, data, id ?? null, re ?? null, error ?? null], room);
  }

  read(bytes: Buffer, start: number, end: number, limits: Limits): unknown {
    return this.#packer.unpack(bytes, start, end, limits);
  }
}

/** The packet that a body's value stands for. */
function toPacket(value: unknown, bytes: Buffer, start: number, end: number): Packet {
  if (!Array.isArray(value) || typeof value[0] !== 'string') {
    return malformed('A frame is no packet', shown(bytes, start, end));
  }
  const re = value[3] ?? undefined;
  if (re === undefined) return { type: value[0], data: value[1], id: isId(value[2]) ? value[2] : undefined };
  if (!isId(re)) return malformed('A frame answers what is no request id', shown(bytes, start, end));
  return { type: value[0], data: value[1], re, error: value[4] ?? undefined };
}

/** Reads lengths of four bytes, the lowest first, and bodies of a codec. */
class MsgpackDecoder extends LengthPrefixedDecoder {
  readonly #codec: Codec;
  readonly #inflater: Inflater | undefined;

  constructor(codec: Codec, compress: boolean, limits: Limits) {
    super(limits);
    this.#codec = codec;
    this.#inflater = compress ? new Inflater(limits) : undefined;
  }

  protected override head(bytes: Buffer, at: number): boolean {
    if (bytes.length - at < HEAD) return false;
    this.headSize = HEAD;
    this.bodySize = bytes.readUInt32LE(at);
    return true;
  }

  protected override body(bytes: Buffer, start: number, end: number): Packet {
    if (this.#inflater === undefined) return this.#packet(bytes, start, end);
    const body = this.#inflater.inflate(bytes.subarray(start, end));
    return this.#packet(body, 0, body.length);
  }

  #packet(bytes: Buffer, start: number, end: number): Packet {
    let value: unknown;
    try {
      value = this.#codec.read(bytes, start, end, this.limits);
    } catch (cause) {
      if (cause instanceof IPCError) throw cause;
      return malformed('A frame cannot be read', shown(bytes, start, end), cause);
    }
    return toPacket(value, bytes, start, end);
  }
}

/**
 * What is spoken after hello and welcome where more than plain json was agreed on: the body's length in four bytes, the
 * lowest first, then the body: `[type, data, id, re, error]` in msgpack or JSON, through raw deflate where compressed.
 */
export class NegotiatedDialect implements Dialect {
  readonly name: string;
  readonly capabilities: Capabilities;
  readonly handshake = OPTIONAL_HANDSHAKE;
  readonly #codec: Codec;
  readonly #deflater: Deflater | undefined;

  /** @throws IPCError ERR_IPC_MISSING_PACKAGE, ERR_IPC_PROTOCOL for a codec that is not known */
  constructor({ codec, compress }: Agreement) {
    if (codec !== 'msgpack' && codec !== 'json') {
      const message = `The other side wants to speak ${JSON.stringify(codec)}, which is no codec; it must be msgpack or json.`;
      throw new IPCError('ERR_IPC_PROTOCOL', message);
    }
    this.name = compress ? `${codec}, compressed` : codec;
    this.capabilities = compress ? UNSHARED : FULL;
    this.#codec = codec === 'json' ? new JsonCodec() : new MsgpackCodec();
    this.#deflater = compress ? new Deflater() : undefined;
  }

  encode(packet: Packet): Buffer {
    if (this.#deflater === undefined) return framed(this.#codec.write(packet, HEAD));
    const body = this.#deflater.deflate(this.#codec.write(packet, 0));
    const frame = Buffer.allocUnsafe(HEAD + body.length);
    body.copy(frame, HEAD);
    return framed(frame);
  }

  decoder(limits: Limits): Decoder {
    return new MsgpackDecoder(this.#codec, this.#deflater !== undefined, limits);
  }

  agree(_agreement: Agreement, _limits: Limits): Dialect {
    return this;
  }
}

/** Writes the length of what follows into a frame's head. */
function framed(frame: Buffer): Buffer {
  const size = frame.length - HEAD;
  if (size > LONGEST) {
    throw new IPCError('ERR_IPC_ENCODE', `The payload is longer than ${LONGEST} bytes; send less at a time.`);
  }
  frame.writeUInt32LE(size);
  return frame;
}
