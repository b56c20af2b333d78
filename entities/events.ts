import type { Endpoint } from './address.js';
import type { IPCError } from './errors.js';
import type { CloseInfo } from './packet.js';

/**
 * A contract maps event names to payloads, and request names to `{ request, response }`. The same contract types the client
 * and the server.
 * @example
 * interface World { message: string; add: { request: [number, number]; response: number } }
 * const world = ipc.connectTo<World>('world');
 * world.emit('message', 'hello');
 * const sum: number = await world.request('add', [1, 2]);
 */
// biome-ignore lint/suspicious/noExplicitAny: with no contract named, payloads are what the handler says they are
export type Untyped = Record<string, any>;

/** A request in a contract. */
export interface RequestContract {
  /** The type of the request's data. */
  request: unknown;
  /** The type of the response. */
  response: unknown;
}

/** A stream in a contract: the argument of the call, the type of the response's items, and the type of the body's items. */
export interface StreamContract {
  /** The type of the call's data. */
  request: unknown;
  /** The type of each item of the response. */
  stream: unknown;
  /** The type of each item of the body. */
  body?: unknown;
}

/** The names in a contract. */
export type Name<Contract> = keyof Contract & string;

/** The payload that is sent under a name: of an event, a request or a call for a stream. */
export type Payload<Contract, Type> = Type extends keyof Contract
  ? Contract[Type] extends
      | { request: infer Request; response: unknown }
      | { request: infer Request; stream: unknown }
    ? Request
    : Contract[Type]
  : unknown;

/** The type of the response to a request. */
export type Response<Contract, Type> = Type extends keyof Contract
  ? Contract[Type] extends { request: unknown; response: infer Answer }
    ? Answer
    : Contract[Type]
  : unknown;

/** The type of the items of a stream's response. If the handler returns a single value, the type of that value. */
export type StreamItem<Contract, Type> = Type extends keyof Contract
  ? Contract[Type] extends { request: unknown; stream: infer Item }
    ? Item
    : Response<Contract, Type>
  : unknown;

/** The type of the items of a stream's body. */
export type BodyItem<Contract, Type> = Type extends keyof Contract
  ? Contract[Type] extends { body?: infer Item }
    ? Exclude<Item, undefined>
    : unknown
  : unknown;

/** What a handler may return: the response, or an iterable or readable stream of items. */
export type Responding<Contract, Type> = Type extends keyof Contract
  ? Contract[Type] extends { request: unknown; stream: infer Item }
    ? AsyncIterable<Item> | ReadableStream<Item>
    : Response<Contract, Type>
  : unknown;

/** The arguments after a name: the payload, which is optional if it may be undefined, and `More`. */
export type EventArguments<Contract, Type, More extends unknown[] = []> =
  undefined extends Payload<Contract, Type>
    ? [data?: Payload<Contract, Type>, ...more: More]
    : [data: Payload<Contract, Type>, ...more: More];

/**
 * What a client or server in `rawBuffer` mode sends. With a contract, strings are excluded: a string would be an event name
 * without its payload.
 */
export type Bytes<Contract> =
  | Uint8Array
  | readonly number[]
  | (string extends keyof Contract ? string : never);

/** The states of a client. */
export const ClientStatus = {
  /** It has not started, or has ended. */
  IDLE: 0,
  /** It makes its first attempt to connect. */
  CONNECTING: 1,
  /** The connection is open, and the handshake is not finished. */
  CONNECTED: 2,
  /** It is connected. */
  READY: 3,
  /** The connection was lost. */
  DISCONNECTED: 4,
  /** It tries to connect again. */
  RECONNECTING: 5,
} as const;
export type ClientStatus = (typeof ClientStatus)[keyof typeof ClientStatus];

/** Details of the next attempt to connect. */
export interface Retry {
  /** The error that ended the last attempt or connection. */
  error?: IPCError | undefined;
  /** How many attempts are left after this one. */
  remaining: number;
}

/**
 * The lifecycle events of a client; all other events come from the server. They are declared as methods, so that handlers
 * with looser parameter types are accepted.
 */
export interface ClientEvents {
  /** The client is connected; over TLS, the handshake is complete. Taken over from node-ipc. */
  connect(): void;
  /**
   * The connection was lost, or an attempt to connect failed. Taken over from node-ipc; `info` is added: the reason that
   * the server gave, if any, and whether the client should reconnect.
   */
  disconnect(info?: CloseInfo): void;
  /** The client has ended and will not try to connect again. Taken over from node-ipc. */
  destroy(): void;
  /** An error occurred. The client continues if it can. Taken over from node-ipc, but the error is always an `IPCError`. */
  error(error: IPCError): void;
  /** Bytes arrived (`config.rawBuffer`). Taken over from node-ipc. */
  data(data: Buffer): void;
  /** Only servers emit this event. It is declared here because node-ipc's types declare it for clients, too. */
  'socket.disconnected'(socket: unknown, id: unknown): void;
  /** The client is connected again. Emitted after each `connect` except the first. */
  'ipc:reconnect'(): void;
  /**
   * The client will try to connect again in `delay` milliseconds. `attempt` counts from 1 and restarts with each
   * connection.
   */
  'ipc:retry'(attempt: number, delay: number, why: Retry): void;
  /** The state of the client has changed. */
  'ipc:status'(status: ClientStatus): void;
}

/** The lifecycle events of a server. `Peer` is a socket or, over UDP, an {@link Endpoint}. */
export interface ServerEvents<Peer> {
  /** The server listens. Taken over from node-ipc. */
  start(where?: Peer | Endpoint): void;
  /** A client connected. Taken over from node-ipc. */
  connect(socket: Peer): void;
  /** A client disconnected. `info` has the reason that the client gave, if any. Taken over from node-ipc. */
  disconnect(socket: Peer, info?: CloseInfo): void;
  /**
   * A client disconnected. `id` is the label that the client chose (`config.identifyPeer`), or false. Taken over from
   * node-ipc.
   */
  'socket.disconnected'(socket: Peer, id: string | false): void;
  /** The server has stopped. */
  close(): void;
  /** The socket file of the server had disappeared, and the server listens again on a new file. */
  'ipc:relisten'(): void;
  /** Over UDP: the first datagram of a peer arrived. */
  'ipc:peer'(peer: Peer): void;
  /** Another server with the same id joined the backplane (`config.backplane`). */
  'ipc:join'(server: string): void;
  /** Another server with the same id left the backplane. */
  'ipc:leave'(server: string): void;
  /**
   * An error occurred. If it concerns one client, `socket` is that client's. The server continues. Taken over from
   * node-ipc, but the error is always an `IPCError`.
   */
  error(error: IPCError, socket?: Peer): void;
  /** Bytes arrived (`config.rawBuffer`). Taken over from node-ipc. */
  data(data: Buffer, socket: Peer): void;
}

/** The names of lifecycle events, which an incoming packet must not have (`config.allowReservedEvents`). */
export const CLIENT_RESERVED: readonly string[] = ['connect', 'disconnect', 'destroy', 'error'];
export const SERVER_RESERVED: readonly string[] = [
  'start',
  'connect',
  'disconnect',
  'socket.disconnected',
  'close',
  'error',
];
