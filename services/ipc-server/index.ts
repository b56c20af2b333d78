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
import { checkTimeout, DEFAULT_TIMEOUT } from '../net-ipc/timeout.js';
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

/** What a client emits by itself, and what Node's emitter does: nobody may have these emitted by publishing under their names. */
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

/** What a client's listeners are called with: net-ipc's events, and those that it has subscribed to. */
export interface IPCClientEvents extends ClientEvents {
  // biome-ignore lint/suspicious/noExplicitAny: what is published is what its listener says it is
  [event: string]: any[];
}

/** A message for those who have subscribed to an event. */
export interface PubMessage {
  /** The event. */
  pub: string;
  message?: unknown;
}

/** What the server says to a subscription, its end, or a publication: whether that changed anything. */
export interface PubSubResult {
  result: boolean;
}

/** How long a client took to answer a server's {@link IPCServer.ping}. */
export interface ConnectionPing {
  /** The connection's id. */
  id: string;
  /** Milliseconds. */
  ping: number;
}

/** What clients and the connections of a server have in common: `value instanceof IPCBaseConnection` is true for both. */
export abstract class IPCBaseConnection {
  abstract readonly id: string | undefined;
  abstract readonly socket: Socket | null;
  abstract send(data: unknown): Promise<void>;
  // biome-ignore lint/suspicious/noExplicitAny: a response is what the other side makes it
  abstract request(data?: unknown, timeout?: number): Promise<any>;
  abstract ping(data?: unknown, timeout?: number): Promise<number>;
  abstract close(reason?: unknown, allowReconnect?: boolean): Promise<boolean>;
  abstract destroy(reason?: unknown): boolean;

  static [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof IPCClient || value instanceof IPCConnection;
  }
}

/** A client as its server knows it. */
export class IPCConnection extends Connection<IPCServer> {
  /** When the client was let in, in milliseconds since 1970. */
  readonly connectedAt: number = Date.now();

  get socket(): Socket {
    return this.connection;
  }
}

/**
 * A client by the API and on the wire of `@isdk/ipc-server`: net-ipc's, and events that clients publish and subscribe to.
 * Listeners are called with an {@link Event} as `this`; setting its `stopped` keeps those after them from hearing it.
 *
 * What is published arrives as the event that this client has subscribed to, whatever the payload is: 0, '', false and null too,
 * which the original emits as `message`. A publication that it has not subscribed to is emitted as `message`, too, and so is one under
 * the name of an event of the client's own (`error`, `ready`, ...), with `{ pub, message }` as its payload: so that a
 * server cannot choose the names of events.
 */
export class IPCClient extends Client<IPCClientEvents> {
  protected override readonly protocol = 'isdk-ipc';

  /**
   * @param options `path` defaults to `isdk-ipc`; one that begins with neither `/` nor `.` is in `os.tmpdir()`
   * @throws IPCError ERR_IPC_ARGUMENT, ERR_IPC_CONFIG for options that cannot be
   */
  constructor(options: ClientOptions = {}) {
    super(withPath(options, (options.host ?? options.url ?? undefined) !== undefined));
  }

  /** The socket; null if there is none. */
  get socket(): Socket | null {
    return this.connection;
  }

