import type { IPCError } from '../../entities/errors.js';
import type { Limits } from '../../entities/limits.js';
import type { Encoded, Packet, TopicMessage } from '../../entities/packet.js';
import type { ByteQueue } from '../framing/byte-queue.js';
import type { Deliver } from '../framing/framing.js';

/** What a decoder has found out, other than packets. Its connection acts on it before anything more is read. */
export type Finding =
  /** Which dialect the peer speaks: that one's decoder reads on. */
  | { readonly dialect: Dialect; readonly answer?: undefined }
  /** The preamble is read: `answer` is written, where there is one; a client may say hello now. */
  | { readonly dialect?: undefined; readonly answer: Buffer | undefined };

/**
 * Makes packets of a connection's unread bytes. Each connection has its own. As {@link FrameReader}, and it can stop to tell
 * what it has found out.
 */
export interface Decoder {
  /**
   * Reads what it can. A frame that cannot be understood is delivered as a packet with `error` and no `re`.
   * @returns what it has found out, upon which it is to be asked again
   * @throws IPCError ERR_IPC_TOO_LARGE or ERR_IPC_PROTOCOL after which the stream is of no more use.
   */
  read(unread: ByteQueue, deliver: Deliver): Finding | undefined;
  /**
   * The stream has ended: forgets what is unread, and begins anew.
   * @returns an error of code ERR_IPC_DECODE if that was a frame cut short
   */
  end(unread: ByteQueue): IPCError | undefined;
  /**
   * Only of a decoder that decodes later: it calls this to be asked to read on, as it must not deliver while its connection is
   * paused. Its connection sets it.
   */
  wake?: () => void;
}

/** What two ends agreed on in hello and welcome. */
export interface Negotiation {
  readonly codec: string;
  readonly compress: boolean;
}

/** What a dialect can express. */
export interface Capabilities {
  /** Whether the bytes of a packet are the same for every connection, so that a broadcast is encoded once. */
  readonly sharedEncoding: boolean;
  /** Whether events have names; without, there are only chunks of bytes. */
  readonly namedEvents: boolean;
  /** Whether it has requests and control packets; without, any name is a user's event. */
  readonly calls: boolean;
  /** How the items of a stream travel that are bytes: as such, or as base64; `none` where there are no streams. */
  readonly streams: 'bytes' | 'base64' | 'none';
  /** Who receives what is published: those who subscribed, or every peer, which then picks for itself. */
  readonly published: 'to-subscribers' | 'to-all';
}

/** How a connection begins in a dialect. */
export interface Handshake {
  /**
   * Whether hello and welcome come first: `none` cannot express them, `optional` exchanges them where the config needs
   * it, `required` always does, and `detect` first finds out which dialect the peer speaks.
   */
  readonly hello: 'none' | 'optional' | 'required' | 'detect';
  /** What a client writes before its hello. */
  readonly preamble?: Buffer | undefined;
  /** Whether a client keeps its hello until the server has answered the preamble. */
  readonly awaitsUpgrade?: boolean;
}

/** What most dialects can: named events, requests and subscriptions. */
export const FULL: Capabilities = {
  sharedEncoding: true,
  namedEvents: true,
  calls: true,
  streams: 'base64',
  published: 'to-subscribers',
};
/** {@link FULL}, where what is encoded depends on what was encoded before. */
export const UNSHARED: Capabilities = { ...FULL, sharedEncoding: false };

export const NO_HANDSHAKE: Handshake = { hello: 'none' };
export const OPTIONAL_HANDSHAKE: Handshake = { hello: 'optional' };
export const REQUIRED_HANDSHAKE: Handshake = { hello: 'required' };
export const DETECTING: Handshake = { hello: 'detect' };

/** How packets become bytes and back, and how two ends begin to talk. */
export interface Dialect {
  readonly name: string;
  readonly capabilities: Capabilities;
  readonly handshake: Handshake;
  /**
   * The packet's bytes; none where the dialect has no word for a packet that is between connections.
   * @throws IPCError ERR_IPC_ENCODE, ERR_IPC_UNSUPPORTED for what the dialect cannot express
   */
  encode(packet: Packet): Encoded;
  /** The bytes of strings that {@link encode} gave, joined; without it they are UTF-8. */
  bytes?(text: string): Buffer;
  /**
   * The event that a client makes of a message under a topic it has not subscribed to, where the two look alike on the wire.
   * Without it, such messages are ignored.
   */
  unclaimed?(message: TopicMessage): Packet;
  /** A decoder for one connection. */
  decoder(limits: Limits): Decoder;
  /** The dialect that both ends speak right after hello and welcome; this one, where nothing changes. */
  negotiated(negotiation: Negotiation, limits: Limits): Dialect;
}
