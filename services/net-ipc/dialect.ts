import { IPCError } from '../../entities/errors.js';
import { DEFAULT_LIMITS, type Limits } from '../../entities/limits.js';
import {
  BYE,
  type CloseInfo,
  HELLO,
  type Hello,
  isControl,
  MESSAGE,
  type Packet,
  type PacketId,
  PING,
  PUBLISH,
  SUBSCRIBE,
  type TopicMessage,
  UNSUBSCRIBE,
  WELCOME,
  type Welcome,
} from '../../entities/packet.js';
import { escapeText } from '../../entities/text.js';
import { Deflater, Inflater } from '../../lib/codecs/deflate.js';
import { stringify } from '../../lib/codecs/json.js';
import { type MsgpackCodec, msgpackCodec } from '../../lib/codecs/msgpack.js';
import { BASE_CODEC } from '../../lib/codecs/registry.js';
import {
  type Capabilities,
  type Decoder,
  type Dialect,
  FULL,
  type Handshake,
  type Negotiation,
  REQUIRED_HANDSHAKE,
  UNSHARED,
} from '../../lib/dialects/dialect.js';
import type { NamedDialect } from '../../lib/dialects/registry.js';
import { checkSize, mayBeTooLarge } from '../../lib/dialects/size.js';
import {
  LONGEST_LENGTH,
  LONGEST_TEXT,
  lengthSize,
  lengthText,
  textEnd,
  textStart,
  writeLength,
} from './base128.js';
import { NetIpcDecoder } from './decoder.js';
import { ASK, EVENT, type Frame, Kind } from './frame.js';
import { PLAIN_OPENING, type Protocol, upgradeRequest } from './preamble.js';

const NOTHING = Buffer.alloc(0);
const PLAIN: Negotiation = { codec: BASE_CODEC, compress: false };

/** Options of the dialect for one end. */
export interface NetIpcOptions {
  readonly role: 'client' | 'server';
  /** For a client: the protocol to request in an HTTP upgrade. Default: none; the client starts with the bytes `IPC`. */
  readonly upgrade?: Protocol | undefined;
  /** For a client: the Host header of the upgrade. Default: the protocol's name. */
  readonly host?: string | undefined;
  /**
   * Whether requests of the forms `{ sub }`, `{ unsub }` and `{ pub, message }` are about topics, and whether a server's
   * messages of the form `{ pub, message }` are publications, as in `@isdk/ipc-server`. Default: true.
   */
  readonly topics?: boolean | undefined;
  /** The size limits of messages. */
  readonly limits?: Limits | undefined;
  /** The result of the handshake; undefined before it. */
  readonly negotiation?: Negotiation | undefined;
}

/**
 * The dialect of net-ipc 2 and of `@isdk/ipc-server`: the length of the body in base 128, then the body `{ t, d, n }`, as
 * JSON or msgpack, with raw deflate if agreed. Requests are delivered as requests named `request`, everything else as
 * events named `message`.
 *
 * One instance serves all connections until the handshake; {@link negotiated} returns the dialect of a connection after it.
 */
export class NetIpcDialect implements Dialect {
  readonly name = 'net-ipc';
  readonly capabilities: Capabilities;
  readonly handshake: Handshake;
  readonly #options: NetIpcOptions;
  readonly #msgpack: MsgpackCodec | undefined;
  readonly #deflater: Deflater | undefined;
  readonly #limits: Limits;
  #packing: NetIpcDialect | undefined;
  #topicNonce = 0;

  /** @throws IPCError ERR_IPC_MISSING_PACKAGE, or ERR_IPC_PROTOCOL if the codec is unknown */
  constructor(options: NetIpcOptions) {
    const { role, upgrade, host = upgrade, negotiation } = options;
    const { codec, compress } = negotiation ?? PLAIN;
    if (codec !== 'msgpack' && codec !== 'json') {
      throw new IPCError('ERR_IPC_PROTOCOL', `${escapeText(String(codec))} is not a codec of net-ipc's.`);
    }
    this.#options = options;
    this.#limits = options.limits ?? DEFAULT_LIMITS;
    this.#msgpack = codec === 'msgpack' ? msgpackCodec(false) : undefined;
    this.#deflater = compress ? new Deflater() : undefined;
    this.capabilities = { ...(compress ? UNSHARED : FULL), streams: 'none' };
    const opens = role === 'client' && negotiation === undefined;
    this.handshake = opens ? opening(upgrade, host) : REQUIRED_HANDSHAKE;
  }

