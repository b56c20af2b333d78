import { IPCError, messageOf } from './errors.js';
import { LONGEST_NAME } from './limits.js';
import { escapeText } from './text.js';

/** What a request's id may be: ours are positive integers, other peers choose any text or number. */
export type PacketId = number | string;

/** An error as it travels. */
export interface PacketError {
  name: string;
  message: string;
  code?: string;
  issues?: readonly unknown[];
}

/** One thing said, in any dialect. */
export interface Packet {
  type: string;
  data: unknown;
  /** A request's number; its answer repeats it in `re`. */
  id?: PacketId | undefined;
  /** The request that this answers. */
  re?: PacketId | undefined;
  /** Why a request was refused; with no `re`, why a frame could not be read. */
  error?: PacketError | undefined;
  /** What extensions say beside the data; see {@link Meta}. From a peer, it may be anything: read it by {@link metaOf}. */
  meta?: Meta | undefined;
}

/**
 * What travels beside the data of an event, a request, a stream or a topic's message: a few short members that JSON can
 * express, such as the `traceparent` and `tracestate` of W3C Trace Context. Peers that know none of it ignore it.
 */
export type Meta = Readonly<Record<string, unknown>>;

/** Whether a value can be a packet's `meta`. */
export function isMeta(value: unknown): value is Meta {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The `meta` of what came in; undefined if a peer has put something else there. */
export function metaOf({ meta }: { readonly meta?: unknown }): Meta | undefined {
  return isMeta(meta) ? meta : undefined;
}

/** A packet with `meta`; the packet itself if there is none. */
export function withMeta(packet: Packet, meta: Meta | undefined): Packet {
  return meta === undefined ? packet : { ...packet, meta };
}

/** A text so long that it is encoded a part at a time. */
export interface LongText {
  readonly text: string;
  readonly length: number;
  /** What a part of it is on the wire; no character may be cut in two. */
  bytes(start: number, end: number): Buffer;
  /** All of it as it is on the wire. */
  toString(): string;
}

/** A packet in a dialect: text, bytes, or the parts of a text too long to be put together. */
export type Encoded = string | Buffer | readonly (string | LongText)[];

/** How long an encoded packet is, in bytes and characters. */
export function lengthOf(encoded: Encoded): number {
  if (typeof encoded === 'string' || Buffer.isBuffer(encoded)) return encoded.length;
  return encoded.reduce((length, part) => length + part.length, 0);
}

/** How many bytes an encoded packet has. It looks at each character of a text. */
export function bytesOf(encoded: Encoded): number {
  if (typeof encoded === 'string') return Buffer.byteLength(encoded);
  if (Buffer.isBuffer(encoded)) return encoded.length;
  return encoded.reduce(
    (bytes, part) => bytes + Buffer.byteLength(typeof part === 'string' ? part : part.text),
    0,
  );
}

/** Packets that begin so are between connections; users' events never do. */
export const CONTROL_PREFIX = 'ipc:';

/** Whether a packet is between connections. */
export function isControl(type: string): boolean {
  return type.charCodeAt(0) === 105 && type.startsWith(CONTROL_PREFIX);
}

export { LONGEST_NAME };
/** What is wrong with a frame whose name is longer. */
export const TOO_LONG_A_NAME = `A frame has a name of more than ${LONGEST_NAME} characters`;

/**
 * Checks an event's name.
 * @throws IPCError ERR_IPC_ARGUMENT
 */
export function eventName(type: unknown): string {
  if (typeof type === 'number') return String(type);
  if (typeof type !== 'string') {
    throw new IPCError('ERR_IPC_ARGUMENT', `An event's name must be a string, not ${typeof type}.`);
  }
  if (type.length > LONGEST_NAME) {
    const message = `An event's name may have ${LONGEST_NAME} characters, and this one has ${type.length}; send it as data.`;
    throw new IPCError('ERR_IPC_ARGUMENT', message);
  }
  if (isControl(type)) {
    throw new IPCError(
      'ERR_IPC_ARGUMENT',
      `Names that begin with 'ipc:' are not for events; rename ${escapeText(type)}.`,
    );
  }
  return type;
}

/**
 * Whether a packet from outside may not trigger the handlers of its name: that of a lifecycle event. Ours, which begin with
 * `ipc:`, it never may; node-ipc's where `allowReservedEvents` says so.
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

/** What a client's hello holds. */
export interface Hello {
  session: string;
  /** Proves that the session is the client's own. */
  secret?: string;
  /** The session's requests may be sent again, so the server keeps their answers. */
  retries?: boolean;
  credentials?: unknown;
  codecs?: readonly string[];
  compress?: boolean;
}

/** What the server's welcome holds: its name for the connection, and what was agreed. */
export interface Welcome {
  id: string;
  codec?: string;
  compress?: boolean;
}

/** What is said at a close, in a bye. */
export interface CloseInfo {
  reason: unknown;
  /** Whether a client should come back by itself. */
  reconnect: boolean;
  /** Where a server never admitted the client: ERR_IPC_REFUSED, or ERR_IPC_FULL if it has no room just now. */
  code?: string;
}

/** What a bye that came in says; whatever the peer left out or got wrong is filled in. */
export function closeInfoOf(bye: unknown): CloseInfo {
  const { reason, reconnect, code } = (bye ?? {}) as Record<string, unknown>;
  const info: CloseInfo = { reason, reconnect: reconnect !== false };
  if (typeof code === 'string') info.code = code;
  return info;
}

/** A topic's message as it travels. */
export interface TopicMessage {
  topic: string;
  data: unknown;
}

/** An error in the form that travels. */
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

/** What is shown of the message of an error that a peer sent, in characters. */
const LONGEST_MESSAGE = 4096;

/**
 * The error that a peer sent; whatever it left out or got wrong is filled in. Its texts are escaped and cut off: an error ends
 * up in a log sooner or later.
 */
export function fromPacketError(packed: unknown): IPCError {
  const { name, message, code, issues } = (packed ?? {}) as Record<string, unknown>;
  const error = new IPCError(
    typeof code === 'string' ? escapeText(code) : 'ERR_IPC_REMOTE',
    typeof message === 'string'
      ? escapeText(message, LONGEST_MESSAGE)
      : 'The other side refused the request and gave no reason.',
    Array.isArray(issues) ? { issues } : {},
  );
  if (typeof name === 'string' && name !== error.name) {
    Object.defineProperty(error, 'name', { value: escapeText(name), configurable: true, writable: true });
  }
  return error;
}

/** Where in a text JSON.parse says that it is wrong. */
const POSITION = /at position \d+/;

/**
 * A packet that tells of a frame which could not be read; the connection reports it and goes on. A frame may hold secrets,
 * so it is told by its length alone, and by a position within it where `cause` names one.
 */
export function malformed(what: string, size: number, cause?: unknown): Packet {
  const position = POSITION.exec(cause === undefined ? '' : messageOf(cause))?.[0];
  const where = position === undefined ? '' : `, wrong ${position}`;
  const error = new IPCError('ERR_IPC_DECODE', `${what}; it was dropped (length ${size}${where}).`);
  return { type: '', data: undefined, error };
}

/** The packet that tells of an error in a frame, which is a limit's where it is an {@link IPCError} already. */
export function unreadable(what: string, size: number, cause: unknown): Packet {
  if (cause instanceof IPCError) return { type: '', data: undefined, error: cause };
  return malformed(what, size, cause);
}

/** Whether a value can stand for a request's id: any text or number that JSON has. */
export function isPacketId(id: unknown): id is PacketId {
  return typeof id === 'string' || (typeof id === 'number' && Number.isFinite(id));
}
