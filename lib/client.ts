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
  type Retry,
  type StreamItem,
  type Untyped,
} from '../entities/events.js';
import {
  type CloseInfo,
  type Meta,
  metaOf,
  type Packet,
  PING,
  PUBLISH,
  withMeta,
} from '../entities/packet.js';
import type { StreamSocket } from '../entities/sockets.js';
import { refuseArgument } from '../entities/suggest.js';
import { passOverAssignments, relocate } from './assignments.js';
import { ClientCore, type ClientOptions } from './client-core.js';
import type { ClientHooks } from './client-hooks.js';
import type { StreamOptions } from './conversations/call-stream.js';
import type { HandleOptions, RequestHandler } from './conversations/handlers.js';
import type { ItemStream } from './conversations/item-stream.js';
import { NO_OPTIONS, type RequestOptions } from './conversations/request-options.js';
import { Responder } from './conversations/responder.js';
import { checkHandler, checkTopic, type TopicHandler, type TopicNames } from './conversations/topics.js';
import { Emitter } from './emitter.js';
import { EventNames } from './event-names.js';
import { type ClientInspection, checkInspectOptions, type InspectOptions } from './inspection.js';
import {
  type InterceptedMessage,
  type Interceptors,
  interceptors,
  NO_INTERCEPTORS,
  optionsWith,
} from './interceptors.js';
import { escapingLog, type Log } from './log.js';
import type { Peer } from './peer.js';
import { rejected, suppressUnhandled, traced } from './promises.js';
import type { Stats } from './stats.js';
import { warn } from './warnings.js';

const RESERVED = new Set(CLIENT_RESERVED);

/**
 * Handlers of a client receive the data only. Without a contract, handlers with further parameters, written for other
 * versions, are accepted.
 */
// biome-ignore lint/suspicious/noExplicitAny: whatever a handler declares, nothing follows the data
type Nothing<Contract> = string extends keyof Contract ? any[] : [];

/**
 * A client, as in `ipc.of.NAME`: it connects to a server, and reconnects when the connection is lost; it has at most one
 * connection at a time. While there is none, emitted events are queued (up to `config.maxPendingBytes`) and sent first
 * over the next connection.
 */