  encode(packet: Packet): string | Buffer {
    const { type, data, id, re } = packet;
    if (re !== undefined) return this.#answer(packet, re);
    if (isControl(type)) return this.#control(packet);
    if (id !== undefined) return this.#frame(Kind.REQUEST, type === ASK ? data : { type, data }, String(id));
    return this.#frame(Kind.MESSAGE, type === EVENT ? data : { type, data });
  }

  /** In a frame of ASCII text only the last byte of the length is not ASCII, and each character is one byte. */
  bytes(text: string): Buffer {
    let frames = 0;
    for (let at = 0; at < text.length; at = textEnd(text, at)) frames++;
    if (Buffer.byteLength(text) === text.length + frames) return Buffer.from(text, 'latin1');
    const parts: Buffer[] = [];
    for (let at = 0, end: number; at < text.length; at = end) {
      end = textEnd(text, at);
      parts.push(framed(Buffer.from(text.slice(textStart(text, at), end))));
    }
    return Buffer.concat(parts);
  }

  decoder(limits: Limits): Decoder {
    const { role, negotiation, topics = true } = this.#options;
    const inflater = this.#deflater === undefined ? undefined : new Inflater(limits);
    const opened = negotiation !== undefined || (role === 'client' && !this.handshake.awaitsUpgrade);
    const greeted = negotiation !== undefined;
    return new NetIpcDecoder(limits, { role, topics, opened, greeted, msgpack: this.#msgpack, inflater });
  }

  negotiated(negotiation: Negotiation, limits: Limits): Dialect {
    const { codec, compress } = negotiation;
    if (codec === BASE_CODEC && !compress) return this;
    const { role, topics } = this.#options;
    if (codec !== 'msgpack' || compress) return new NetIpcDialect({ role, topics, limits, negotiation });
    this.#packing ??= new NetIpcDialect({ role, topics, limits, negotiation });
    return this.#packing;
  }

  unclaimed(message: TopicMessage): Packet {
    return { type: EVENT, data: publication(message) };
  }

  /** A failed request is answered with an empty response, as net-ipc answers a request without a listener. */
  #answer({ type, data, error }: Packet, re: PacketId): string | Buffer {
    const kind = type === PING ? Kind.PONG : Kind.RESPONSE;
    return this.#frame(kind, error === undefined ? data : undefined, re, error);
  }

  #control({ type, data, id }: Packet): string | Buffer {
    switch (type) {
      case HELLO:
        return this.#hello(data as Hello);
      case WELCOME:
        return this.#welcome(data as Welcome);
      case BYE: {
        const { reason, reconnect } = data as CloseInfo;
        return this.#frame(Kind.END, { m: reason, a: reconnect !== false });
      }
      case PING:
        return this.#frame(Kind.PING, data, String(id));
      case SUBSCRIBE:
        return this.#topics('sub', data, id);
      case UNSUBSCRIBE:
        return this.#topics('unsub', data, id);
      case PUBLISH:
        return this.#frame(Kind.REQUEST, publication(data as TopicMessage), this.#nonce(id));
      case MESSAGE:
        return this.#frame(Kind.MESSAGE, publication(data as TopicMessage));
      default:
        return NOTHING;
    }
  }