  /**
   * Has what is published as `event` emitted here under that name, over reconnects too.
   * @param event the event, or a list of them
   * @param timeout milliseconds, 0 waits forever
   * @returns when the server knows: whether it did not before
   * @throws IPCError (rejects) ERR_IPC_ARGUMENT, ERR_IPC_TIMEOUT, ERR_IPC_CLOSED
   */
  async subscribe(event: string | readonly string[], timeout = DEFAULT_TIMEOUT): Promise<PubSubResult> {
    const options = { timeout: checkTimeout(timeout), retries: Number.POSITIVE_INFINITY };
    return resultOf(await this.engine.subscribe(event, this.#publish, options));
  }

  /** Ends what {@link subscribe} began; resolves with whether this client had subscribed. Arguments and errors as there. */
  async unsubscribe(event: string | readonly string[], timeout = DEFAULT_TIMEOUT): Promise<PubSubResult> {
    const options = { timeout: checkTimeout(timeout), retries: Number.POSITIVE_INFINITY };
    const answer = await this.engine.unsubscribe(event, undefined, options);
    return answer === undefined ? { result: false } : resultOf(answer);
  }

  /**
   * Sends a message to all who have subscribed to an event, this client included.
   * @param timeout milliseconds, 0 waits forever
   * @returns when the server has it
   * @throws IPCError (rejects) as {@link subscribe}
   */
  async publish(event: string, message?: unknown, timeout = DEFAULT_TIMEOUT): Promise<PubSubResult> {
    const data = { topic: checkTopic(event), data: message };
    return resultOf(await this.engine.ask(PUBLISH, data, { timeout: checkTimeout(timeout) }));
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
 * A server by the API and on the wire of `@isdk/ipc-server`: net-ipc's, and it passes on what clients publish to those who
 * have subscribed. Listeners are called with an {@link Event} as `this`, as {@link IPCClient}'s. `ping` says of each client how
 * long it took, and its id: `{ id, ping }`.
 */
export class IPCServer extends Server<ConnectionPing> {
  protected override readonly protocol = 'isdk-ipc';
  declare readonly connections: IPCConnection[];

  /**
   * @param options `path` defaults to `isdk-ipc`; one that begins with neither `/` nor `.` is in `os.tmpdir()`
   * @throws IPCError ERR_IPC_ARGUMENT, ERR_IPC_CONFIG for options that cannot be
   */
  constructor(options: ServerOptions = {}) {
    super(withPath(options, (options.port ?? undefined) !== undefined));
  }

  /** Whether it listens. */
  get isReady(): boolean {
    return this.server?.listening === true;
  }

  /** The connections that have subscribed to each event. A copy: changing it subscribes nobody. */
  get subscriptions(): Record<string, IPCConnection[]> {
    const copy: Record<string, IPCConnection[]> = Object.create(null);
    const { engine } = this;
    if (engine === undefined) return copy;
    for (const [event, peers] of engine.core.subscribers.patterns()) {
      copy[event] = peers.flatMap((peer) => (engine.clientOf(peer) as IPCConnection | undefined) ?? []);
    }
    return copy;
  }

  /** Sends a message to all who have subscribed to an event. */
  async publish({ pub, message }: PubMessage): Promise<void> {
    this.engine?.core.publish(checkTopic(pub), message);
  }

  /**
   * Subscribes a client to an event, or to a list of them.
   * @returns whether it had not subscribed to one of them before
   * @throws IPCError ERR_IPC_ARGUMENT for what is not an event; ERR_IPC_TOO_LARGE for more than one client may have
   */
  subscribe(events: string | readonly string[], connection: IPCConnection): boolean {
    return connection.open && this.engine?.core.subscribers.add(events, connection.peer) === true;
  }

  /** Ends subscriptions of a client. @returns whether it had one of them @throws IPCError ERR_IPC_ARGUMENT */
  unsubscribe(events: string | readonly string[], connection: IPCConnection): boolean {
    return this.engine?.core.subscribers.remove(events, connection.peer) === true;
  }

  override emit<Type>(type: Type | keyof ServerEvents, ...args: unknown[]): boolean {
    return dispatch(this, type as string | symbol, args);
  }

  protected override async pingOf(
    connection: IPCConnection,
    data: unknown,
    timeout: number,
  ): Promise<ConnectionPing> {
    return { id: connection.id, ping: await connection.ping(data, timeout) };
  }

  protected override connectionOf(id: string, home: Home<IPCServer>, peer: Peer): IPCConnection {
    return new IPCConnection(id, this, home, peer);
  }
}

/** A server's answer. One that has been told nothing, as by another library's server, is taken for a change. */
function resultOf(answer: unknown): PubSubResult {
  return { result: (answer as PubSubResult | undefined)?.result !== false };
}