export class Client<Contract extends object = Untyped>
  extends Emitter<Contract, ClientEvents, Nothing<Contract>>
  implements AsyncDisposable
{
  /** The name that was passed to `connectTo`. */
  readonly id: string;
  readonly #config: Config;
  readonly #plainLog: Log;
  readonly #log: Log;
  readonly #core: ClientCore;
  readonly #responder: Responder;
  readonly #names: EventNames;
  readonly #interceptors: Interceptors;

  /**
   * Created by `ipc.connectTo` and the similar methods.
   * @param replaced an earlier client with the same id: its queue is taken over if the address is the same
   * @throws IPCError ERR_IPC_MISSING_PACKAGE if the config requires a codec that is not installed, ERR_IPC_CONFIG
   */
  constructor(options: ClientOptions, replaced?: Client) {
    super();
    this.id = options.id;
    this.#config = options.config;
    this.#plainLog = options.log;
    this.#log = escapingLog(options.log);
    this.#interceptors = options.internal === true ? NO_INTERCEPTORS : interceptors;
    this.#names = new EventNames(options.config, RESERVED);
    this.#responder = new Responder('client', { id: this.id, strict: options.config.profile === 'assured' });
    this.#responder.names = this.#names;
    this.#core = new ClientCore(options, new Client.#Hooks(this as Client));
    if (replaced === undefined) return;
    if (isSameAddress(options.address, replaced.#core.address)) this.#core.adopt(replaced.#core);
    if (!replaced.explicitlyDisconnected) this.#core.reconnector.waitFor(replaced.#core.reconnector);
    replaced.reset();
    replaced.disconnect();
  }

  /** What the core tells the client. A class, since calls of methods that all clients share are inlined. */
  static readonly #Hooks = class implements ClientHooks {
    readonly #client: Client;

    constructor(client: Client) {
      this.#client = client;
    }

    receive(packet: Packet, peer: Peer): void {
      this.#client.#receive(packet, peer);
    }

    failed(error: IPCError): void {
      this.#client.trigger('error', error);
    }

    connected(connections: number): void {
      this.#client.#connected(connections);
    }

    disconnected(info: CloseInfo | undefined): void {
      this.#client.trigger('disconnect', info);
    }

    retrying(attempt: number, delay: number, why: Retry): void {
      this.#client.trigger('ipc:retry', attempt, delay, why);
    }

    status(status: ClientStatus): void {
      this.#client.trigger('ipc:status', status);
    }

    ended(peer: Peer): void {
      this.#client.#responder.leave(peer);
    }

    called(packet: Packet, peer: Peer): void {
      this.#client.#responder.streams.called(packet, peer);
    }

    gaveUp(error: IPCError): void {
      const client = this.#client;
      if (!client.hears('error') && !client.hears('destroy')) warn(error);
    }

    destroyed(): void {
      this.#client.trigger('destroy');
    }
  };

  static {
    passOverAssignments(Client.prototype, 'client', {
      socket: 'the client keeps its own socket; to end the connection, call client.destroy()',
      connected: 'the client knows by itself whether it is connected',
      status: 'the client knows its status by itself',
      config: 'change single settings, as in client.config.maxRetries = 3',
      log: 'set ipc.config.logger before connectTo',
    });
  }

  /**
   * The path of the socket, or the host. A change applies from the next attempt to connect on, as in node-ipc.
   * @throws IPCError ERR_IPC_ARGUMENT if it is set to anything but a string, ERR_IPC_CONFIG if the profile refuses it
   */
  get path(): string {
    return placeOf(this.#core.address);
  }

  set path(path: string) {
    relocate(this.#core, 'client', 'path', path);
  }

  /**
   * The port, for TCP and TLS. A change applies from the next attempt to connect on, as in node-ipc.
   * @throws IPCError ERR_IPC_ARGUMENT if it is set to anything but a port
   */
  get port(): number | undefined {
    return portOf(this.#core.address);
  }

  set port(port: number) {
    relocate(this.#core, 'client', 'port', port);
  }

  /** The config of this client. Only *live* keys have an effect after its creation. */
  get config(): Config {
    return this.#config;
  }

  /** The log function of its instance, as in node-ipc. */
  get log(): Log {
    return this.#plainLog;
  }

  /** The current socket; false before the first connection. */
  get socket(): StreamSocket | false {
    return this.#core.reconnector.socket as StreamSocket | false;
  }

  /** Whether packets are sent to the server without being queued. */
  get connected(): boolean {
    return this.#core.reconnector.connected;
  }

  /** The state of the connection. The event `ipc:status` reports each change. */
  get status(): ClientStatus {
    return this.#core.reconnector.status;
  }

  /** How many attempts are left before the client gives up. */
  get retriesRemaining(): number {
    return this.#core.reconnector.retries.remaining;
  }

  set retriesRemaining(tries: number) {
    this.#core.reconnector.retries.remaining = tries;
  }

  /** Whether this side has closed the connection. */
  get explicitlyDisconnected(): boolean {
    return this.#core.reconnector.explicitlyDisconnected;
  }

  set explicitlyDisconnected(chosen: boolean) {
    this.#core.reconnector.explicitlyDisconnected = chosen;
  }

  /** The figures of all connections together; `since` is the start of the current one. */
  stats(): Stats {
    return this.#core.stats;
  }

  /**
   * A snapshot for tools, as plain data: address, dialect, subscriptions, open requests, queue and figures.
   * @param options `limit`: the maximum number of entries of each list; default: 100
   * @throws IPCError ERR_IPC_ARGUMENT if an option is unknown or invalid
   */
  inspect(options: InspectOptions = {}): ClientInspection {
    checkInspectOptions(options, 'client.inspect(...)');
    return this.#core.inspect(options);
  }

  /** Starts to connect, unless it has already. */
  connect(): this {
    this.#core.reconnector.connect();
    return this;
  }

  /**
   * Resolves when the client is connected; rejects if it gives up or is closed.
   * @throws IPCError ERR_IPC_ARGUMENT if an argument is given; (rejects) the error of the last attempt, such as
   * ERR_IPC_CONNECT or ERR_IPC_REFUSED; ERR_IPC_CLOSED
   * @example
   * const world = await ipc.connectTo('world').ready();
   */
  ready(options?: never): Promise<this> {
    refuseArgument(
      options,
      'client.ready()',
      'it waits until the client is connected or has given up (config.maxRetries)',
    );
    return traced(this.#core.reconnector.ready().then(() => this));
  }

  /**
   * Sends an event. With `rawBuffer`, sends the bytes that are the only argument.
   * @param type the name of the event
   * @param data the payload; without it, handlers get `{}`, as in node-ipc
   * @param bytes with `rawBuffer`: the bytes, or a string in `config.encoding`
   * @returns false if it was not accepted: the client is closed or has given up, or its queue is full, which an `error`
   * event reports
   * @throws IPCError ERR_IPC_ARGUMENT if the name is not a string or is reserved, ERR_IPC_EVENT_TOO_LARGE or
   * ERR_IPC_EVENT_NOT_ALLOWED if the config refuses it; ERR_IPC_ENCODE, ERR_IPC_TOO_DEEP or ERR_IPC_TOO_LARGE if the data
   * cannot be sent
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
   * Sends a request; resolves with the response of the server's handler.
   * @param type the name of the request
   * @param data the payload, followed by the options
   * @param options `timeout` in milliseconds (default `config.requestTimeout`; 0 sets no limit), `signal`, `retries`
   * @throws IPCError ERR_IPC_ARGUMENT, ERR_IPC_EVENT_TOO_LARGE or ERR_IPC_EVENT_NOT_ALLOWED if the name or an option is
   * invalid; (rejects) ERR_IPC_TIMEOUT, ERR_IPC_ABORTED, ERR_IPC_DISCONNECTED, ERR_IPC_CLOSED, ERR_IPC_UNSENT if its queue
   * is full, ERR_IPC_NO_HANDLER, ERR_IPC_INVALID_INPUT, ERR_IPC_INVALID_OUTPUT, or the handler's own error; with `retries`
   * ERR_IPC_FORGOTTEN and ERR_IPC_UNSUPPORTED; ERR_IPC_ENCODE, ERR_IPC_TOO_DEEP or ERR_IPC_TOO_LARGE if the data cannot be
   * sent
   * @example
   * const sum = await client.request('add', [2, 40], { timeout: 500 });
   */
  request<Type extends Name<Contract>>(
    type: Type,
    ...data: EventArguments<Contract, Type, [options?: RequestOptions]>
  ): Promise<Response<Contract, Type>>;
  // Parameters of their own, since an array of the rest would cost each request 50 ns.
  request(type: string, data?: unknown, options: RequestOptions = NO_OPTIONS): Promise<unknown> {
    const { name: dialect, capabilities, handshake } = this.#core.dialect;
    if ((options?.retries ?? 0) > 0 && capabilities.calls) {
      if (handshake.hello === 'required') return rejected(oneTry(type, dialect));
      this.#core.keepSession();
    }
    const name = this.#names.toSend(type);
    if (this.#interceptors.send === undefined) return this.#core.ask(name, data, options);
    return this.#interceptors.send(this.#message('request', name), (meta) =>
      this.#core.ask(name, data, optionsWith(options, meta)),
    );
  }

  /**
   * Calls for a stream of the items that the server's handler yields, for `for await`, `pipeline` and the like. If the
   * handler returns a single value, that is the only item.
   * @param options `body`, `signal`, `timeout`, `highWaterMark`, `resume`, `retries`, `output`: see {@link StreamOptions}
   * @throws IPCError ERR_IPC_ARGUMENT, ERR_IPC_EVENT_TOO_LARGE or ERR_IPC_EVENT_NOT_ALLOWED if the name or an option is
   * invalid, ERR_IPC_UNSUPPORTED; while items are read: the errors of {@link request}, each after the items that arrived
   * before
   * @example
   * for await (const line of client.stream('tail', 'app.log')) console.log(line);
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
   * Handles the server's requests of a type, and its calls for streams if `handler` returns an async iterable. An error
   * that it throws is sent back.
   * @param type the name of the request or stream
   * @param handler gets the data, the socket, and a context with `signal`, `body` and `meta`; its result is the response
   * @param options `input`, `items`, `output`: Standard Schemas of the data, of the items of a body, and of the response
   * @throws IPCError ERR_IPC_ARGUMENT, ERR_IPC_CONFIG without `input` with `config.profile` 'assured'
   * @example
   * client.handle('name', () => 'Alice');
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

  /**
   * Measures the round trip to the server, in milliseconds.
   * @param options `timeout` in milliseconds (default `config.requestTimeout`; 0 sets no limit), `signal`
   * @throws IPCError ERR_IPC_ARGUMENT if an option is invalid; (rejects) ERR_IPC_TIMEOUT, ERR_IPC_ABORTED,
   * ERR_IPC_DISCONNECTED, ERR_IPC_CLOSED, ERR_IPC_UNSENT
   */
  ping(options: RequestOptions = {}): Promise<number> {
    const since = performance.now();
    return suppressUnhandled(this.#core.ask(PING, undefined, options).then(() => performance.now() - since));
  }

  /**
   * Calls `handler` with messages that are published under matching topics. A topic consists of words separated by dots;
   * `*` matches any one word, a final `>` matches one or more remaining words. The subscription survives reconnects,
   * until {@link unsubscribe}. In node-ipc 9 `subscribe` is another name for `on`, which newer versions do not have; use
   * `on` for events.
   * @param topics a topic or pattern, or an array of them
   * @param handler gets the data and the topic of each message
   * @returns resolves when the server has confirmed it; rejects if the server does not answer in time
   * (`config.requestTimeout`) or refuses
   * @throws IPCError ERR_IPC_ARGUMENT without a handler; (rejects) ERR_IPC_ARGUMENT if a topic is invalid,
   * ERR_IPC_UNSUPPORTED over raw sockets, ERR_IPC_TOO_LARGE if the connection has too many subscriptions, ERR_IPC_TIMEOUT,
   * ERR_IPC_CLOSED
   * @example
   * await client.subscribe('weather.*', (data, topic) => console.log(topic, data));
   */
  subscribe(topics: TopicNames, handler: TopicHandler, options?: never): Promise<void> {
    checkHandler(handler);
    refuseArgument(options, 'client.subscribe(topics, handler)', 'call it with topics and a handler');
    return suppressUnhandled(this.#core.topics.subscribe(topics, handler).then(() => {}));
  }

  /**
   * Ends the subscriptions to topics of a handler or, if none is given, of all handlers.
   * @param topics the topics or patterns, as given to {@link subscribe}
   * @param handler the handler to remove
   * @returns resolves when the server has confirmed it
   * @throws IPCError (rejects) ERR_IPC_ARGUMENT if a topic is invalid, ERR_IPC_TIMEOUT, ERR_IPC_CLOSED
   */
  unsubscribe(topics: TopicNames, handler?: TopicHandler): Promise<void> {
    return suppressUnhandled(this.#core.topics.unsubscribe(topics, handler).then(() => {}));
  }

  /**
   * Publishes a message to every subscriber of the server, including this client if it has subscribed.
   * @param topic the topic, which must not be a pattern
   * @param data the payload
   * @returns false if it was not accepted, as {@link emit}
   * @throws IPCError ERR_IPC_ARGUMENT if the topic is invalid; ERR_IPC_ENCODE, ERR_IPC_TOO_DEEP or ERR_IPC_TOO_LARGE if
   * the data cannot be sent
   * @example
   * client.publish('weather.paris', 'rain');
   */
  publish(topic: string, data?: unknown, options?: never): boolean {
    refuseArgument(options, 'client.publish(topic, data)', 'a message reaches every subscriber');
    const packet: Packet = { type: PUBLISH, data: { topic: checkTopic(topic), data } };
    if (this.#interceptors.send === undefined) return this.#core.send(packet);
    return this.#interceptors.send(this.#message('topic', topic), (meta) =>
      this.#core.send(withMeta(packet, meta)),
    );
  }

  /**
   * Waits until the kernel has accepted everything that was emitted, requested or published so far, including what waits
   * for a connection. It does not mean that the server has read it; use a request for that.
   * @returns resolves at once if nothing is queued
   * @throws IPCError ERR_IPC_ARGUMENT if an argument is given; (rejects) ERR_IPC_UNSENT if the connection ends before, or
   * the client is closed or gives up; the error of the last attempt if it had given up already
   * @example
   * client.emit('message', 'the last one');
   * await client.flush();
   * process.exit();
   */
  flush(options?: never): Promise<void> {
    refuseArgument(options, 'client.flush()', 'to wait no longer than you want, race it with a timeout');
    return traced(this.#core.flush());
  }

  /** Keeps the process running. This is the default; see {@link unref}. */
  ref(): this {
    this.#core.reconnector.ref();
    return this;
  }

  /**
   * Lets the process exit, while connected as well as between two attempts. Open requests and unsent data do not keep it
   * running, either.
   */
  unref(): this {
    this.#core.reconnector.unref();
    return this;
  }

  /** Stops reading and delivering until {@link resume}, which causes back-pressure at the server. */
  pause(): void {
    this.#core.reconnector.pause();
  }

  /** Continues to read and deliver after {@link pause}. */
  resume(): void {
    this.#core.reconnector.resume();
  }

  /**
   * Waits for open requests, sends what is queued, and closes for good. The server receives the reason, if there is one.
   * @param reason any JSON value
   * @returns resolves when the client is closed
   * @example
   * await client.close('done for today');
   */
  close(reason?: unknown): Promise<void> {
    return this.#core.close(reason);
  }

  /** Sends what is queued and closes for good; open requests are rejected. */
  disconnect(): void {
    this.#core.disconnect();
  }

  /** Closes at once and for good: queued data is lost, open requests are rejected. */
  destroy(): void {
    this.#core.destroy();
  }

  /** Calls {@link close} at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #connected(connections: number): void {
    this.trigger('connect');
    if (connections > 1) this.trigger('ipc:reconnect');
  }

  #receive(packet: Packet, peer: Peer): void {
    const { type, data, id } = packet;
    if (id !== undefined && packet.error !== undefined) {
      this.#responder.refuse(packet, peer);
      return;
    }
    if (id !== undefined && (peer.speaks || this.#responder.isRequest(type, peer, this.hears(type)))) {
      this.#responder.take(packet, id, peer);
      return;
    }
    const refused = this.#names.eventRefusal(type);
    if (refused !== undefined) this.#core.invalid(refused, peer);
    else {
      if (this.#config.logPayloads) this.#log('received from', this.id, ':', type, data);
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

/** The error of a request with retries in a dialect that cannot express them. */
function oneTry(type: string, dialect: string): IPCError {
  const message =
    `The request ${type} was not sent: a server that speaks ${dialect} would run it again at each retry; leave out ` +
    'options.retries.';
  return new IPCError('ERR_IPC_UNSUPPORTED', message);
}
