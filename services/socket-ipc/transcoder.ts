import { StringDecoder } from 'node:string_decoder';
import { messageOf } from '../../entities/errors.js';
import { type Limits, tooLarge } from '../../entities/limits.js';
import type { Packet } from '../../entities/packet.js';
import type { Decoder } from '../../lib/dialects/dialect.js';
import { Fifo } from '../../lib/fifo.js';
import type { ByteQueue } from '../../lib/framing/byte-queue.js';
import { DelimitedFormat, DelimitedReader, type FrameParser } from '../../lib/framing/delimited.js';
import type { Deliver } from '../../lib/framing/framing.js';
import { isThenable } from '../../lib/thenable.js';
import { parseTopic, TOPIC_DELIMITER, TopicDialect, topicFrame } from './dialect.js';
import { DecodeError, type MessageWrapper } from './errors.js';

/** Receives the encoded message. If there is neither an error nor data, nothing is sent. */
export type EncodedCallback = (error?: Error | null, data?: string | Uint8Array | null) => void;

/** Encodes a message and calls back, synchronously or later. One encoder serves all connections. */
export type EncoderFunction = (wrapper: MessageWrapper, callback: EncodedCallback) => void;

/** Receives the messages that a chunk has completed. */
export type DecodedCallback = (error?: Error | null, messages?: readonly MessageWrapper[]) => void;

/**
 * Decodes a chunk, which is a string if there is a `socketEncoding`, and calls back, synchronously or later. Each
 * connection has its own decoder.
 */
// biome-ignore lint/suspicious/noExplicitAny: a string, or a Buffer where there is no socketEncoding
export type DecoderFunction = (chunk: any, callback: DecodedCallback) => void;

/** A custom encoding of messages, as in socket-ipc 0.4. */
export interface Transcoder {
  /** The encoding in which received bytes become strings. Without it the decoder gets Buffers. */
  readonly socketEncoding?: BufferEncoding | null | undefined;
  /** Returns an encoder, which encodes one message at a time. */
  createEncoder(): EncoderFunction;
  /** Returns a decoder for one connection. */
  createDecoder(): DecoderFunction;
}

function parse(text: string, from: number, to: number, limits: Limits): Packet | undefined {
  const packet = parseTopic(text, from, to, limits);
  return packet?.error === undefined
    ? packet
    : { ...packet, error: new DecodeError(packet.error.message, text.slice(from, to)) };
}

/** The dialect of socket-ipc, in which every topic belongs to the user. */
export class JsonTopics extends TopicDialect {
  override encode({ type, data }: Packet): string {
    return topicFrame(type, data, this.limits);
  }

  override decoder(limits: Limits): Decoder {
    const parser: FrameParser = { parse: (text, from, to) => parse(text, from, to, limits) };
    return new DelimitedReader(new DelimitedFormat(TOPIC_DELIMITER, parser, limits));
  }
}

/** Passes chunks to a transcoder's decoder and delivers the result. The decoder does its own buffering. */
class TranscodedDecoder implements Decoder {
  readonly #decode: DecoderFunction;
  readonly #text: StringDecoder | undefined;
  readonly #limits: Limits;
  /** How many bytes were received since the last message. */
  #silent = 0;
  readonly #packets = new Fifo<Packet>();

  /** Whether it is reading, so that messages that are decoded synchronously are delivered at the end. */
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
    while (this.#packets.length > 0) if (!deliver(this.#packets.shift())) return;
  }

  /** Decodes a chunk. If the decoder throws or rejects, that counts as its error for the chunk. */
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

/** Creates a transcoder's decoder. If that fails, each chunk is reported with the error. */
function decoderOf(transcoder: Transcoder): DecoderFunction {
  try {
    return transcoder.createDecoder();
  } catch (error) {
    return (_chunk, callback) => callback(asError(error));
  }
}

/** Converts any thrown value to an error. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(messageOf(thrown), { cause: thrown });
}

/** A custom transcoder as a dialect. Messages are already encoded when they reach the dialect. */
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