  #hello({ session, secret, credentials, codecs, compress }: Hello): string | Buffer {
    return this.#frame(Kind.CONNECTION, {
      compress: compress === true,
      messagepack: codecs?.includes('msgpack') ?? false,
      extras: credentials,
      id: session ?? null,
      ...(secret === undefined ? {} : { secret }),
    });
  }

  #welcome({ id, codec, compress }: Welcome): string | Buffer {
    return this.#frame(Kind.CONNECTION, {
      id,
      compress: compress === true,
      messagepack: codec === 'msgpack',
    });
  }

  /** A single topic is sent as its name, several as an array. */
  #topics(key: 'sub' | 'unsub', data: unknown, id: PacketId | undefined): string | Buffer {
    const topics = [data].flat();
    return this.#frame(Kind.REQUEST, { [key]: topics.length === 1 ? topics[0] : topics }, this.#nonce(id));
  }

  /** The nonce that the answer will repeat. Requests without an id of ours need no answer. */
  #nonce(id: PacketId | undefined): string {
    return id === undefined ? `t${++this.#topicNonce}` : String(id);
  }

  #frame(t: number, d: unknown, n?: PacketId, e?: unknown): string | Buffer {
    if (this.#msgpack !== undefined) return this.#packed(this.#msgpack, t, d, n, e);
    const data = stringify(d, this.#limits);
    let json = data === undefined ? `{"t":${t}` : `{"t":${t},"d":${data}`;
    if (n !== undefined) json += `,"n":${JSON.stringify(n)}`;
    if (e !== undefined) json += `,"e":${stringify(e)}`;
    json += '}';
    if (mayBeTooLarge(json, this.#limits)) checkSize(json, 0, this.#limits);
    if (this.#deflater !== undefined) return framed(this.#deflater.deflate(Buffer.from(json)));
    // Most frames are short and ASCII. As strings, all frames of a turn are converted to bytes together.
    if (json.length < LONGEST_TEXT) return lengthText(json.length) + json;
    const size = Buffer.byteLength(json);
    const head = lengthSize(size);
    const frame = Buffer.allocUnsafe(head + size);
    writeLength(frame, head, size);
    frame.write(json, head);
    return frame;
  }

  #packed(packs: MsgpackCodec, t: number, d: unknown, n: PacketId | undefined, e: unknown): Buffer {
    const body: Frame = { t, d };
    if (n !== undefined) body.n = n;
    if (e !== undefined) body.e = e;
    if (this.#deflater !== undefined)
      return framed(this.#deflater.deflate(checked(packs.encode(body, this.#limits), 0, this.#limits)));
    const bytes = checked(packs.encode(body, this.#limits, LONGEST_LENGTH), LONGEST_LENGTH, this.#limits);
    const size = bytes.length - LONGEST_LENGTH;
    writeLength(bytes, LONGEST_LENGTH, size);
    return bytes.subarray(LONGEST_LENGTH - lengthSize(size));
  }
}

/** A topic message in the form that is sent; `message` is omitted if it is undefined. */
function publication({ topic, data }: TopicMessage): { pub: string; message?: unknown } {
  return data === undefined ? { pub: topic } : { pub: topic, message: data };
}

/** What a client sends first: an HTTP upgrade if it requests one. */
function opening(upgrade: Protocol | undefined, host: string | undefined): Handshake {
  if (upgrade === undefined) return { hello: 'required', preamble: PLAIN_OPENING };
  return { hello: 'required', preamble: upgradeRequest(upgrade, host as string), awaitsUpgrade: true };
}

/** Checks that the bytes, without the first few, do not exceed the size limit. */
function checked(bytes: Buffer, around: number, limits: Limits): Buffer {
  checkSize(bytes, around, limits);
  return bytes;
}

/** Prepends the length to a body. */
function framed(body: Buffer): Buffer {
  const head = lengthSize(body.length);
  const frame = Buffer.allocUnsafe(head + body.length);
  writeLength(frame, head, body.length);
  body.copy(frame, head);
  return frame;
}

/** The dialect, for use in a config. */
export const NET_IPC: NamedDialect = {
  name: 'net-ipc',
  beginnings: ['IPC', 'GET '],
  create: (role, limits) => new NetIpcDialect({ role, limits }),
};
