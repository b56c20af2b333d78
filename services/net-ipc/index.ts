import { EventEmitter } from 'node:events';
import type { AddressInfo, Server as NetServer } from 'node:net';
import type { Address } from '../../entities/address.js';
import { IPCError, lostError } from '../../entities/errors.js';
import { LONGEST_TIMER } from '../../entities/limits.js';
import type { Hello, Packet } from '../../entities/packet.js';
import { nodeCrypto } from '../../lib/lazy-modules.js';
import type { Peer } from '../../lib/peer.js';
import { heardOr, rejected, Waiters } from '../../lib/promises.js';
import { isThenable } from '../../lib/thenable.js';
import { warn } from '../../lib/warnings.js';
import type { EngineOptions } from '../adapter/config.js';
import { emitErrorSafely, emitSafely, thrown } from '../adapter/emit-safely.js';
import { AdapterServer } from '../adapter/server.js';
import { Client } from './client.js';
import { type Home, Connection as ServerConnection } from './connection.js';
import { NetIpcDialect } from './dialect.js';
import {
  type Protocol,
  retryTime,
  type ServerOptions,
  type ServerSettings,
  serverConfig,
  serverSettings,
} from './options.js';
import { emitRequest, type Respond } from './respond.js';
import { proofOf, ReturningIds } from './returning-ids.js';
import { checkTimeout, DEFAULT_TIMEOUT } from './timeout.js';

export { ClientStatus } from '../../entities/events.js';
export type { ClientEvents, Ready, Ready as ClientReadyEvent } from './client.js';
export type { ClientOptions, ServerOptions } from './options.js';
export type { Respond } from './respond.js';
export { Client };

// biome-ignore lint/suspicious/noExplicitAny: a message is what its listener says it is
type Message = any;

/** A client as its server knows it. */
export type Connection = ServerConnection<Server<Message>>;
export const Connection = ServerConnection;

/** What came of asking one client. Its `value` and `reason` can be read whatever its status. */
export type PromiseSettled<Value = Message> =
  | (PromiseFulfilledResult<Value> & { reason?: undefined })
  | (PromiseRejectedResult & { value?: undefined });

/** What a server's listeners are called with. */
export interface ServerEvents {
  /** It listens; at a path, or at `address:port`. */
  ready: [address: string];
  error: [error: IPCError, connection?: Connection];
  /** A client has come, with the payload that it showed. */
  connect: [connection: Connection, payload?: Message];
  /** A client has gone; why, where that was said. */
  disconnect: [connection: Connection, reason?: Message];
  close: [];
  message: [message: Message, connection: Connection];
  request: [request: Message, respond: Respond, connection: Connection];
}

/** Those who wait for a client to come back, and until when. */
interface Awaited {
  readonly waiters: Waiters<Connection>;
  readonly timer: NodeJS.Timeout;
}

/** The longest id that a client may bring along. */
const LONGEST_ID = 256;

/**
 * A server by the API and on the wire of net-ipc 2: it exchanges messages and requests with clients, each of which is a
 * {@link Connection}. Its events are {@link ServerEvents}. `Ping` is what {@link ping} says of a client.
 */
export class Server<Ping = number> extends EventEmitter<ServerEvents> {
  /** The options with the defaults filled in; read at `start`. */
  readonly options: ServerSettings;
  /** The clients that are connected. */
  readonly connections: Connection[] = [];
  protected readonly protocol: Protocol = 'net-ipc';
  readonly #limits: EngineOptions;
  readonly #byId = new Map<string, Connection>();
  readonly #ids = new ReturningIds();
  readonly #awaited = new Map<string, Awaited>();
  /** Who has said hello and is about to be let in. */
  #hello: { id: string; payload: unknown } | undefined;
  #engine: AdapterServer<Connection> | undefined;
  /** Settles when the engine before has ended. */
  #closed: Promise<void> | undefined;

  /** @throws IPCError ERR_IPC_ARGUMENT, ERR_IPC_CONFIG for options that cannot be */
  constructor(options: ServerOptions = {}) {
    super();
    this.#limits = options;
    this.options = serverSettings(options);
    serverConfig(this.options, options);
  }

  /** Node's own server; null if it does not listen. */
  get server(): NetServer | null {
    return (this.#engine?.core.acceptor.server as NetServer | undefined) ?? null;
  }

  /**
   * Begins to listen. A dead server's socket is replaced, a living one's never.
   * @throws IPCError (rejects) ERR_IPC_IN_USE, ERR_IPC_ADDRESS, ERR_IPC_CONFIG, ERR_IPC_LISTEN
   */
  start(): Promise<this> {
    return heardOr(this.#start(), (error) => {
      if (this.listenerCount('error') === 0) warn(error as IPCError);
    });
  }

