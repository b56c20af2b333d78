import type { Endpoint } from './address.js';
import type { IPCError } from './errors.js';
import type { CloseInfo } from './packet.js';

/**
 * What is said between a client and a server: event names and their payloads, request names and `{ request, response }`.
 * One contract types both sides.
 *
 * ```ts
 * interface World { message: string; add: { request: [number, number]; response: number } }
 * const world = ipc.connectTo<World>('world');
 * world.emit('message', 'hello');
 * const sum: number = await world.request('add', [1, 2]);
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: with no contract named, payloads are what the handler says they are
export type Untyped = Record<string, any>;

/** A request in a contract. */
export interface RequestContract {
  request: unknown;
  response: unknown;
}

/** A stream in a contract: what it is called with, each item of the response, and each item of the body. */
export interface StreamContract {
  request: unknown;
  stream: unknown;
  body?: unknown;
}

/** The names in a contract. */
export type Name<Contract> = keyof Contract & string;

/** What travels under a name: an event's payload or a request's. */
export type Payload<Contract, Type> = Type extends keyof Contract
  ? Contract[Type] extends
      | { request: infer Request; response: unknown }
      | { request: infer Request; stream: unknown }
    ? Request
    : Contract[Type]
  : unknown;

/** What answers a request. */
export type Response<Contract, Type> = Type extends keyof Contract
  ? Contract[Type] extends { request: unknown; response: infer Answer }
    ? Answer
    : Contract[Type]
  : unknown;

/** Each item of the response to a call for a stream; of a plain handler, its response. */
export type StreamItem<Contract, Type> = Type extends keyof Contract
  ? Contract[Type] extends { request: unknown; stream: infer Item }
    ? Item
    : Response<Contract, Type>
  : unknown;

/** Each item of a body. */
export type BodyItem<Contract, Type> = Type extends keyof Contract
  ? Contract[Type] extends { body?: infer Item }
    ? Exclude<Item, undefined>
    : unknown
  : unknown;

/** What a handler may respond with: the response, or something that brings the items of a stream. */
export type Responding<Contract, Type> = Type extends keyof Contract
  ? Contract[Type] extends { request: unknown; stream: infer Item }
    ? AsyncIterable<Item> | ReadableStream<Item>
    : Response<Contract, Type>
  : unknown;

/** What follows a name: its payload, which may be left out where it may be undefined, and `More`. */
export type EventArguments<Contract, Type, More extends unknown[] = []> =
  undefined extends Payload<Contract, Type>
    ? [data?: Payload<Contract, Type>, ...more: More]
    : [data: Payload<Contract, Type>, ...more: More];

/** What `rawBuffer` sends; under a contract no text, which would be a name without its payload. */
export type Bytes<Contract> =
  | Uint8Array
  | readonly number[]
  | (string extends keyof Contract ? string : never);

/** A client's states. */
export const ClientStatus = {
  IDLE: 0,
  CONNECTING: 1,
  CONNECTED: 2,
  READY: 3,
  DISCONNECTED: 4,
  RECONNECTING: 5,
} as const;
export type ClientStatus = (typeof ClientStatus)[keyof typeof ClientStatus];

/** Why and when a client tries again. */
export interface Retry {
  /** What ended the last try or connection. */
  error?: IPCError | undefined;
  /** How many tries are left after this one. */
  remaining: number;
}

/**
 * What happens to a client by itself; everything else is what the server emitted. Methods rather than function
 * properties, so that handlers written against looser declarations still fit.
 */
export interface ClientEvents {
  /** The client is connected; over TLS, when the handshake is done. As node-ipc. */
  connect(): void;
  /**
   * The connection is gone, or an attempt to connect has failed. As node-ipc, with `info` in addition: the server's reason and
   * whether it wants the client back, where it gave them.
   */
  disconnect(info?: CloseInfo): void;
  /** The client has ended: no attempt to connect follows. As node-ipc. */
  destroy(): void;
  /** Something went wrong. The client goes on where it can. As node-ipc, but the error is always an `IPCError`. */
  error(error: IPCError): void;
  /** Bytes have arrived (`config.rawBuffer`). As node-ipc. */
  data(data: Buffer): void;
  /** Only servers emit it; it is here as the types of node-ipc have it for clients, too. */
  'socket.disconnected'(socket: unknown, id: unknown): void;
  /** The client is connected again: after each `connect` but the first. */
  'ipc:reconnect'(): void;
  /** The client will try again in `delay` milliseconds; `attempt` counts from 1 since the last connection. */
  'ipc:retry'(attempt: number, delay: number, why: Retry): void;
  /** The state of the client has changed. */
  'ipc:status'(status: ClientStatus): void;
}

/** What happens to a server by itself; `Peer` is a socket or, over UDP, an {@link Endpoint}. */
export interface ServerEvents<Peer> {
  /** The server listens. As node-ipc. */
  start(where?: Peer | Endpoint): void;
  /** A client is connected. As node-ipc. */
  connect(socket: Peer): void;
  /** A client is gone; `info` has the reason that it gave, if it gave one. As node-ipc. */
  disconnect(socket: Peer, info?: CloseInfo): void;
  /** A client is gone; `id` is the name that it gave itself (`config.identifyPeer`), or false. As node-ipc. */
  'socket.disconnected'(socket: Peer, id: string | false): void;
  /** The server has stopped. */
  close(): void;
  /** The socket file of the server had disappeared; the server listens again, on a new file. */
  'ipc:relisten'(): void;
  /** Over UDP: the first datagram of a peer has arrived. */
  'ipc:peer'(peer: Peer): void;
  /** Another server of the same id has come to the backplane (`config.backplane`). */
  'ipc:join'(server: string): void;
  /** Another server of the same id has left the backplane. */
  'ipc:leave'(server: string): void;
  /** Something went wrong, with the socket where one client is concerned. The server goes on. As node-ipc, but an `IPCError`. */
  error(error: IPCError, socket?: Peer): void;
  /** Bytes have arrived (`config.rawBuffer`). As node-ipc. */
  data(data: Buffer, socket: Peer): void;
}

/** The lifecycle names that a packet from outside may not carry (`config.allowReservedEvents`). */
export const CLIENT_RESERVED: readonly string[] = ['connect', 'disconnect', 'destroy', 'error'];
export const SERVER_RESERVED: readonly string[] = [
  'start',
  'connect',
  'disconnect',
  'socket.disconnected',
  'close',
  'error',
];
