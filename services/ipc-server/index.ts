import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { PUBLISH } from '../../entities/packet.js';
import { checkTopic } from '../../lib/conversations/topics.js';
import type { Peer } from '../../lib/peer.js';
import { emitSafely } from '../adapter/emit-safely.js';
import type { Home } from '../net-ipc/connection.js';
import {
  Client,
  type ClientEvents,
  type ClientOptions,
  Connection,
  Server,
  type ServerEvents,
  type ServerOptions,
} from '../net-ipc/index.js';
import { checkedTimeout, DEFAULT_TIMEOUT } from '../net-ipc/timeout.js';
import { dispatch } from './event.js';
import { withPath } from './path.js';

export { ClientStatus as IPCClientStatus } from '../../entities/events.js';
export type {
  ClientOptions as IPCClientOptions,
  Respond,
  ServerOptions as IPCServerOptions,
} from '../net-ipc/index.js';
export {
  IPCErrorCode,
  IPCEvents,
  IPCMessageType,
  IPCNetServerEvents,
  IPCNetSocketEvents,
  wait,
} from './constants.js';
export type { Event } from './event.js';

/** Events that a client emits itself, and those of Node's emitter. A publication must not cause them. */
const OWN_EVENTS: ReadonlySet<string> = new Set([
  'close',
  'error',
  'message',
  'newListener',
  'ready',
  'removeListener',
  'request',
  'status',
]);

/** The arguments of a client's listeners: net-ipc's events, and subscribed events. */
export interface IPCClientEvents extends ClientEvents {
  // biome-ignore lint/suspicious/noExplicitAny: what is published is what its listener says it is
  [event: string]: any[];
}

/** A message to all subscribers of an event. */
export interface PubMessage {
  /** The event. */
  pub: string;
  /** The payload. */
  message?: unknown;
}

/** The server's answer to a subscription, to its end, or to a publication: whether it changed anything. */
export interface PubSubResult {
  /** Whether the request changed anything. */
  result: boolean;
}

/** How long a client took to answer {@link IPCServer.ping}. */
export interface ConnectionPing {
  /** The id of the connection. */
  id: string;
  /** Milliseconds. */
  ping: number;
}

/** The common base of clients and of a server's connections: `value instanceof IPCBaseConnection` is true for both. */
export abstract class IPCBaseConnection {
  /** The id that the server assigned. */
  abstract readonly id: string | undefined;
  /** The socket; null if there is no connection. */
  abstract readonly socket: Socket | null;
  /** Sends a message. */
  abstract send(data: unknown): Promise<void>;
  /** Sends a request. `timeout` is in milliseconds; default: 10000, 0 waits forever. */
  // biome-ignore lint/suspicious/noExplicitAny: a response is what the other side makes it
  abstract request(data?: unknown, timeout?: number): Promise<any>;
  /** Measures the round trip in milliseconds, at most `timeout` milliseconds. */
  abstract ping(data?: unknown, timeout?: number): Promise<number>;
  /** Closes the connection after its open requests. */
  abstract close(reason?: unknown, allowReconnect?: boolean): Promise<boolean>;
  /** Closes the connection at once. */
  abstract destroy(reason?: unknown): boolean;

  /** Makes `instanceof` true for clients and for connections. */
  static [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof IPCClient || value instanceof IPCConnection;
  }
}

/** A client, as seen by its server. */
export class IPCConnection extends Connection<IPCServer> {
  /** When the client was admitted, in milliseconds since 1970. */
  readonly connectedAt: number = Date.now();

  /** The socket of the client. */
  get socket(): Socket {
    return this.connection;
  }
}

/**
 * A client with the API and the wire protocol of `@isdk/ipc-server`: net-ipc's, extended by events that clients publish and
 * subscribe to. The `this` value of listeners is an {@link Event}; setting its `stopped` prevents later listeners from
 * being called.
 *
 * A publication is emitted as the event that this client has subscribed to, whatever its payload is. That includes 0, '',
 * false and null, which the original emits as `message`. A publication that the client has not subscribed to is emitted as
 * `message`, too, and so is one with the name of a client's own event (`error`, `ready`, ...), with `{ pub, message }` as
 * the payload; so a server cannot choose which events are emitted.
 * @example
 * import { IPCClient } from 'omni-ipc/ipc-server';
 * const client = new IPCClient({ path: 'myapp' });
 * await client.connect();
 * await client.subscribe('news');
 * client.on('news', (data) => console.log(data));
 */
export class IPCClient extends Client<IPCClientEvents> {
  /** @internal The protocol name of the HTTP upgrade. */
  protected override readonly protocol = 'isdk-ipc';

  /**
   * @param options `path` defaults to `isdk-ipc`; a path that starts with neither `/` nor `.` is in `os.tmpdir()`
   * @throws IPCError ERR_IPC_ARGUMENT, or ERR_IPC_CONFIG if an option is invalid
   */
  constructor(options: ClientOptions = {}) {
    super(withPath(options, ['host', 'url']));
  }

  /** The socket; null if there is no connection. */
  get socket(): Socket | null {
    return this.connection;
  }

