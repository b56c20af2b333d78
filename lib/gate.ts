import type { Server as NetServer, Socket } from 'node:net';
import { describe, type StreamAddress } from '../entities/address.js';
import { type Config, validate } from '../entities/config.js';
import { IPCError, lostError, messageOf } from '../entities/errors.js';
import type { ServerEvents } from '../entities/events.js';
import { type Bye, HELLO, type Hello, type Packet } from '../entities/packet.js';
import { Connection, type Owner } from './connection.js';
import { chooseServerDialect } from './dialects/choose.js';
import type { Dialect } from './dialects/dialect.js';
import { Emitter } from './emitter.js';
import { Lifecycle } from './lifecycle.js';
import type { Log } from './log.js';
import { observed } from './observe.js';
import { local } from './transports/local.js';
import { tcp } from './transports/tcp.js';
import { tls } from './transports/tls.js';
import type { Listener, Transport } from './transports/transport.js';

/** A peer's socket; `id` is the label it gave itself in a payload (`config.identifyPeer`), never an identity. */
export type PeerSocket = Socket & { id?: unknown };

/** How a server stops. */
export interface StopOptions {
  /** Milliseconds until connections that have not ended are dropped. Default: 5000. */
  timeout?: number | undefined;
  /** Tells clients whether to come back; with nothing said, they do. */
  reconnect?: boolean | undefined;
  /** What clients are told beside that. Default: 'the server stopped'. */
  reason?: unknown;
}

const STOP_TIMEOUT = 5000;

/** How long a client of one of several dialects may be silent before it is taken for one that waits, in milliseconds. */
const SILENCE = 250;

const TRANSPORTS: Record<StreamAddress['transport'], Transport<never>> = { local, tcp, tls };

/**
 * The life of a server: listening, letting clients in, and the end. What is said over its connections is its heir's,
 * {@link Server}.
 */
