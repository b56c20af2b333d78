import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { type Address, placeOf } from '../../entities/address.js';
import { closedError, IPCError } from '../../entities/errors.js';
import { ClientStatus } from '../../entities/events.js';
import { type CloseInfo, type Packet, PING, type Welcome } from '../../entities/packet.js';
import { ClientCore } from '../../lib/client-core.js';
import { nodeCrypto } from '../../lib/lazy-modules.js';
import type { Peer } from '../../lib/peer.js';
import { heardOr, rejected, suppressUnhandled } from '../../lib/promises.js';
import { warn } from '../../lib/warnings.js';
import type { EngineOptions } from '../adapter/config.js';
import { emitErrorSafely, emitSafely, thrown } from '../adapter/emit-safely.js';
import { NetIpcDialect } from './dialect.js';
import { Drain } from './drain.js';
import {
  type ClientOptions,
  type ClientSettings,
  clientConfig,
  clientSettings,
  retryTime,
} from './options.js';
import type { Protocol } from './preamble.js';
import { emitRequest, type Respond } from './respond.js';
import { checkedTimeout, DEFAULT_TIMEOUT } from './timeout.js';

/** The server's answer when it admits a client. */
export interface Ready {
  /** The id that the server assigned to this client. */
  id: string;
  /** Whether the connection is compressed. */
  compress: boolean;
  /** Whether the connection uses msgpack. */
  messagepack: boolean;
}

// biome-ignore lint/suspicious/noExplicitAny: a message is what its listener says it is
type Message = any;

/** The arguments of a client's listeners. */
export interface ClientEvents {
  /** The client is connected. Emitted for the first connection and for each reconnect. */
  ready: [response: Ready];
  /** An error occurred. The client continues if it can. */
  error: [error: IPCError];
  /** The client has closed for good. `reason` is the reason that was given, if any. */
  close: [reason?: Message];
  /** The state of the client changed. */
  status: [status: ClientStatus];
  /** The server sent a message. */
  message: [message: Message];
  /** The server sent a request. Call `respond` with the response. */
  request: [request: Message, respond: Respond];
}

/**
 * A client with the API and the wire protocol of net-ipc 2: it sends messages and requests to a server, and answers the
 * server's. It reconnects after a lost connection, keeps its id, and queues what is sent in the meantime. Its events are
 * {@link ClientEvents}.
 * @example
 * import { Client } from 'omni-ipc/net-ipc';
 * const client = new Client({ path: 'mypath' });
 * await client.connect();
 * console.log(await client.request('good day'));
 */
export class Client<
  Events extends ClientEvents & Record<keyof Events, unknown[]> = ClientEvents,