  /**
   * Subscribes to an event: publications are emitted on this client under that name. Subscriptions survive reconnects.
   * @param event the event, or an array of events
   * @param timeout milliseconds; 0 sets no limit
   * @returns resolves when the server has confirmed it: whether the subscription is new
   * @throws IPCError (rejects) ERR_IPC_ARGUMENT, ERR_IPC_TIMEOUT, ERR_IPC_CLOSED
   */
  async subscribe(event: string | readonly string[], timeout = DEFAULT_TIMEOUT): Promise<PubSubResult> {
    const options = { timeout: checkedTimeout(timeout), retries: Number.POSITIVE_INFINITY };
    return resultOf(await this.engine.topics.subscribe(event, this.#publish, options));
  }

  /** Ends a subscription; resolves with whether there was one. For arguments and errors see {@link subscribe}. */
  async unsubscribe(event: string | readonly string[], timeout = DEFAULT_TIMEOUT): Promise<PubSubResult> {
    const options = { timeout: checkedTimeout(timeout), retries: Number.POSITIVE_INFINITY };
    const answer = await this.engine.topics.unsubscribe(event, undefined, options);
    return answer === undefined ? { result: false } : resultOf(answer);
  }

  /**
   * Sends a message to all subscribers of an event, which may include this client.
   * @param timeout milliseconds; 0 sets no limit
   * @returns resolves when the server has received it
   * @throws IPCError (rejects) as {@link subscribe}; ERR_IPC_ENCODE, ERR_IPC_TOO_DEEP or ERR_IPC_TOO_LARGE if the message
   * cannot be sent
   */
  async publish(event: string, message?: unknown, timeout = DEFAULT_TIMEOUT): Promise<PubSubResult> {
    const data = { topic: checkTopic(event), data: message };
    return resultOf(await this.engine.ask(PUBLISH, data, { timeout: checkedTimeout(timeout) }));
  }

  override emit<Type>(type: Type | keyof IPCClientEvents, ...args: unknown[]): boolean {
    return dispatch(this as unknown as EventEmitter, type as string | symbol, args);
  }

  readonly #publish = (message: unknown, event: string) => {
    const emitter = this as unknown as EventEmitter;
    if (OWN_EVENTS.has(event)) emitSafely(emitter, 'message', { pub: event, message });
    else emitSafely(emitter, event, message);
  };
}

/**
 * A server with the API and the wire protocol of `@isdk/ipc-server`: net-ipc's, and it distributes publications of clients
 * to subscribers. The `this` value of listeners is an {@link Event}, as for {@link IPCClient}. `ping` returns for each
 * client its id and how long it took: `{ id, ping }`.
 * @example
 * import { IPCServer } from 'omni-ipc/ipc-server';
 * const server = new IPCServer({ path: 'myapp' });
 * await server.start();
 */
export class IPCServer extends Server<ConnectionPing> {
  /** @internal The protocol name of the HTTP upgrade. */
  protected override readonly protocol = 'isdk-ipc';
  declare readonly connections: IPCConnection[];

  /**
   * @param options `path` defaults to `isdk-ipc`; a path that starts with neither `/` nor `.` is in `os.tmpdir()`
   * @throws IPCError ERR_IPC_ARGUMENT, or ERR_IPC_CONFIG if an option is invalid
   */
  constructor(options: ServerOptions = {}) {
    super(withPath(options, ['port']));
  }

  /** Whether it listens. */
  get isReady(): boolean {
    return this.server?.listening === true;
  }

  /** The connections that have subscribed to each event. It is a copy; changing it has no effect. */
  get subscriptions(): Record<string, IPCConnection[]> {
    const copy: Record<string, IPCConnection[]> = Object.create(null);
    const { engine } = this;
    if (engine === undefined) return copy;
    for (const [event, peers] of engine.core.subscribers.patterns()) {
      copy[event] = peers.flatMap((peer) => (engine.clientOf(peer) as IPCConnection | undefined) ?? []);
    }
    return copy;
  }

  /**
   * Sends a message to all subscribers of an event.
   * @throws IPCError (rejects) ERR_IPC_ARGUMENT if the event is not a valid name; ERR_IPC_ENCODE, ERR_IPC_TOO_DEEP or
   * ERR_IPC_TOO_LARGE if there are subscribers and the message cannot be sent
   */
  async publish({ pub, message }: PubMessage): Promise<void> {
    this.engine?.core.publish(checkTopic(pub), message);
  }

  /**
   * Subscribes a client to an event or to an array of events.
   * @returns whether at least one subscription is new
   * @throws IPCError ERR_IPC_ARGUMENT if an event is not a valid name; ERR_IPC_TOO_LARGE if a client has too many
   * subscriptions
   */
  subscribe(events: string | readonly string[], connection: IPCConnection): boolean {
    return connection.open && this.engine?.core.subscribers.add(events, connection.peer) === true;
  }

  /**
   * Ends subscriptions of a client.
   * @returns whether there was at least one
   * @throws IPCError ERR_IPC_ARGUMENT
   */
  unsubscribe(events: string | readonly string[], connection: IPCConnection): boolean {
    return this.engine?.core.subscribers.remove(events, connection.peer) === true;
  }

  override emit<Type>(type: Type | keyof ServerEvents, ...args: unknown[]): boolean {
    return dispatch(this, type as string | symbol, args);
  }

  /** @internal The result of {@link ping} for one client, with its id. */
  protected override async pingOf(
    connection: IPCConnection,
    data: unknown,
    timeout: number,
  ): Promise<ConnectionPing> {
    return { id: connection.id, ping: await connection.ping(data, timeout) };
  }

  /** @internal */
  protected override connectionOf(id: string, home: Home<IPCServer>, peer: Peer): IPCConnection {
    return new IPCConnection(id, this, home, peer);
  }
}

/** Reads a server's answer. An empty one, as from another library's server, counts as a change. */
function resultOf(answer: unknown): PubSubResult {
  return { result: (answer as PubSubResult | undefined)?.result !== false };
}
