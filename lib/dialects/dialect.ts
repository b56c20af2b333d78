import type { IPCError } from '../../entities/errors.js';
import type { Limits } from '../../entities/limits.js';
import type { Encoded, Packet, TopicMessage } from '../../entities/packet.js';
import type { ByteQueue } from '../framing/byte-queue.js';
import type { Deliver } from '../framing/framing.js';

/** What a decoder found besides packets. The connection must act on it before it reads further. */
export type Finding =
  /** The detected dialect; its decoder continues. */
  | { readonly dialect: Dialect; readonly answer?: undefined }
  /** The preamble is complete. `answer` must be written, if there is one; a client may now send its hello. */
  | { readonly dialect?: undefined; readonly answer: Buffer | undefined };

/**
 * Decodes packets from the unread bytes of one connection. Like a {@link FrameReader}, but it may pause to report
 * a finding.
 */
export interface Decoder {
  /**
   * Decodes as many packets as possible. A malformed frame is delivered as a packet with `error` and without `re`.
   * @returns a finding; the caller must act on it and call this again
   * @throws IPCError ERR_IPC_TOO_LARGE or ERR_IPC_PROTOCOL; the stream cannot be read any further
   */
  read(unread: ByteQueue, deliver: Deliver): Finding | undefined;
  /**
   * The stream has ended: discards unread bytes and resets the decoder.
   * @returns an error with code ERR_IPC_DECODE if the stream ended in the middle of a frame
   */
  end(unread: ByteQueue): IPCError | undefined;
  /**
   * Only used by asynchronous decoders, which must not deliver while the connection is paused: they call this to ask the
   * connection to call `read` again. The connection sets it.
   */
  wake?: () => void;
}

/** What the two ends agreed on during the handshake. */
export interface Negotiation {
  readonly codec: string;
  readonly compress: boolean;
}

/** The features of a dialect. */
export interface Capabilities {
  /** Whether a packet has the same encoding for all connections, so that a broadcast is encoded once. */
  readonly sharedEncoding: boolean;
  /** Whether events have names. If not, there are only chunks of bytes. */
  readonly namedEvents: boolean;
  /** Whether there are requests and control packets. If not, every name belongs to a user event. */
  readonly calls: boolean;
  /** How stream items that are bytes are sent: as bytes or as base64; `none` if there are no streams. */
  readonly streams: 'bytes' | 'base64' | 'none';
  /** Who receives a published message: subscribers only, or every peer, which then filters. */
  readonly published: 'to-subscribers' | 'to-all';
}

/** How a connection starts in a dialect. */
export interface Handshake {
  /**
   * Whether hello and welcome are exchanged: `none` if the dialect cannot express them, `optional` if the config requires
   * it, `required` always, `detect` if the peer's dialect must be detected first.
   */
  readonly hello: 'none' | 'optional' | 'required' | 'detect';
  /** What a client writes before its hello. */
  readonly preamble?: Buffer | undefined;
  /** Whether a client delays its hello until the server has answered the preamble. */
  readonly awaitsUpgrade?: boolean;
}

/** The features of most dialects: named events, requests and subscriptions. */
export const FULL: Capabilities = {
  sharedEncoding: true,
  namedEvents: true,
  calls: true,
  streams: 'base64',
  published: 'to-subscribers',
};
/** {@link FULL}, but the encoding of a packet depends on earlier packets. */
export const UNSHARED: Capabilities = { ...FULL, sharedEncoding: false };

export const NO_HANDSHAKE: Handshake = { hello: 'none' };
export const OPTIONAL_HANDSHAKE: Handshake = { hello: 'optional' };
export const REQUIRED_HANDSHAKE: Handshake = { hello: 'required' };
export const DETECTING: Handshake = { hello: 'detect' };

/** Encodes and decodes packets, and defines the handshake. */
export interface Dialect {
  readonly name: string;
  readonly capabilities: Capabilities;
  readonly handshake: Handshake;
  /**
   * Encodes a packet; the result is empty for a control packet or an answer that peers of the dialect do not need.
   * @throws IPCError ERR_IPC_ENCODE, ERR_IPC_UNSUPPORTED if the dialect cannot express the packet
   */
  encode(packet: Packet): Encoded;
  /** Converts joined strings from {@link encode} to bytes. Without this method they are UTF-8. */
  bytes?(text: string): Buffer;
  /**
   * Converts a message of a topic to which the client has not subscribed to an event, in dialects that do not distinguish
   * the two. Without this method, such messages are ignored.
   */
  unclaimed?(message: TopicMessage): Packet;
  /** Creates the decoder of one connection. */
  decoder(limits: Limits): Decoder;
  /** The dialect after the handshake; the same one if nothing changes. */
  negotiated(negotiation: Negotiation, limits: Limits): Dialect;
}