> extends EventEmitter<Events> {
  /** The options with defaults applied; they are read by `connect`. */
  readonly options: ClientSettings;
  /** The id that the server assigned. */
  id: string | undefined;
  /** @internal The protocol name of the HTTP upgrade. */
  protected readonly protocol: Protocol = 'net-ipc';
  readonly #limits: EngineOptions;
  /** This client, typed as an emitter of arbitrary events. */
  readonly #emitter = this as unknown as EventEmitter;
  #engine: ClientCore | undefined;
  #drain: Drain | undefined;
  #welcome: Ready | undefined;
  #reason: unknown;
  #closeInfo: CloseInfo | undefined;
  #fault: IPCError | undefined;
  #destroyed = false;
  /** Proves that the id belongs to this client. Only the server learns it. */
  readonly #secret: string = nodeCrypto().randomUUID();

  /** @throws IPCError ERR_IPC_ARGUMENT, or ERR_IPC_CONFIG if an option is invalid */
  constructor(options: ClientOptions = {}) {
    super();
    this.#limits = options;
    this.options = clientSettings(options);
    clientConfig(this.options, options, undefined);
  }

  /** The state of the client. */
  get status(): ClientStatus {
    return this.#engine?.reconnector.status ?? ClientStatus.IDLE;
  }

  /** The socket; null if there is no connection. */
  get connection(): Socket | null {
    return (this.#engine?.reconnector.socket as Socket | undefined) || null;
  }

  /**
   * Connects, and sends the server a payload.
   * @returns resolves when the client is ready; failed attempts are repeated according to `retries`
   * @throws IPCError (rejects) ERR_IPC_CONNECT, ERR_IPC_HANDSHAKE, ERR_IPC_MISSING_PACKAGE, ERR_IPC_CLOSED
   */
  connect(payload?: unknown): Promise<this> {
    return heardOr(this.#connect(payload), (error) => {
      if (this.#emitter.listenerCount('error') === 0) warn(error as IPCError);
    });
  }

  /**
   * Sends a message. Resolves when it was handed to the system: at once, after a reconnect, or, if the server reads slowly,
   * when all earlier data is written.
   * @throws IPCError (rejects) ERR_IPC_ENCODE, ERR_IPC_CLOSED, ERR_IPC_DISCONNECTED, ERR_IPC_BACKPRESSURE
   */
  send(data: unknown): Promise<void> {
    return this.#sendPacket({ type: 'message', data });
  }

  /**
   * Sends a request; resolves with its answer.
   * @param timeout milliseconds; 0 sets no limit
   * @throws IPCError (rejects) ERR_IPC_TIMEOUT, ERR_IPC_CLOSED, ERR_IPC_DISCONNECTED, ERR_IPC_ENCODE, ERR_IPC_ARGUMENT
   */
  request(data?: unknown, timeout = DEFAULT_TIMEOUT): Promise<Message> {
    return this.#ask('request', data, timeout);
  }

  /**
   * Measures the round trip to the server in milliseconds, optionally with data. For `timeout` see {@link request}.
   * @throws IPCError (rejects) as {@link request}
   */
  ping(data?: unknown, timeout = DEFAULT_TIMEOUT): Promise<number> {
    const since = performance.now();
    return suppressUnhandled(
      this.#ask(PING, data, timeout).then(() => Math.round(performance.now() - since)),
    );
  }

  /**
   * Waits for open requests, sends what is queued and the reason, and closes for good.
   * @returns false if it was closed already
   */
  async close(reason?: unknown): Promise<boolean> {
    const engine = this.#engine;
    if (engine === undefined || !alive(engine)) return false;
    await engine.close(reason);
    return true;
  }

  /**
   * Closes at once and for good: queued data is lost, open requests are rejected.
   * @returns false if it was closed already
   */
  destroy(reason?: unknown): boolean {
    const engine = this.#engine;
    if (engine === undefined || this.#destroyed || this.status === ClientStatus.IDLE) return false;
    this.#destroyed = true;
    this.#reason = reason;
    engine.destroy();
    return true;
  }

  /**
   * @internal The current client of the engine.
   * @throws IPCError ERR_IPC_CLOSED if there is none
   */
  protected get engine(): ClientCore {
    if (this.#engine === undefined || !alive(this.#engine)) throw closedError('the client');
    return this.#engine;
  }

  async #connect(payload: unknown): Promise<this> {
    if (this.status !== ClientStatus.IDLE) {
      throw new IPCError(
        'ERR_IPC_CONNECT',
        'The client is connected already, or about to be; close it first.',
      );
    }
    this.#reason = undefined;
    this.#closeInfo = undefined;
    this.#fault = undefined;
    this.#welcome = undefined;
    this.#destroyed = false;
    this.#engine = this.#make(payload);
    this.#engine.reconnector.connect();
    await this.#engine.reconnector.ready();
    return this;
  }

  #make(payload: unknown): ClientCore {
    const { options, protocol } = this;
    const { host, port, path } = options;
    const config = clientConfig(options, this.#limits, payload);
    const upgrade = options.handshake ? protocol : undefined;
    const dialect = new NetIpcDialect({ role: 'client', upgrade, host, topics: protocol === 'isdk-ipc' });
    const address: Address =
      host === undefined
        ? { transport: 'unix', path: path as string }
        : { transport: config.tls ? 'tls' : 'tcp', host, port: port as number };
    return new ClientCore(
      { id: placeOf(address), address, config, log: () => {}, dialect, keepsCalls: true },
      {
        receive: (packet) => this.#receive(packet),
        failed: (error, peer) => this.#failed(error, peer),
        delay: (attempt) => retryTime(attempt, options.maxRetryTime),
        identity: () => ({ session: this.id, secret: this.#secret }),
        welcomed: (welcome, peer) => this.#welcomed(welcome, peer),
        status: (status) => emitSafely(this.#emitter, 'status', status),
        connected: () => emitSafely(this.#emitter, 'ready', this.#welcome),
        disconnected: (info) => {
          this.#closeInfo = info;
        },
        destroyed: () => this.#closed(),
      },
    );
  }

  #welcomed({ id, codec, compress }: Welcome, peer: Peer): void {
    this.id = id;
    this.#welcome = { id, compress: compress === true, messagepack: codec === 'msgpack' };
    this.#fault = undefined;
    this.#drain = new Drain(peer.pipe);
  }

  #closed(): void {
    // If the client was never ready, its `connect` promise rejects instead, except if it must not retry or was stopped.
    const { explicitlyDisconnected } = (this.#engine as ClientCore).reconnector;
    const toldToStop = explicitlyDisconnected || this.#closeInfo !== undefined;
    if (this.#welcome === undefined && this.options.reconnect && !toldToStop) return;
    const fault = explicitlyDisconnected ? undefined : this.#fault;
    emitSafely(this.#emitter, 'close', this.#reason ?? this.#closeInfo?.reason ?? fault);
  }

  #failed(error: IPCError, peer: Peer | undefined): void {
    if (!peer?.open) this.#fault = error;
    emitErrorSafely(this.#emitter, error);
  }

  #receive({ id, data }: Packet): void {
    if (id === undefined) this.#emitMessage(data);
    else
      emitRequest(this.#emitter, data, (answer) =>
        this.#sendPacket({ type: 'request', data: answer, re: id }),
      );
  }

  #emitMessage(message: unknown): void {
    try {
      this.#emitter.emit('message', message);
    } catch (error) {
      thrown(this.#emitter, error);
    }
  }

  #sendPacket(packet: Packet): Promise<void> {
    try {
      const { engine } = this;
      const { open } = engine;
      if (!engine.send(packet)) throw notTaken();
      if (open) return (this.#drain as Drain).wait();
      return engine.reconnector.ready();
    } catch (error) {
      return rejected(error);
    }
  }

  #ask(type: string, data: unknown, timeout: number): Promise<unknown> {
    try {
      return this.engine.ask(type, data, { timeout: checkedTimeout(timeout) });
    } catch (error) {
      return rejected(error);
    }
  }
}

/** Whether a client has started to connect, and not started to close. */
function alive(engine: ClientCore): boolean {
  return engine.reconnector.status !== ClientStatus.IDLE && !engine.reconnector.explicitlyDisconnected;
}

function notTaken(): IPCError {
  const message = 'The client has too much unsent data (maxPendingBytes); await send() to avoid that.';
  return new IPCError('ERR_IPC_BACKPRESSURE', message);
}
