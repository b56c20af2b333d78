import { StringDecoder } from 'node:string_decoder';
import { messageOf } from '../../entities/errors.js';
import { type Limits, tooLarge } from '../../entities/limits.js';
import type { Packet } from '../../entities/packet.js';
import type { Decoder } from '../../lib/dialects/dialect.js';
import type { ByteQueue } from '../../lib/framing/byte-queue.js';
import { DelimitedReader, type FrameParser } from '../../lib/framing/delimited.js';
import type { Deliver } from '../../lib/framing/framing.js';
import { isThenable } from '../../lib/thenable.js';
import { parseTopic, TOPIC_DELIMITER, TopicDialect, topicFrame } from './dialect.js';
import { DecodeError, type MessageWrapper } from './errors.js';

/** Takes the bytes of a message; with neither error nor bytes, nothing is sent. */
export type EncodedCallback = (error?: Error | null, data?: string | Uint8Array | null) => void;

/** Encodes a message and calls back, now or later. One is used for all connections. */
export type EncoderFunction = (wrapper: MessageWrapper, callback: EncodedCallback) => void;

/** Takes the messages that a chunk completed. */
export type DecodedCallback = (error?: Error | null, messages?: readonly MessageWrapper[]) => void;

/** Decodes a chunk, a string by `socketEncoding`, and calls back, now or later. Each connection has its own. */
// biome-ignore lint/suspicious/noExplicitAny: a string, or a Buffer where there is no socketEncoding
export type DecoderFunction = (chunk: any, callback: DecodedCallback) => void;

/** How messages become bytes and back, where JSON will not do. As socket-ipc 0.4. */
export interface Transcoder {
  /** How the bytes that come in become strings; without it the decoder gets Buffers. */
  readonly socketEncoding?: BufferEncoding | null | undefined;
  createEncoder(): EncoderFunction;
  createDecoder(): DecoderFunction;
}

function parse(text: string, from: number, to: number, limits: Limits): Packet | undefined {
  const packet = parseTopic(text, from, to, limits);
  return packet?.error === undefined
    ? packet
    : { ...packet, error: new DecodeError(packet.error.message, text.slice(from, to)) };
}

/** socket-ipc's own dialect, in which every topic is a user's. */
export class JsonTopics extends TopicDialect {
  override encode({ type, data }: Packet): string {
    return topicFrame(type, data, this.limits);
  }

  override decoder(limits: Limits): Decoder {
    const parser: FrameParser = { parse: (text, from, to) => parse(text, from, to, limits) };
    return new DelimitedReader(TOPIC_DELIMITER, parser, limits);
  }
}

/** Hands chunks to a transcoder's decoder, and on what it makes of them. What that one holds is its own affair. */
class TranscodedDecoder implements Decoder {
  readonly #decode: DecoderFunction;
  readonly #text: StringDecoder | undefined;
  readonly #limits: Limits;
  /** Bytes since the last message. */
  #silent = 0;
  readonly #packets: Packet[] = [];

  /** Whether it reads just now, so that what is decoded at once is delivered at the end. */
  #reading = false;
  wake: () => void = () => {};

  constructor(transcoder: Transcoder, limits: Limits) {
    const { socketEncoding } = transcoder;
    this.#decode = decoderOf(transcoder);
    this.#text = socketEncoding ? new StringDecoder(socketEncoding) : undefined;
    this.#limits = limits;
  }

  read(unread: ByteQueue, deliver: Deliver): undefined {
    const chunk = unread.take();
    if (chunk.length > 0) {
      this.#silent += chunk.length;
      this.#reading = true;
      try {
        this.#begin(this.#text?.write(chunk) ?? chunk);
      } finally {
        this.#reading = false;
      }
      if (this.#silent > this.#limits.maxMessageSize) throw tooLarge(this.#limits);
    }
    while (this.#packets.length > 0) if (!deliver(this.#packets.shift() as Packet)) return;
  }

  /** Decodes a chunk; what the decoder throws, or is rejected with, is what it says of the chunk. */
  #begin(chunk: string | Buffer): void {
    try {
      const result: unknown = this.#decode(chunk, this.#decoded);
      if (isThenable(result)) void result.then(undefined, (error) => this.#decoded(asError(error)));
    } catch (error) {
      this.#decoded(asError(error));
    }
  }

  end(): undefined {}

  readonly #decoded: DecodedCallback = (error, messages) => {
    if (error) this.#packets.push({ type: '', data: undefined, error });
    for (const { topic, message } of messages ?? []) {
      this.#silent = 0;
      this.#packets.push({ type: topic, data: message });
    }
    if (!this.#reading && this.#packets.length > 0) this.wake();
  };
}

/** A transcoder's decoder; one that cannot be made says so of every chunk. */
function decoderOf(transcoder: Transcoder): DecoderFunction {
  try {
    return transcoder.createDecoder();
  } catch (error) {
    return (_chunk, callback) => callback(asError(error));
  }
}

/** Whatever was thrown, as an error. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(messageOf(thrown), { cause: thrown });
}

/** A user's transcoder as a dialect: what is sent is what its encoder made already. */
export class TranscodedTopics extends TopicDialect {
  readonly #transcoder: Transcoder;

  constructor(transcoder: Transcoder) {
    super();
    this.#transcoder = transcoder;
  }

  override encode({ data }: Packet): string | Buffer {
    return typeof data === 'string' ? data : Buffer.from(data as Uint8Array);
  }

  override decoder(limits: Limits): Decoder {
    return new TranscodedDecoder(this.#transcoder, limits);
  }
}