export abstract class Gate<Contract extends object>
  extends Emitter<Contract, ServerEvents<PeerSocket>, PeerSocket>
  implements Owner, AsyncDisposable
{
  readonly side = 'server';
  /** The socket's path, or the host. */
  readonly path: string;
  readonly config: Config;
  readonly log: Log;
  /** The port, for TCP and TLS; the one the system gave where 0 was asked for. */
  port: number | undefined;
  readonly udp4: boolean = false;
  readonly udp6: boolean = false;
  /** Node's own server, while it listens. */
  server: NetServer | false = false;
  protected readonly connections = new Map<Socket, Connection>();
  readonly #given: Dialect | undefined;
  #dialect: Dialect | undefined;
  #listener: Listener | undefined;
  readonly #lifecycle = new Lifecycle<this>();
  #leaving = false;
  #paused = false;

  /** @param dialect what its clients speak, where `config` does not say it */
  constructor(config: Config, log: Log, path: string, port?: number, dialect?: Dialect) {
    super();
    this.#given = dialect;
    this.config = config;
    this.log = log;
    this.path = path;
    this.port = port;
  }

  /** The sockets of all clients that have been let in. */
  get sockets(): PeerSocket[] {
    const sockets: PeerSocket[] = [];
    for (const [socket, connection] of this.connections) if (connection.admitted) sockets.push(socket);
    return sockets;
  }

  /**
   * Begins to listen; `start` is emitted when it does. Nothing happens where it does already; while it stops, it starts
   * again when it has.
   * @throws IPCError (rejects, and reaches `error`) ERR_IPC_IN_USE, ERR_IPC_ADDRESS, ERR_IPC_CONFIG, ERR_IPC_LISTEN
   */
  start(): Promise<this> {
    return this.#lifecycle.start(
      () => this.#start(),
      (error) => this.report(error as IPCError),
    );
  }

  /**
   * Stops listening, lets running handlers answer, sends what is left, ends every connection, and lets the process exit.
   * @returns when the last connection is gone
   */
  stop(options: StopOptions = {}): Promise<void> {
    return this.#lifecycle.stop(() => this.#stop(options));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** Stops reading from every client, until {@link resume}; they feel it. */
  pause(): void {
    this.#paused = true;
    for (const connection of this.connections.values()) if (connection.admitted) connection.pause();
  }

  resume(): void {
    this.#paused = false;
    for (const connection of this.connections.values()) connection.resume();
  }

  receive(packet: Packet, connection: Connection): void {
    if (connection.admitted) this.take(packet, connection);
    else if (packet.type === HELLO) void this.#decide(packet, connection);
    else this.#refuse(connection, 'it said no hello');
  }

  decided(connection: Connection): void {
    if (connection.admitted) this.began(connection);
    else this.#receiveClient(connection);
  }

  failed(error: IPCError, connection: Connection): void {
    if (error.code === 'ERR_IPC_BACKPRESSURE') connection.destroy();
    this.report(error, connection.socket);
  }

  closed(connection: Connection): void {
    const socket: PeerSocket = connection.socket;
    this.connections.delete(socket);
    this.ended(connection);
    connection.endRequests(lostError('the client'));
    if (!connection.admitted) return;
    const id = (socket.id ?? false) as string | false;
    this.log('socket disconnected', id);
    this.trigger('disconnect', socket, connection.farewell);
    this.trigger('socket.disconnected', socket, id);
  }

  /** A packet of a client that has been let in. */
  protected abstract take(packet: Packet, connection: Connection): void;
  /** Does what a hello asks for. */
  protected abstract greet(hello: Hello, connection: Connection): void;
  /** A client has been let in; said again where it shows only then what it speaks. */
  protected abstract began(connection: Connection): void;
  /** A connection has ended. */
  protected abstract ended(connection: Connection): void;

  /** Says that something went wrong. */
  protected report(error: IPCError, socket?: Socket): void {
    if (observed.error.hasSubscribers) observed.error.publish({ side: 'server', error, socket });
    this.log('error:', error.message);
    this.trigger('error', error, socket);
  }

  get #address(): StreamAddress {
    const { path, port } = this;
    if (port === undefined) return { transport: 'local', path };
    return { transport: this.config.tls ? 'tls' : 'tcp', host: path, port };
  }

  async #start(): Promise<this> {
    const { config } = this;
    const address = this.#address;
    this.log('starting server on', describe(address));
    validate(config);
    this.#leaving = false;
    this.#dialect = this.#given ?? chooseServerDialect(config);
    try {
      this.#listener = await TRANSPORTS[address.transport].listen(address as never, config, {
        socket: (socket) => this.#connected(socket),
        error: (error) => this.report(asIPCError(error)),
        relisten: () => this.#relistened(),
      });
    } catch (error) {
      throw asIPCError(error);
    }
    this.server = this.#listener.server;
    this.port = this.#listener.port;
    this.log('server started on', describe(this.#address));
    this.trigger('start');
    return this;
  }

  /** Somebody had removed the socket's file. */
  #relistened(): void {
    this.server = (this.#listener as Listener).server;
    this.log('the socket file', describe(this.#address), 'was removed; listening again');
    this.trigger('ipc:relisten');
  }

  async #stop({
    timeout = STOP_TIMEOUT,
    reconnect,
    reason = 'the server stopped',
  }: StopOptions): Promise<void> {
    const listener = this.#listener as Listener;
    this.#leaving = true;
    const closed = listener.close();
    const bye: Bye | undefined = reconnect === undefined ? undefined : { reason, reconnect };
    const ends = [...this.connections.values()].map((connection) => ended(connection, bye, timeout));
    await Promise.all([closed, ...ends]);
    listener.abandon?.();
    this.server = false;
    this.log('server stopped');
    this.trigger('close');
  }

  #connected(socket: Socket): void {
    if (this.#leaving) {
      // Its TLS handshake was done too late.
      socket.destroy();
      return;
    }
    const connection = new Connection(socket, this.#dialect as Dialect, this);
    this.connections.set(socket, connection);
    this.#receiveClient(connection);
  }

  /** Lets a client in at once, or has it say hello first; one of several dialects shows which by its first bytes. */
  #receiveClient(connection: Connection): void {
    const { undecided, greets } = connection.dialect;
    if (undecided || greets || this.config.authorize !== undefined) this.#awaitHello(connection);
    else this.#admit(connection);
    if (undecided && this.config.authorize === undefined) this.#awaitWord(connection);
  }

  /** A client that waits to be spoken to is let in without a word. */
  #awaitWord(connection: Connection): void {
    const silent = () => {
      if (connection.dialect.undecided && !connection.admitted && connection.open) this.#admit(connection);
    };
    const timer = setTimeout(silent, SILENCE);
    connection.socket.once('close', () => clearTimeout(timer));
  }

  #admit(connection: Connection): void {
    connection.admitted = true;
    if (this.#paused) connection.pause();
    this.began(connection);
    this.log('client connected');
    this.trigger('connect', connection.socket);
  }

  #awaitHello(connection: Connection): void {
    const timeout = this.config.handshakeTimeout;
    if (timeout === 0) return;
    const late = () => {
      if (!connection.admitted) this.#refuse(connection, `it was not let in within ${timeout} ms`);
    };
    const timer = setTimeout(late, timeout);
    connection.socket.once('close', () => clearTimeout(timer));
  }

  /** Asks `config.authorize`; until it has answered, nothing more of the client is heard. */
  async #decide(packet: Packet, connection: Connection): Promise<void> {
    const hello = (packet.data ?? {}) as Hello;
    connection.hold();
    let verdict: boolean | string | Error | undefined;
    try {
      const { authorize } = this.config;
      verdict = authorize === undefined || (await authorize(hello.credentials, connection.socket));
    } catch (error) {
      verdict = error instanceof Error ? error : new Error(String(error));
    }
    if (!connection.open) return;
    if (verdict === true) {
      this.greet(hello, connection);
      this.#admit(connection);
      connection.release();
    } else
      this.#refuse(
        connection,
        typeof verdict === 'string' || verdict instanceof Error ? messageOf(verdict) : '',
      );
  }

  #refuse(connection: Connection, reason: string): void {
    if (!connection.open) return;
    connection.end({ reason, reconnect: false, code: 'ERR_IPC_REFUSED' });
    const from = reason === '' ? 'credentials' : reason;
    this.report(new IPCError('ERR_IPC_REFUSED', `A client was refused: ${from}.`), connection.socket);
  }
}

function asIPCError(error: unknown): IPCError {
  if (error instanceof IPCError) return error;
  return new IPCError('ERR_IPC_LISTEN', `The server failed: ${messageOf(error)}.`, { cause: error });
}

/** Ends a connection when its requests are done, or when the time is up. */
function ended(connection: Connection, bye: Bye | undefined, timeout: number): Promise<void> {
  const { socket } = connection;
  return new Promise((resolve) => {
    const late = setTimeout(() => socket.destroy(), timeout);
    const done = () => {
      clearTimeout(late);
      resolve();
    };
    if (socket.closed) done();
    else socket.once('close', done);
    if (connection.admitted) connection.whenIdle(() => connection.end(bye, timeout));
    else connection.destroy();
  });
}
