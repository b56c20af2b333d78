import { isSameAddress, placeOf, portOf } from '../entities/address.js';
import type { Config } from '../entities/config.js';
import { IPCError } from '../entities/errors.js';
import {
  type BodyItem,
  type Bytes,
  CLIENT_RESERVED,
  type ClientEvents,
  type ClientStatus,
  type EventArguments,
  type Name,
  type Payload,
  type Responding,
  type Response,
  type StreamItem,
  type Untyped,
} from '../entities/events.js';
import { type Meta, metaOf, type Packet, PING, PUBLISH, withMeta } from '../entities/packet.js';
import type { StreamSocket } from '../entities/sockets.js';
import { checkOptions, refuseArgument } from '../entities/suggest.js';
import { ClientCore, type ClientOptions } from './client-core.js';
import type { StreamOptions } from './conversations/call-stream.js';
import type { HandleOptions, RequestHandler } from './conversations/handlers.js';
import type { ItemStream } from './conversations/item-stream.js';
import { NO_OPTIONS, type RequestOptions } from './conversations/request-options.js';
import { Responder } from './conversations/responder.js';
import { checkHandler, checkTopic, type TopicHandler, type TopicNames } from './conversations/topics.js';
import { Emitter } from './emitter.js';
import { EventNames } from './event-names.js';
import type { ClientInspection, InspectOptions } from './inspection.js';
import {
  type InterceptedMessage,
  type Interceptors,
  interceptors,
  NO_INTERCEPTORS,
  optionsWith,
} from './interceptors.js';
import { escapingLog, type Log } from './log.js';
import type { Peer } from './peer.js';
import { rejected, suppressUnhandled } from './promises.js';
import type { Stats } from './stats.js';
import { warn } from './warnings.js';

const RESERVED = new Set(CLIENT_RESERVED);

/** Handlers of a client get data only. Where no contract is named, those written for other versions still fit. */
// biome-ignore lint/suspicious/noExplicitAny: whatever a handler declares, nothing follows the data
type Nothing<Contract> = string extends keyof Contract ? any[] : [];

/**
 * What `ipc.of.NAME` holds: it connects to a server, and again when the connection is lost, and owns at most one connection
 * at a time. What is emitted while there is none is held (up to `config.maxPendingBytes`) and sent first thing later.
 */