  /**
   * Stops listening, waits for open requests, sends what is left, and ends every connection.
   * @param allowReconnect whether clients may come back by themselves
   */
  async close(allowReconnect = false): Promise<this> {
    const engine = this.#engine;
    if (engine !== undefined) {
      this.#engine = undefined;
      for (const id of this.#awaited.keys()) this.#giveUp(id);
      this.#closed = engine.core.stop({ reason: 'Server was shut down', reconnect: allowReconnect });
    }
    await this.#closed;
    return this;
  }

  /** Sends a message to every client. Resolves when it is on its way to all that read; what fails is an `error`. */
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
   * Asks every client and waits for all of them.
   * @param timeout milliseconds, 0 waits forever
   * @returns what came of each, in the order of `connections`
   */
  async survey(data?: unknown, timeout = DEFAULT_TIMEOUT): Promise<PromiseSettled[]> {
    checkTimeout(timeout);
    return Promise.allSettled(this.connections.map((connection) => connection.request(data, timeout)));
  }

  /** Milliseconds to every client and back. `timeout` as in {@link survey}. */
  async ping(data?: unknown, timeout = DEFAULT_TIMEOUT): Promise<PromiseSettled<Ping>[]> {
    checkTimeout(timeout);
    return Promise.allSettled(this.connections.map((connection) => this.pingOf(connection, data, timeout)));
  }

  /** Stops reading from every client; they feel it. */
  pause(): void {
    this.#engine?.core.acceptor.pause();
  }

  resume(): void {
    this.#engine?.core.acceptor.resume();
  }

  /** What {@link ping} says of one client. */
  protected pingOf(connection: Connection, data: unknown, timeout: number): Promise<Ping> {
    return connection.ping(data, timeout) as Promise<unknown> as Promise<Ping>;
  }

  /** Makes the connection of a client that has come. */
  protected connectionOf(id: string, home: Home<Server<Message>>, peer: Peer): Connection {
    return new ServerConnection<Server<Message>>(id, this, home, peer);
  }

  /** The engine's server, while it listens. */
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
        nameOf: (hello) => this.#name(hello),
        enter: (peer) => this.#enter(peer),
        receive: (packet, connection) => this.#receive(packet, connection),
        failed: (error, connection) => this.#failed(error, connection),
        leave: (connection) => this.#leave(connection),
      },
    );
    return engine;
  }

  /** The id that a client had before, where it proves that and nobody else has it now; else a new one. */
  #name(hello: Hello): string {
    const { session, credentials } = hello;
    const known = typeof session === 'string' && session.length <= LONGEST_ID ? session : '';
    const proof = proofOf(hello);
    const proved = known !== '' && !this.#byId.has(known) && this.#ids.mayHave(known, proof);
    let id = proved ? known : this.#makeId();
    while (!proved && (this.#byId.has(id) || this.#awaited.has(id))) id = newId();
    this.#ids.give(id, proof);
    this.#hello = { id, payload: credentials };
    return id;
  }

  /** What the user's generateID makes; an id of ours where it throws, or makes none. */
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
    this.#take(id)?.resolve(connection);
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
    let awaited = this.#awaited.get(id);
    if (awaited === undefined) {
      const timer = setTimeout(() => this.#giveUp(id), Math.min(patience, LONGEST_TIMER));
      awaited = { waiters: new Waiters(), timer };
      this.#awaited.set(id, awaited);
    }
    return awaited.waiters.wait();
  }

  #giveUp(id: string): void {
    this.#take(id)?.reject(lostError(id));
  }

  /** Those who wait for a client, for whom that is over now. */
  #take(id: string): Waiters<Connection> | undefined {
    const awaited = this.#awaited.get(id);
    if (awaited === undefined) return undefined;
    this.#awaited.delete(id);
    clearTimeout(awaited.timer);
    return awaited.waiters;
  }
}

/** Letters and digits. */
function newId(): string {
  return nodeCrypto().randomUUID().replaceAll('-', '');
}

function addressOf(server: NetServer): string {
  const address = server.address() as AddressInfo | string;
  return typeof address === 'string' ? address : `${address.address}:${address.port}`;
}

/** For `import netIpc from`. */
export default { Client, Server };
