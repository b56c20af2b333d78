import { IPCError, messageOf } from './errors.js';
import { LONGEST_NAME } from './limits.js';
import { escapeText } from './text.js';

/** The id of a request. Ours are positive integers; other implementations may use any string or number. */
export type PacketId = number | string;

/** An error in the form that is sent. */
export interface PacketError {
  name: string;
  message: string;
  code?: string;
  issues?: readonly unknown[];
}

/** One message, independent of the dialect. */
export interface Packet {
  type: string;
  data: unknown;
  /** The id of a request. Its answer repeats it in `re`. */
  id?: PacketId | undefined;
  /** The id of the request that this packet answers. */
  re?: PacketId | undefined;
  /** Why a request failed. In a packet without `re`: why a frame could not be read. */
  error?: PacketError | undefined;
  /** Metadata of extensions; see {@link Meta}. A peer may have put any value here: read it with {@link metaOf}. */
  meta?: Meta | undefined;
}

/**
 * Metadata that is sent beside the data of an event, a request, a stream or a topic's message: a few short members with
 * JSON values, such as the `traceparent` and `tracestate` of W3C Trace Context. Peers that do not know a member ignore it.
 */
export type Meta = Readonly<Record<string, unknown>>;

/** Whether a value may be a packet's `meta`. */
export function isMeta(value: unknown): value is Meta {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The `meta` of an incoming packet; undefined if the peer sent a value that is not valid metadata. */
export function metaOf({ meta }: { readonly meta?: unknown }): Meta | undefined {
  return isMeta(meta) ? meta : undefined;
}

/** Adds `meta` to a packet; returns the packet itself if there is no `meta`. */
export function withMeta(packet: Packet, meta: Meta | undefined): Packet {
  return meta === undefined ? packet : { ...packet, meta };
}

/** A text that is too long to be encoded at once and is therefore encoded in parts. */
export interface LongText {
  readonly text: string;
  readonly length: number;
  /** Encodes a part of the text. A part must not begin or end between the two halves of a surrogate pair. */
  bytes(start: number, end: number): Buffer;
  /** The whole text in the form that is sent. */
  toString(): string;
}

/** An encoded packet: a string, bytes, or the parts of a text that is too long for one string. */
export type Encoded = string | Buffer | readonly (string | LongText)[];

/**
 * The length of an encoded packet. It counts the characters of strings and the bytes of buffers, so it is a lower bound of
 * {@link bytesOf}.
 */
export function lengthOf(encoded: Encoded): number {
  if (typeof encoded === 'string' || Buffer.isBuffer(encoded)) return encoded.length;
  return encoded.reduce((length, part) => length + part.length, 0);
}

/** The size of an encoded packet in bytes. It reads each character of a string. */
export function bytesOf(encoded: Encoded): number {
  if (typeof encoded === 'string') return Buffer.byteLength(encoded);
  if (Buffer.isBuffer(encoded)) return encoded.length;
  return encoded.reduce(
    (bytes, part) => bytes + Buffer.byteLength(typeof part === 'string' ? part : part.text),
    0,
  );
}

/** The prefix of control packets, which the engine sends. User events never have it. */
export const CONTROL_PREFIX = 'ipc:';

/** Whether a packet is a control packet. */
export function isControl(type: string): boolean {
  return type.charCodeAt(0) === 105 && type.startsWith(CONTROL_PREFIX);
}

/** The method that sends a control packet, such as 'ping' for 'ipc:ping'; undefined for other packets. */
export function methodOf(type: string): string | undefined {
  return isControl(type) ? type.slice(CONTROL_PREFIX.length) : undefined;
}

export { LONGEST_NAME };
/** Why a frame is refused whose name is too long. */
export const TOO_LONG_A_NAME = `A frame has a name of more than ${LONGEST_NAME} characters`;

/**
 * Checks the name of an event.
 * @throws IPCError ERR_IPC_ARGUMENT
 */
export function eventName(type: unknown): string {
  if (typeof type === 'number') return String(type);
  if (typeof type !== 'string') {
    throw new IPCError('ERR_IPC_ARGUMENT', `An event's name must be a string, not ${typeof type}.`);
  }
  if (type.length > LONGEST_NAME) {
    const message = `An event's name may have at most ${LONGEST_NAME} characters, and this one has ${type.length}; send the text as data.`;
    throw new IPCError('ERR_IPC_ARGUMENT', message);
  }
  if (isControl(type)) {
    throw new IPCError(
      'ERR_IPC_ARGUMENT',
      `Names that begin with 'ipc:' are reserved for the protocol; rename ${escapeText(type)}.`,
    );
  }
  return type;
}

/**
 * Whether an incoming packet must not call handlers because its name is that of a lifecycle event. Names that begin with
 * `ipc:` are always reserved; node-ipc's are reserved unless `allowReservedEvents` is set.
 */
export function isReserved(
  type: string,
  lifecycle: ReadonlySet<string>,
  { allowReservedEvents }: { readonly allowReservedEvents: boolean },
): boolean {
  return (lifecycle.has(type) && !allowReservedEvents) || isControl(type);
}

export const HELLO = 'ipc:hello';
export const WELCOME = 'ipc:welcome';
export const BYE = 'ipc:bye';
export const PING = 'ipc:ping';
export const SUBSCRIBE = 'ipc:subscribe';
export const UNSUBSCRIBE = 'ipc:unsubscribe';
export const PUBLISH = 'ipc:publish';
export const MESSAGE = 'ipc:message';

/** The content of a client's hello. */
export interface Hello {
  session: string;
  /** A secret which proves that the session belongs to this client. */
  secret?: string;
  /** Whether the client may send requests of this session again, so that the server must keep their answers. */
  retries?: boolean;
  credentials?: unknown;
  codecs?: readonly string[];
  compress?: boolean;
}

/** The content of the server's welcome: the name that it gives the connection, and the agreed codec and features. */
export interface Welcome {
  id: string;
  codec?: string;
  compress?: boolean;
}

/** The content of a bye, which a side sends before it closes the connection. */
export interface CloseInfo {
  /** The reason that the other side gave, any JSON value. */
  reason: unknown;
  /** Whether the client should reconnect automatically. */
  reconnect: boolean;
  /** The code if the server did not admit the client: ERR_IPC_REFUSED, or ERR_IPC_FULL if it has no room at the moment. */
  code?: string;
}

/** Reads a received bye. Missing or invalid members get their defaults. */
export function closeInfoOf(bye: unknown): CloseInfo {
  const { reason, reconnect, code } = (bye ?? {}) as Record<string, unknown>;
  const info: CloseInfo = { reason, reconnect: reconnect !== false };
  if (typeof code === 'string') info.code = code;
  return info;
}

/** A topic message in the form that is sent. */
export interface TopicMessage {
  topic: string;
  data: unknown;
}

/** Converts an error to the form that is sent. */
export function toPacketError(error: unknown): PacketError {
  const { name, code, issues } = (error ?? {}) as Record<string, unknown>;
  const packed: PacketError = {
    name: typeof name === 'string' ? name : 'Error',
    message: messageOf(error),
  };
  if (typeof code === 'string') packed.code = code;
  if (Array.isArray(issues)) packed.issues = issues;
  return packed;
}

/** The maximum length of a remote error's message, in characters; the rest is cut off. */
const LONGEST_MESSAGE = 4096;

/**
 * Converts a received error to an IPCError. Missing or invalid members get their defaults. Texts are escaped and truncated,
 * since errors end up in logs.
 */
export function fromPacketError(packed: unknown): IPCError {
  const { name, message, code, issues } = (packed ?? {}) as Record<string, unknown>;
  const error = new IPCError(
    typeof code === 'string' ? escapeText(code) : 'ERR_IPC_REMOTE',
    typeof message === 'string'
      ? escapeText(message, LONGEST_MESSAGE)
      : 'The other side refused the request without giving a reason.',
    Array.isArray(issues) ? { issues } : {},
  );
  if (typeof name === 'string' && name !== error.name) {
    Object.defineProperty(error, 'name', { value: escapeText(name), configurable: true, writable: true });
  }
  return error;
}

/** The part of JSON.parse's error message that names the position. */
const POSITION = /at position \d+/;

/**
 * A packet that reports an unreadable frame; the connection reports it as an error and continues. A frame may contain
 * secrets, so the report has only its length and, if `cause` names one, the position of the error.
 */
export function malformed(what: string, size: number, cause?: unknown): Packet {
  const position = POSITION.exec(cause === undefined ? '' : messageOf(cause))?.[0];
  const where = position === undefined ? '' : `, wrong ${position}`;
  const error = new IPCError('ERR_IPC_DECODE', `${what}; it was dropped (length ${size}${where}).`);
  return { type: '', data: undefined, error };
}

/**
 * A packet that reports an error in a frame. If the error is an {@link IPCError} already, such as a limit's, it is reported
 * unchanged.
 */
export function unreadable(what: string, size: number, cause: unknown): Packet {
  if (cause instanceof IPCError) return { type: '', data: undefined, error: cause };
  return malformed(what, size, cause);
}

/** Whether an error says that a frame could not be read: it is malformed, or nests too deep. */
export function isOfFrame({ code }: IPCError): boolean {
  return code === 'ERR_IPC_DECODE' || code === 'ERR_IPC_TOO_DEEP';
}

/**
 * Drops members of a received packet that cannot have the meaning that they have in our protocol: peers in other languages
 * may use members with these names for other purposes.
 */
export function dropForeignMembers(packet: Packet): void {
  if (packet.id !== undefined && !isPacketId(packet.id)) packet.id = undefined;
  if (packet.re !== undefined && !isPacketId(packet.re)) packet.re = undefined;
  if (packet.re === undefined && packet.error !== undefined) packet.error = undefined;
}

/** Whether a value is a valid id of a request: a string, or a number that JSON can express. */
export function isPacketId(id: unknown): id is PacketId {
  return typeof id === 'string' || (typeof id === 'number' && Number.isFinite(id));
}
