import { EventEmitter } from 'node:events';
import type { AddressInfo, Server as NetServer, Socket } from 'node:net';
import type { Address } from '../../entities/address.js';
import { IPCError, lostError } from '../../entities/errors.js';
import { LONGEST_TIMER } from '../../entities/limits.js';
import type { Hello, Packet } from '../../entities/packet.js';
import { nodeCrypto } from '../../lib/lazy-modules.js';
import type { Peer } from '../../lib/peer.js';
import { heardOr, rejected } from '../../lib/promises.js';
import { isThenable } from '../../lib/thenable.js';
import { warn } from '../../lib/warnings.js';
import type { EngineOptions } from '../adapter/config.js';
import { emitErrorSafely, emitSafely, thrown } from '../adapter/emit-safely.js';
import { AdapterServer } from '../adapter/server.js';
import { AwaitedConnections } from './awaited-connections.js';
import { Client } from './client.js';
import { type Home, Connection as ServerConnection } from './connection.js';
import { NetIpcDialect } from './dialect.js';
import {
  retryTime,
  type ServerOptions,
  type ServerSettings,
  serverConfig,
  serverSettings,
} from './options.js';
import type { Protocol } from './preamble.js';
import { emitRequest, type Respond } from './respond.js';
import { proofOf, ReturningIds } from './returning-ids.js';
import { checkedTimeout, DEFAULT_TIMEOUT } from './timeout.js';

export { ClientStatus } from '../../entities/events.js';
export type { ClientEvents, Ready, Ready as ClientReadyEvent } from './client.js';
export type { ClientOptions, ServerOptions } from './options.js';
export type { Respond } from './respond.js';
export { Client };

// biome-ignore lint/suspicious/noExplicitAny: a message is what its listener says it is
type Message = any;

/** A client, as seen by its server. */
export type Connection = ServerConnection<Server<Message>>;
/** The class of a client, as seen by its server. */
export const Connection = ServerConnection;

/** The result of a request to one client. `value` and `reason` can be read without checking its status. */
export type PromiseSettled<Value = Message> =
  | (PromiseFulfilledResult<Value> & { reason?: undefined })
  | (PromiseRejectedResult & { value?: undefined });

/** The arguments of a server's listeners. */
export interface ServerEvents {
  /** The server listens, on a path or on `address:port`. */
  ready: [address: string];
  /** An error occurred, with the connection if one client caused it. The server continues. */
  error: [error: IPCError, connection?: Connection];
  /** A client connected, with the payload that it sent. */
  connect: [connection: Connection, payload?: Message];
  /** A client disconnected, with the reason that was given, if any. */
  disconnect: [connection: Connection, reason?: Message];
  /** The server has closed. */
  close: [];
  /** A client sent a message. */
  message: [message: Message, connection: Connection];
  /** A client sent a request. Call `respond` with the response. */
  request: [request: Message, respond: Respond, connection: Connection];
}

/** The maximum length of an id that a client may bring. */
const LONGEST_ID = 256;

/**
 * A server with the API and the wire protocol of net-ipc 2: it exchanges messages and requests with clients, each of which
 * is a {@link Connection}. Its events are {@link ServerEvents}. `Ping` is the type of a client's result in {@link ping}.
 * @example
 * import { Server } from 'omni-ipc/net-ipc';
 * const server = new Server({ path: 'mypath' });
 * server.on('request', (request, respond) => respond(`${request} to you`));
 * await server.start();
 */
export class Server<Ping = number> extends EventEmitter<ServerEvents> {
  /** The options with defaults applied; they are read by `start`. */
  readonly options: ServerSettings;
  /** The connected clients. */
  readonly connections: Connection[] = [];
  /** @internal The protocol name of the HTTP upgrade. */
  protected readonly protocol: Protocol = 'net-ipc';
  readonly #limits: EngineOptions;
  readonly #byId = new Map<string, Connection>();
  readonly #ids = new ReturningIds();
  readonly #awaited = new AwaitedConnections<Connection>();
  /** The client that has sent its hello and is about to be admitted. */
  #hello: { id: string; payload: unknown } | undefined;
  #engine: AdapterServer<Connection> | undefined;
  /** Settles when the previous engine has closed. */
  #closed: Promise<void> | undefined;

