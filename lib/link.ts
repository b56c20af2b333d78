import type { Socket } from 'node:net';
import type { StreamAddress } from '../entities/address.js';
import { describe } from '../entities/address.js';
import { type Config, delayOf, retryLimit } from '../entities/config.js';
import { closedError, IPCError, lostError, messageOf } from '../entities/errors.js';
import { type ClientEvents, ClientStatus, type Farewell } from '../entities/events.js';
import { BYE, type Bye, type Packet, WELCOME, type Welcome } from '../entities/packet.js';
import { Connection, type Owner } from './connection.js';
import type { Requests } from './conversations/requests.js';
import { Dial } from './dial.js';
import { chooseDialect } from './dialects/choose.js';
import { type Dialect, UPGRADE } from './dialects/dialect.js';
import { Emitter } from './emitter.js';
import type { Log } from './log.js';
import { observed } from './observe.js';
import { quiet } from './promises.js';
import { silentRefusal } from './transports/tls.js';

/** How many packets a server may send before its welcome. */
const MOST_EARLY = 1000;

interface Waiter<Value> {
  resolve(value: Value): void;
  reject(error: IPCError): void;
}

/**
 * The life of a client: dialling, greeting, retrying, and the end. What is said over the connection is its heir's,
 * {@link Client}.
 */