export class Client<Contract extends object = Untyped>
  extends Emitter<Contract, ClientEvents, Nothing<Contract>>
  implements AsyncDisposable
{
  /** The name it was given in `connectTo`. */
  readonly id: string;
  /** The socket's path, or the host. */
  readonly path: string;
  /** The port, for TCP and TLS. */
  readonly port: number | undefined;
  readonly config: Config;
  readonly log: Log;
  readonly #log: Log;
  readonly #core: ClientCore;
  readonly #responder: Responder;
  readonly #names: EventNames;
  readonly #interceptors: Interceptors;

  /**
   * Clients are made by `ipc.connectTo` and its like.
   * @param replaced a client for the same id that gives way: what it holds goes along where the address is the same
   * @throws IPCError ERR_IPC_MISSING_PACKAGE if the config asks for a codec that is not installed
   */
  constructor(options: ClientOptions, replaced?: Client) {
    super();
    this.id = options.id;
    this.path = placeOf(options.address);
    this.port = portOf(options.address);
    this.config = options.config;
    this.log = options.log;
    this.#log = escapingLog(options.log);
    this.#interceptors = options.internal === true ? NO_INTERCEPTORS : interceptors;
    this.#names = new EventNames(options.config, RESERVED);
    this.#responder = new Responder('client', { id: this.id, strict: options.config.profile === 'assured' });
    this.#responder.names = this.#names;
    this.#core = new ClientCore(options, {
      receive: (packet, peer) => this.#receive(packet, peer),
      failed: (error) => this.trigger('error', error),
      connected: (connections) => this.#connected(connections),
      disconnected: (info) => this.trigger('disconnect', info),
      retrying: (attempt, delay, why) => this.trigger('ipc:retry', attempt, delay, why),
      status: (status) => this.trigger('ipc:status', status),
      ended: (peer) => this.#responder.leave(peer),
      called: (packet, peer) => this.#responder.called(packet, peer),
      gaveUp: (error) => {
        if (!this.hears('error') && !this.hears('destroy')) warn(error);
      },
      destroyed: () => this.trigger('destroy'),
    });
    if (replaced === undefined) return;
    if (isSameAddress(options.address, replaced.#core.address)) this.#core.adopt(replaced.#core);
    if (!replaced.explicitlyDisconnected) this.#core.reconnector.waitFor(replaced.#core.reconnector);
    replaced.reset();
    replaced.disconnect();
  }

  /** The current socket; false before the first. */
  get socket(): StreamSocket | false {
    return this.#core.reconnector.socket as StreamSocket | false;
  }

  /** Whether packets go straight to the server just now. */
  get connected(): boolean {
    return this.#core.reconnector.connected;
  }

  get status(): ClientStatus {
    return this.#core.reconnector.status;
  }

  /** How many tries are left until it gives up. */
  get retriesRemaining(): number {
    return this.#core.reconnector.retriesRemaining;
  }

  set retriesRemaining(tries: number) {
    this.#core.reconnector.retriesRemaining = tries;
  }

  /** Whether this side chose to disconnect. */
  get explicitlyDisconnected(): boolean {
    return this.#core.reconnector.explicitlyDisconnected;
  }

  set explicitlyDisconnected(chosen: boolean) {
    this.#core.reconnector.explicitlyDisconnected = chosen;
  }

  /** Figures of all its connections together; `since` is the current one's beginning. */
  stats(): Stats {
    return this.#core.stats;
  }

  /** A snapshot for tools: its address, dialect, subscriptions, open requests, queue and figures, as plain data. */
  inspect(options: InspectOptions = {}): ClientInspection {
    checkOptions(options, ['limit'], 'client.inspect(...)');
    return this.#core.inspect(options);
  }

  /** Begins to connect; does nothing if it already has. */
  connect(): this {
    this.#core.reconnector.connect();
    return this;
  }

  /** Resolves when connected; rejects when it has given up or was closed. */
  ready(options?: never): Promise<this> {
    refuseArgument(
      options,
      'client.ready()',
      'it waits until the client is connected or has given up (config.maxRetries)',
    );
    return suppressUnhandled(this.#core.reconnector.ready().then(() => this));
  }

  /**
   * Sends an event. With `rawBuffer`, sends the bytes given as the only argument.
   * @returns false if it was not taken: the client is closed or has given up, or it holds too much unsent, which `error` says
   * @throws IPCError ERR_IPC_ENCODE if the data cannot be sent, ERR_IPC_ARGUMENT for a name that is not for users
   */
  emit<Type extends Name<Contract>>(type: Type, ...data: EventArguments<Contract, Type>): boolean;
  emit(bytes: Bytes<Contract>): boolean;
  emit(type: unknown, data?: unknown): boolean {
    const { namedEvents } = this.#core.dialect.capabilities;
    const packet: Packet = namedEvents
      ? { type: this.#names.toSend(type), data }
      : { type: 'data', data: type };
    if (this.#interceptors.send === undefined) return this.#core.send(packet);
    return this.#interceptors.send(this.#message('event', packet.type), (meta) =>
      this.#core.send(withMeta(packet, meta)),
    );
  }

  /**
   * Asks the server; resolves with what its handler answers.
   * @param options `timeout` in milliseconds (default `config.requestTimeout`, 0 waits forever), `signal`, `retries`
   * @throws IPCError (rejects) ERR_IPC_TIMEOUT, ERR_IPC_ABORTED, ERR_IPC_DISCONNECTED, ERR_IPC_NO_HANDLER, or the
   * handler's own error
   */
  request<Type extends Name<Contract>>(
    type: Type,
    ...[data, options = NO_OPTIONS]: EventArguments<Contract, Type, [options?: RequestOptions]>
  ): Promise<Response<Contract, Type>> {
    const { name: dialect, capabilities, handshake } = this.#core.dialect;
    if ((options?.retries ?? 0) > 0 && capabilities.calls) {
      if (handshake.hello === 'required') return rejected(oneTry(type, dialect));
      this.#core.keepSession();
    }
    const name = this.#names.toSend(type);
    const response =
      this.#interceptors.send === undefined
        ? this.#core.ask(name, data, options)
        : this.#interceptors.send(this.#message('request', name), (meta) =>
            this.#core.ask(name, data, optionsWith(options, meta)),
          );
    return response as Promise<Response<Contract, Type>>;
  }

  /**
   * Calls the server for a stream: what its handler yields, item by item, for `for await`, `pipeline` and the like. Of a plain
   * handler, its response is the only item.
   * @param options `body`, `signal`, `timeout`, `highWaterMark`, `resume`, `retries`, `output`: see {@link StreamOptions}
   * @throws IPCError ERR_IPC_ARGUMENT, ERR_IPC_UNSUPPORTED; while items are read: ERR_IPC_ABORTED, ERR_IPC_DISCONNECTED,
   * ERR_IPC_FORGOTTEN, ERR_IPC_NO_HANDLER, ERR_IPC_TIMEOUT, or the handler's own error, each after the items that came before
   */
  stream<Type extends Name<Contract>>(
    type: Type,
    ...[data, options = {}]: EventArguments<
      Contract,
      Type,
      [options?: StreamOptions<BodyItem<Contract, Type>>]
    >
  ): ItemStream<StreamItem<Contract, Type>> {
    const name = this.#names.toSend(type);
    const items =
      this.#interceptors.send === undefined
        ? this.#core.stream(name, data, options)
        : this.#interceptors.send(this.#message('stream', name), (meta) =>
            this.#core.stream(name, data, optionsWith(options, meta)),
          );
    return items as ItemStream<StreamItem<Contract, Type>>;
  }

  /**
   * Answers the server's requests of a type, and its calls for streams where `handler` returns an async iterable; what it
   * throws goes back as an error.
   * @param options `input`, `items`, `output`: Standard Schemas of the data, of the items of a body, and of the response
   */
  handle<Type extends Name<Contract>>(
    type: Type,
    handler: RequestHandler<
      Payload<Contract, Type>,
      Responding<Contract, Type>,
      StreamSocket,
      BodyItem<Contract, Type>
    >,
  ): this;
  handle<Type extends Name<Contract>, Input = Payload<Contract, Type>>(
    type: Type,
    options: HandleOptions<Input>,
    handler: RequestHandler<Input, Responding<Contract, Type>, StreamSocket, BodyItem<Contract, Type>>,
  ): this;
  handle(type: string, ...rest: unknown[]): this {
    this.#responder.handlers.add(type, rest);
    return this;
  }

  /** Milliseconds to the server and back. */
  ping(options: RequestOptions = {}): Promise<number> {
    const since = performance.now();
    return suppressUnhandled(this.#core.ask(PING, undefined, options).then(() => performance.now() - since));
  }

  /**
   * Calls `handler` with what is published under topics: names with dots between the words, `*` for any one word, `>` at
   * the end for all the rest. Lasts over reconnects, until {@link unsubscribe}.
   * In node-ipc 9 `subscribe` is another name of `on`, which newer versions do not have; use `on` for events.
   * @returns when the server knows; rejects if it does not answer in time (`config.requestTimeout`) or refuses
   * @throws IPCError ERR_IPC_ARGUMENT without a handler
   */
  subscribe(topics: TopicNames, handler: TopicHandler, options?: never): Promise<void> {
    checkHandler(handler);
    refuseArgument(options, 'client.subscribe(topics, handler)', 'call it with topics and a handler');
    return suppressUnhandled(this.#core.subscribe(topics, handler).then(() => {}));
  }

  /** Ends a handler's subscription, or all of them where none is named. Resolves when the server knows. */
  unsubscribe(topics: TopicNames, handler?: TopicHandler): Promise<void> {
    return suppressUnhandled(this.#core.unsubscribe(topics, handler).then(() => {}));
  }

  /** Publishes to every subscriber of the server's, this client included. */
  publish(topic: string, data?: unknown, options?: never): boolean {
    refuseArgument(options, 'client.publish(topic, data)', 'a message reaches every subscriber');
    const packet: Packet = { type: PUBLISH, data: { topic: checkTopic(topic), data } };
    if (this.#interceptors.send === undefined) return this.#core.send(packet);
    return this.#interceptors.send(this.#message('topic', topic), (meta) =>
      this.#core.send(withMeta(packet, meta)),
    );
  }

  /**
   * Waits until the kernel has accepted everything that was emitted, requested or published so far, what waits for a
   * connection included. It does not say that the server has read it: for that there are requests.
   * @returns when that is so; at once if nothing waits
   * @throws IPCError (rejects) ERR_IPC_UNSENT if the connection ends before, or the client is closed or gives up; the error
   * of the last try where it had given up already
   */
  flush(options?: never): Promise<void> {
    refuseArgument(options, 'client.flush()', 'to wait no longer than you want, race it with a timeout');
    return this.#core.flush();
  }

  /** Keeps the process running, as it does unless {@link unref} was called. */
  ref(): this {
    this.#core.reconnector.ref();
    return this;
  }

  /** Lets the process end, connected or between two tries; what is still to be answered or sent does not keep it either. */
  unref(): this {
    this.#core.reconnector.unref();
    return this;
  }

  /** Stops reading and delivering, until {@link resume}; the server feels it. */
  pause(): void {
    this.#core.reconnector.pause();
  }

  resume(): void {
    this.#core.reconnector.resume();
  }

  /**
   * Waits for open requests, sends what is left, and ends for good. With a reason, the server learns it.
   * @returns when it is over
   */
  close(reason?: unknown): Promise<void> {
    return this.#core.close(reason);
  }

  /** Sends what is left and ends for good; open requests are rejected. */
  disconnect(): void {
    this.#core.disconnect();
  }

  /** Ends for good at once: what is unsent is lost, open requests are rejected. */
  destroy(): void {
    this.#core.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #connected(connections: number): void {
    this.trigger('connect');
    if (connections > 1) this.trigger('ipc:reconnect');
  }

  #receive(packet: Packet, peer: Peer): void {
    const { type, data, id } = packet;
    if (id !== undefined && (peer.speaks || this.#responder.isRequest(type, peer, this.hears(type)))) {
      this.#responder.take(packet, id, peer);
      return;
    }
    const refused = this.#names.eventRefusal(type);
    if (refused !== undefined) this.#core.report(refused);
    else {
      if (this.config.logPayloads) this.#log('received from', this.id, ':', type, data);
      if (this.#interceptors.receive === undefined) this.dispatch(type, data);
      else
        this.#interceptors.receive(this.#message('event', type, metaOf(packet)), () =>
          this.dispatch(type, data),
        );
    }
  }

  #message(kind: InterceptedMessage['kind'], type: string, meta?: Meta): InterceptedMessage {
    const peer = this.#core.reconnector.peer?.socket;
    return { kind, side: 'client', type, id: this.id, peer, meta };
  }
}

/** Of a request that is to be sent again in a dialect that cannot tell the server so. */
function oneTry(type: string, dialect: string): IPCError {
  const message =
    `The request ${type} was not sent: a server that speaks ${dialect} would run it again at each retry; leave out ` +
    'options.retries.';
  return new IPCError('ERR_IPC_UNSUPPORTED', message);
}