  /** @throws IPCError ERR_IPC_ARGUMENT, or ERR_IPC_CONFIG if an option is invalid */
  constructor(options: ServerOptions = {}) {
    super();
    this.#limits = options;
    this.options = serverSettings(options);
    serverConfig(this.options, options);
  }

  /** The server of Node; null if it does not listen. */
  get server(): NetServer | null {
    return (this.#engine?.core.acceptor.server as NetServer | undefined) ?? null;
  }

  /**
   * Starts to listen. It replaces the socket of a dead server, never that of a running one.
   * @throws IPCError (rejects) ERR_IPC_IN_USE, ERR_IPC_ADDRESS, ERR_IPC_CONFIG, ERR_IPC_LISTEN
   */
  start(): Promise<this> {
    return heardOr(this.#start(), (error) => {
      if (this.listenerCount('error') === 0) warn(error as IPCError);
    });
  }

  /**
   * Stops listening, waits for open requests, sends what is queued, and closes every connection.
   * @param allowReconnect whether clients may reconnect automatically
   */
  async close(allowReconnect = false): Promise<this> {
    const engine = this.#engine;
    if (engine !== undefined) {
      this.#engine = undefined;
      this.#awaited.giveUp();
      this.#closed = engine.core.stop({ reason: 'Server was shut down', reconnect: allowReconnect });
    }
    await this.#closed;
    return this;
  }

  /**
   * Sends a message to all clients. Resolves when it was handed to the system for all clients that read; failures are
   * reported as `error` events.
   */
  async broadcast(data: unknown): Promise<void> {
    const connections = [...this.connections];
    try {
      this.#engine?.broadcast({ type: 'message', data });
    } catch (error) {
      emitErrorSafely(this, error);
    }
    await Promise.all(connections.map((connection) => connection.ready()));
  }

  /**
   * Sends a request to every client and waits for all answers.
   * @param timeout milliseconds; 0 sets no limit
   * @returns the results in the order of `connections`
   * @throws IPCError (rejects) ERR_IPC_ARGUMENT if the timeout is invalid
   */
  async survey(data?: unknown, timeout = DEFAULT_TIMEOUT): Promise<PromiseSettled[]> {
    checkedTimeout(timeout);
    return Promise.allSettled(this.connections.map((connection) => connection.request(data, timeout)));
  }

  /**
   * Measures the round trip to every client in milliseconds. For `timeout` see {@link survey}.
   * @throws IPCError (rejects) ERR_IPC_ARGUMENT if the timeout is invalid
   */
  async ping(data?: unknown, timeout = DEFAULT_TIMEOUT): Promise<PromiseSettled<Ping>[]> {
    checkedTimeout(timeout);
    return Promise.allSettled(this.connections.map((connection) => this.pingOf(connection, data, timeout)));
  }

  /** Stops reading from all clients, which causes back-pressure. */
  pause(): void {
    this.#engine?.core.acceptor.pause();
  }

  /** Continues to read from all clients after {@link pause}. */
  resume(): void {
    this.#engine?.core.acceptor.resume();
  }

  /** @internal The result of {@link ping} for one client. */
  protected pingOf(connection: Connection, data: unknown, timeout: number): Promise<Ping> {
    return connection.ping(data, timeout) as Promise<unknown> as Promise<Ping>;
  }

  /** @internal Creates the connection of a client that has just connected. */
  protected connectionOf(id: string, home: Home<Server<Message>>, peer: Peer): Connection {
    return new ServerConnection<Server<Message>>(id, this, home, peer);
  }

  /** @internal The engine's server while it listens. */
  protected get engine(): AdapterServer<Connection> | undefined {
    return this.#engine;
  }