export abstract class Link<Contract extends object>
  extends Emitter<Contract, ClientEvents, Socket>
  implements Owner, AsyncDisposable
{
  readonly side = 'client';
  /** The name it was given in `connectTo`. */
  readonly id: string;
  /** The socket's path, or the host. */
  readonly path: string;
  /** The port, for TCP and TLS. */
  readonly port: number | undefined;
  readonly config: Config;
  readonly log: Log;
  /** The socket of the moment; false before the first. */
  socket: Socket | false = false;
  /** How many tries are left until it gives up. */
  retriesRemaining: number;
  /** Whether this side chose to disconnect. */
  explicitlyDisconnected = false;
  /** What it speaks until something else is agreed on. */
  protected readonly dialect: Dialect;
  /** The connection of the moment, not necessarily one that may be used yet. */
  protected connection: Connection | undefined;
  /** How many connections there have been. */
  protected connections = 0;
  protected finished = false;
  /** What is said at the end that this side has chosen. */
  protected farewell: Bye | 'plain' | undefined;
  readonly #address: StreamAddress;
  readonly #waiters: Waiter<this>[] = [];
  readonly #finishers: (() => void)[] = [];
  #status: ClientStatus = ClientStatus.IDLE;
  #dialling: Dial | undefined;
  #timer: NodeJS.Timeout | undefined;
  #welcome: NodeJS.Timeout | undefined;
  #attempt = 0;
  #paused = false;
  /** Whether the end waits for open requests. */
  #patient = false;
  /** Why there is no connection. */
  #fault: IPCError | undefined;
  /** Why it is over. */
  #end: IPCError | undefined;
  #early: Packet[] = [];

  constructor(
    config: Config,
    log: Log,
    id: string,
    path: string,
    port?: number,
    dialect = chooseDialect(config),
  ) {
    super();
    this.config = config;
    this.log = log;
    this.id = id;
    this.path = path;
    this.port = port;
    const transport = config.tls ? 'tls' : 'tcp';
    this.#address = port === undefined ? { transport: 'local', path } : { transport, host: path, port };
    this.dialect = dialect;
    this.retriesRemaining = retryLimit(config);
  }

  /** Whether packets go straight to the server just now. */
  get connected(): boolean {
    return this.#status === ClientStatus.READY;
  }

  get status(): ClientStatus {
    return this.#status;
  }

  /** Begins to connect; nothing where it already has. */
  connect(): this {
    if (this.#status !== ClientStatus.IDLE) return this;
    this.finished = false;
    this.farewell = undefined;
    this.explicitlyDisconnected = false;
    this.retriesRemaining = retryLimit(this.config);
    this.#attempt = 0;
    this.#setStatus(ClientStatus.CONNECTING);
    this.#dial();
    return this;
  }

  /** Resolves when connected; rejects when it has given up or was closed. */
  ready(): Promise<this> {
    if (this.connected) return Promise.resolve(this);
    if (this.finished) return quiet(Promise.reject(this.#end));
    return quiet(
      new Promise((resolve, reject) => {
        this.#waiters.push({ resolve, reject });
      }),
    );
  }

  /** Stops reading and delivering, until {@link resume}; the server feels it. */
  pause(): void {
    this.#paused = true;
    if (this.connection?.admitted) this.connection.pause();
  }

  resume(): void {
    this.#paused = false;
    this.connection?.resume();
  }

  /**
   * Waits for open requests, sends what is left, and ends for good. With a reason, the server learns it.
   * @returns when it is over
   */
  close(reason?: unknown): Promise<void> {
    return this.#leave(reason === undefined ? 'plain' : { reason, reconnect: false }, true);
  }

  /** Sends what is left and ends for good; open requests are rejected. */
  disconnect(): void {
    this.requests.end(closedError(this.id));
    void this.#leave('plain', false);
  }

  /** Ends for good at once: what is unsent is lost, open requests are rejected. */
  destroy(): void {
    this.explicitlyDisconnected = true;
    this.requests.end(closedError(this.id));
    this.forget();
    this.connection?.destroy();
    this.#dialling?.abandon();
    if (this.connection === undefined && this.#dialling === undefined) this.#finish();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  failed(error: IPCError, connection?: Connection): void {
    if (connection !== undefined && !connection.open) this.#fault = error;
    if (observed.error.hasSubscribers) observed.error.publish({ side: 'client', error, socket: this.socket });
    this.log('error:', this.id, error.message);
    this.trigger('error', error);
  }

  closed(connection: Connection): void {
    if (this.connection !== connection) return;
    this.connection = undefined;
    clearTimeout(this.#welcome);
    if (connection.packetsIn === 0 && !this.explicitlyDisconnected) this.#explain(connection);
    this.ended(connection);
    if (connection.admitted) this.abandonRequests();
    this.#lost(connection.farewell);
  }

  receive(packet: Packet, connection: Connection): void {
    if (connection.admitted) this.take(packet, connection);
    else this.#greeted(packet, connection);
  }

  /** How many milliseconds to wait before a try; the first one after a connection was lost is 1. */
  protected retryDelay(_attempt: number): number {
    return delayOf(this.config.retry);
  }

  /** A packet of the server's that has let us in. */
  protected abstract take(packet: Packet, connection: Connection): void;
  /** What is asked over all its connections. */
  protected abstract readonly requests: Requests;
  /** Whether the first thing said must be answered by a welcome. */
  protected abstract readonly awaitsWelcome: boolean;
  /** What is said first, if anything. */
  protected abstract hello(): Packet | undefined;
  /** How many packets wait for a connection. */
  protected abstract get held(): number;
  /** Forgets the packets that wait. */
  protected abstract forget(): void;
  /** Sends the packets that wait. */
  protected abstract drain(connection: Connection): void;
  /** A connection may be used. */
  protected abstract restore(connection: Connection): void;
  /** A connection has ended. */
  protected abstract ended(connection: Connection): void;
  /** The requests that went out are answered no more. */
  protected abstract abandonRequests(): void;

  /** The server has welcomed the client. */
  protected welcomed(connection: Connection, { codec = 'json', compress = false }: Welcome): void {
    const plain = codec === 'json' && compress === false;
    if (!connection.admitted) {
      if (!plain) connection.become(this.dialect.agree({ codec, compress }, this.config));
      this.#admit(connection);
    } else if (!plain && this.awaitsWelcome) {
      // Too late: we already speak plainly, and the server no longer does.
      connection.destroy();
    }
  }

  #greet(connection: Connection): void {
    const hello = this.hello();
    if (hello !== undefined) connection.send(hello);
  }

  /** A packet that comes before the welcome: the server's first events wait for `connect`. */
  #greeted(packet: Packet, connection: Connection): void {
    if (packet.type === WELCOME) this.welcomed(connection, (packet.data ?? {}) as Welcome);
    else if (packet.type === BYE) this.#turnedAway((packet.data ?? {}) as Bye, connection);
    else if (packet.type === UPGRADE && this.dialect.upgrades) this.#greet(connection);
    else if (this.#early.length < MOST_EARLY) this.#early.push(packet);
    else {
      connection.destroy();
      const message = `The server sent more than ${MOST_EARLY} packets before its welcome.`;
      this.failed(new IPCError('ERR_IPC_PROTOCOL', message), connection);
    }
  }

  /** A bye in place of a welcome. A dialect that greets has no code that says so, but for good it is a refusal. */
  #turnedAway(bye: Bye, connection: Connection): void {
    const refused = this.dialect.greets && bye.reconnect === false;
    this.refused(refused ? { ...bye, code: 'ERR_IPC_REFUSED' } : bye, connection);
  }

  /** A bye, which may say that the server does not let us in. */
  protected refused({ reason, code }: Bye, connection: Connection): void {
    if (code !== 'ERR_IPC_REFUSED') return;
    const why = typeof reason === 'string' && reason !== '' ? reason : 'no reason given';
    const message = `The server refused ${this.id}: ${why}; check config.credentials.`;
    this.#fault = new IPCError('ERR_IPC_REFUSED', message);
    this.failed(this.#fault, connection);
  }

  /** A server that refuses our certificate just ends the connection, which looks as if it had been up. */
  #explain(connection: Connection): void {
    if (this.#fault !== undefined) return;
    const fault = silentRefusal(connection.socket, this.#address);
    if (fault !== undefined) this.failed(fault, connection);
  }

  #setStatus(status: ClientStatus): void {
    if (status === this.#status) return;
    this.#status = status;
    this.trigger('status', status);
  }

  #dial(): void {
    this.#timer = undefined;
    this.log('connecting', this.id, 'to', describe(this.#address));
    try {
      this.#dialling = new Dial(this.#address, this.config, {
        opened: (socket) => this.#opened(socket),
        failed: (error) => this.#dialFailed(error),
      });
      this.socket = this.#dialling.socket ?? false;
    } catch (error) {
      // What the config or the address make impossible stays so.
      this.retriesRemaining = 0;
      process.nextTick(() => {
        if (!this.finished) this.#dialFailed(impossible(this.id, error));
      });
    }
  }

  #dialFailed(error: IPCError | undefined): void {
    if (error !== undefined) {
      this.#fault = error;
      this.failed(error);
    }
    this.#dialling = undefined;
    if (!this.finished) this.#lost(undefined);
  }

  #opened(socket: Socket): void {
    this.#dialling = undefined;
    this.socket = socket;
    const connection = new Connection(socket, this.dialect, this, this.requests);
    this.connection = connection;
    this.#fault = undefined;
    this.#early = [];
    this.#setStatus(ClientStatus.CONNECTED);
    if (!connection.open) return;
    const { opening, upgrades } = this.dialect;
    if (opening !== undefined) connection.write(opening);
    if (!upgrades) this.#greet(connection);
    if (!this.awaitsWelcome) this.#admit(connection);
    else if (this.config.handshakeTimeout > 0) {
      this.#welcome = setTimeout(() => this.#unwelcome(connection), this.config.handshakeTimeout);
    }
  }

  /** No welcome came in time: a server that does not know it; without credentials to show, plain json will do. */
  #unwelcome(connection: Connection): void {
    if (this.config.credentials === undefined && !this.dialect.greets) {
      this.#admit(connection);
      return;
    }
    const timeout = this.config.handshakeTimeout;
    const message = `${describe(this.#address)} sent no welcome within ${timeout} ms (config.handshakeTimeout).`;
    connection.destroy();
    this.failed(new IPCError('ERR_IPC_HANDSHAKE', message), connection);
  }

  #admit(connection: Connection): void {
    clearTimeout(this.#welcome);
    connection.admitted = true;
    this.connections++;
    this.#attempt = 0;
    this.retriesRemaining = retryLimit(this.config);
    if (this.#paused) connection.pause();
    this.restore(connection);
    this.#setStatus(ClientStatus.READY);
    this.log('connected', this.id);
    for (const waiter of this.#waiters.splice(0)) waiter.resolve(this);
    this.trigger('connect');
    if (this.connections > 1) this.trigger('reconnect');
    for (const packet of this.#early.splice(0)) this.take(packet, connection);
    if (this.farewell !== undefined) this.#endConnection(connection);
  }

  /** There is no connection any more, or there was none. */
  #lost(farewell: Farewell | undefined): void {
    this.#setStatus(ClientStatus.DISCONNECTED);
    if (this.#status !== ClientStatus.DISCONNECTED) return;
    const over =
      this.explicitlyDisconnected || farewell?.reconnect === false || this.config.stopRetrying === true;
    if (over || this.retriesRemaining < 1) {
      this.trigger('disconnect', farewell);
      this.#finish();
      return;
    }
    this.#attempt++;
    const delay = this.retryDelay(this.#attempt);
    this.#timer = setTimeout(() => this.#retry(), delay);
    this.#setStatus(ClientStatus.RECONNECTING);
    this.trigger('disconnect', farewell);
    if (this.#timer === undefined) return;
    const remaining = this.retriesRemaining - 1;
    this.log('retrying', this.id, 'in', delay, 'ms,', remaining, 'tries left after that');
    this.trigger('retry', this.#attempt, delay, { error: this.#fault, remaining });
  }

  #retry(): void {
    this.#timer = undefined;
    if (this.config.stopRetrying === true) {
      this.#finish();
      return;
    }
    this.retriesRemaining--;
    this.#dial();
  }

  /** Over for good. */
  #finish(): void {
    if (this.finished) return;
    this.finished = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const error = this.explicitlyDisconnected ? closedError(this.id) : (this.#fault ?? lostError(this.id));
    this.#end = error;
    const lost = this.held;
    if (lost > 0) {
      this.forget();
      const message = `${this.id} ended with ${lost} packets unsent: there was no connection.`;
      this.failed(new IPCError('ERR_IPC_UNSENT', message));
    }
    this.requests.end(error);
    this.#setStatus(ClientStatus.IDLE);
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
    this.log('gone', this.id);
    this.trigger('destroy');
    for (const finished of this.#finishers.splice(0)) finished();
  }

  #leave(how: Bye | 'plain', waits: boolean): Promise<void> {
    this.explicitlyDisconnected = true;
    this.farewell = how;
    this.#patient = waits;
    if (this.finished) return Promise.resolve();
    const over = new Promise<void>((resolve) => {
      this.#finishers.push(resolve);
    });
    const { connection } = this;
    if (connection?.admitted) this.#endConnection(connection);
    else if (this.held === 0 || (connection === undefined && this.#dialling === undefined)) {
      connection?.destroy();
      this.#dialling?.abandon();
      if (connection === undefined && this.#dialling === undefined) this.#finish();
    }
    return over;
  }

  #endConnection(connection: Connection): void {
    const end = () => {
      if (connection.open) this.drain(connection);
      connection.end(this.farewell === 'plain' ? undefined : this.farewell);
    };
    if (this.#patient) connection.whenIdle(end);
    else end();
  }
}

/** The error of a dial that did not even begin. */
function impossible(id: string, error: unknown): IPCError {
  if (error instanceof IPCError) return error;
  const message = `${id} cannot connect: ${messageOf(error)}; check the config.`;
  return new IPCError('ERR_IPC_CONFIG', message, { cause: error });
}
