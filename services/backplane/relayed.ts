import { IPCError, messageOf } from '../../entities/errors.js';
import {
  type CloseInfo,
  eventName,
  fromPacketError,
  type Meta,
  metaOf,
  type Packet,
  type PacketError,
  toPacketError,
  withMeta,
} from '../../entities/packet.js';
import type { ClientInfo, SurveyedClient } from '../../lib/backplane.js';
import { isLabel, serverOf } from '../../lib/server-clients.js';

/** A packet for another server: an event, or bytes. */
export type RelayedPacket =
  | { readonly type: string; readonly data?: unknown; readonly meta?: Meta | undefined }
  | { readonly bytes: string; readonly encoding: 'base64' | 'text' };

/** The contract of the channel between servers. */
export interface Relay {
  broadcast: [packet: RelayedPacket, except: readonly string[]];
  publish: [message: { topic: string; data?: unknown; meta?: Meta | undefined }];
  emit: [id: string, packet: RelayedPacket];
  end: [id: string, bye?: CloseInfo | null];
  /** The sender no longer waits for a request; the call number is one of the sender's. */
  abort: [call: number];
  /** A message that needs no answer caused an error. */
  failed: [error: { code: string; message: string }];
  ask: {
    request: { call: number; id: string } & RelayedRequest;
    response: unknown;
  };
  /** An event for the client with a label; the answer says whether this server has such a client. */
  deliver: { request: { call: number; id: string; packet: RelayedPacket }; response: boolean };
  survey: {
    request: { call: number } & RelayedRequest;
    response: Answered[];
  };
  list: { request: { call: number }; response: ClientInfo[] };
}

/** A request for clients of another server. */
export interface RelayedRequest {
  readonly type: string;
  readonly data?: unknown;
  /** The timeout in milliseconds; 0 sets no limit. */
  readonly timeout: number;
  readonly meta?: Meta | undefined;
}

/** The result of one client's request, as JSON. */
export interface Answered {
  readonly id: string | undefined;
  readonly value?: unknown;
  readonly error?: PacketError;
}

/** The maximum length of an error message from another server, in characters. */
const LONGEST_MESSAGE = 2000;

/** Converts a packet for other servers. */
export function relayed({ type, data, meta }: Packet, raw: boolean): RelayedPacket {
  if (!raw) return { type, data, meta };
  if (typeof data === 'string') return { bytes: data, encoding: 'text' };
  return { bytes: Buffer.from(data as Uint8Array).toString('base64'), encoding: 'base64' };
}

/**
 * Converts a received packet.
 * @param raw whether this server is in `rawBuffer` mode
 * @throws IPCError ERR_IPC_PROTOCOL, ERR_IPC_ARGUMENT
 */
export function packetOf(value: unknown, raw: boolean): Packet {
  const packet = record(value);
  const { type, data, bytes, encoding } = packet;
  if (typeof bytes === 'string') {
    if (raw) return { type: 'data', data: encoding === 'base64' ? Buffer.from(bytes, 'base64') : bytes };
    throw protocol(
      'sent bytes to a server that sends messages; set config.rawBuffer on all of them or on none',
    );
  }
  if (raw)
    throw protocol(
      'sent a message to a server that sends bytes; set config.rawBuffer on all of them or on none',
    );
  if (typeof type !== 'string') throw protocol('sent a message without a name');
  return withMeta({ type: eventName(type), data }, metaOf(packet));
}

/**
 * Validates a request that another server passes on.
 * @throws IPCError ERR_IPC_PROTOCOL, ERR_IPC_ARGUMENT
 */
export function requestOf(asked: Record<string, unknown>): RelayedRequest {
  const { type, data, timeout } = asked;
  return { type: eventName(textOf(type)), data, timeout: timeoutOf(timeout), meta: metaOf(asked) };
}

/** @throws IPCError ERR_IPC_PROTOCOL */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  throw protocol('sent a value that must be a string and is not');
}

/** @throws IPCError ERR_IPC_PROTOCOL */
export function textsOf(value: unknown): string[] {
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value;
  throw protocol('sent a value that must be a list of strings and is not');
}

/** @throws IPCError ERR_IPC_PROTOCOL */
function timeoutOf(value: unknown): number {
  if (typeof value === 'number' && value >= 0) return value;
  throw protocol('sent a timeout that is not a number of milliseconds');
}

/** Converts the result of one client's request for another server. If JSON cannot represent it, only this result fails. */
export function answered({ id, ...result }: SurveyedClient): Answered {
  if (result.status === 'rejected') return { id, error: toPacketError(result.reason) };
  try {
    if (typeof result.value === 'object' || typeof result.value === 'bigint') JSON.stringify(result.value);
    return { id, value: result.value };
  } catch (cause) {
    const message = `The answer cannot be passed to another server, because servers exchange JSON: ${messageOf(cause).replace(/\s*\n\s*/g, ' ')}; answer with data that JSON can express.`;
    return { id, error: toPacketError(new IPCError('ERR_IPC_ENCODE', message)) };
  }
}

/** Converts the results of a survey at another server; invalid entries are omitted. */
export function surveyedAt(server: string, answers: unknown): SurveyedClient[] {
  if (!Array.isArray(answers)) return [];
  return answers.flatMap((answer): SurveyedClient[] => {
    const { id, value, error } = record(answer);
    if (!isClientOf(server, id)) return [];
    if (error === undefined) return [{ server, id, status: 'fulfilled', value }];
    return [{ server, id, status: 'rejected', reason: fromPacketError(error) }];
  });
}

/** Converts the list of another server's clients; invalid entries are omitted. */
export function clientsAt(server: string, clients: unknown): ClientInfo[] {
  if (!Array.isArray(clients)) return [];
  return clients.flatMap((client) => {
    const { id, label, remoteAddress } = record(client);
    if (!isClientOf(server, id)) return [];
    return [
      {
        id,
        server,
        label: isLabel(label) ? label : undefined,
        remoteAddress: typeof remoteAddress === 'string' ? remoteAddress : undefined,
      },
    ];
  });
}

/** Converts an error from another server. */
export function errorOf(value: unknown): IPCError {
  const { code, message } = fromPacketError(value);
  const known = /^ERR_IPC_[A-Z_]{1,40}$/.test(code) ? code : 'ERR_IPC_REMOTE';
  return new IPCError(known, message.slice(0, LONGEST_MESSAGE));
}

function isClientOf(server: string, id: unknown): id is string {
  return typeof id === 'string' && serverOf(id) === server;
}

/** Returns a received value as an object; an empty one if it is not an object. */
export function record(value: unknown): Record<string, unknown> {
  return (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
}

function protocol(what: string): IPCError {
  return new IPCError('ERR_IPC_PROTOCOL', `Another server of the backplane ${what}; the message is ignored.`);
}