  async #start(): Promise<this> {
    if (this.#engine !== undefined) throw new IPCError('ERR_IPC_LISTEN', 'The server has started already.');
    const engine = this.#make();
    this.#engine = engine;
    try {
      await engine.core.start();
    } catch (error) {
      if (this.#engine === engine) this.#engine = undefined;
      throw error;
    }
    return this;
  }

  #make(): AdapterServer<Connection> {
    const { options, protocol } = this;
    const { path, port, listener, tls } = options;
    const address: Address =
      path === undefined
        ? { transport: tls ? 'tls' : 'tcp', host: listener.host ?? '', port: port as number }
        : { transport: 'unix', path };
    const dialect = new NetIpcDialect({ role: 'server', topics: protocol === 'isdk-ipc' });
    const config = serverConfig(options, this.#limits);
    const engine = new AdapterServer<Connection>(
      { address, config, log: () => {}, dialect },
      {
        started: () => emitSafely(this, 'ready', addressOf(this.server as NetServer)),
        stopped: () => emitSafely(this, 'close'),
        nameOf: (hello, peer) => this.#name(hello, peer),
        enter: (peer) => this.#enter(peer),
        receive: (packet, connection) => this.#receive(packet, connection),
        failed: (error, connection) => this.#failed(error, connection),
        leave: (connection) => this.#leave(connection),
      },
    );
    return engine;
  }

  /** The id that the client had before, if it proves that and no other client has it now; otherwise a new one. */
  #name(hello: Hello, { socket }: Peer): string {
    const { session, credentials } = hello;
    const known = typeof session === 'string' && session.length <= LONGEST_ID ? session : '';
    const proof = proofOf(hello);
    const proved = known !== '' && !this.#byId.has(known) && this.#ids.mayHave(known, proof);
    let id = proved ? known : this.#makeId();
    while (!proved && (this.#byId.has(id) || this.#awaited.has(id))) id = newId();
    this.#ids.give(id, proof, (socket as Socket).remoteAddress);
    this.#hello = { id, payload: credentials };
    return id;
  }

  /** Calls the user's generateID; if it throws, or returns neither a string nor a number, generates an id. */
  #makeId(): string {
    try {
      const id: unknown = this.options.idGen?.();
      if (typeof id === 'string' || typeof id === 'number') return String(id);
      if (isThenable(id)) void id.then(undefined, (error) => thrown(this, error));
    } catch (error) {
      thrown(this, error);
    }
    return newId();
  }

  #enter(peer: Peer): Connection {
    const { id, payload } = this.#hello as { id: string; payload: unknown };
    const home = { returned: (lost: string) => this.#returned(lost) };
    const connection = this.connectionOf(id, home, peer);
    this.connections.push(connection);
    this.#byId.set(id, connection);
    this.#awaited.arrived(id, connection);
    emitSafely(this, 'connect', connection, payload);
    return connection;
  }

  #leave(connection: Connection): void {
    this.connections.splice(this.connections.indexOf(connection), 1);
    this.#byId.delete(connection.id);
    this.#ids.leave(connection.id, (id) => this.#awaited.has(id));
    emitSafely(this, 'disconnect', connection, connection.reason);
  }

  #receive({ id, data }: Packet, connection: Connection): void {
    if (id === undefined) this.#emitMessage(data, connection);
    else {
      const answer = (answered: unknown) =>
        connection.sendPacket({ type: 'request', data: answered, re: id });
      emitRequest(this, data, answer, connection);
    }
  }

  #emitMessage(message: unknown, connection: Connection): void {
    try {
      this.emit('message', message, connection);
    } catch (error) {
      thrown(this, error);
    }
  }

  #failed(error: IPCError, connection: Connection | undefined): void {
    connection?.fail(error);
    emitErrorSafely(this, error, connection);
  }

  #returned(id: string): Promise<Connection> {
    const there = this.#byId.get(id);
    if (there?.open) return Promise.resolve(there);
    let patience = 0;
    for (let i = 1; i <= this.options.retries && patience < LONGEST_TIMER; i++) patience += retryTime(i);
    if (patience === 0 || this.#engine === undefined) return rejected(lostError(id));
    return this.#awaited.wait(id, patience);
  }
}

/** A random id of letters and digits. */
function newId(): string {
  return nodeCrypto().randomUUID().replaceAll('-', '');
}

function addressOf(server: NetServer): string {
  const address = server.address() as AddressInfo | string;
  return typeof address === 'string' ? address : `${address.address}:${address.port}`;
}

/** For `import netIpc from`. */
export default { Client, Server };
