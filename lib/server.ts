import { type Endpoint, placeOf, portOf } from '../entities/address.js';
import type { Config } from '../entities/config.js';
import { closedError, type IPCError } from '../entities/errors.js';
import {
  type BodyItem,
  type Bytes,
  type EventArguments,
  type Name,
  type Payload,
  type Responding,
  type Response,
  SERVER_RESERVED,
  type ServerEvents,
  type StreamItem,
  type Untyped,
} from '../entities/events.js';
import { isControl, metaOf, type Packet, PING, withMeta } from '../entities/packet.js';
import type { ListenerOf, PeerSocket, PortOf, StreamSocket } from '../entities/sockets.js';
import { checkOptions, checkTimeout, refuseArgument } from '../entities/suggest.js';
import type { StopOptions } from './acceptor.js';
import { AllClients } from './all-clients.js';
import { passOverAssignments, relocate } from './assignments.js';
import type { StreamOptions } from './conversations/call-stream.js';
import type { HandleOptions, RequestHandler } from './conversations/handlers.js';
import type { ItemStream } from './conversations/item-stream.js';
import {
  checkOnce,
  checkRequestOptions,
  NO_OPTIONS,
  type RequestOptions,
} from './conversations/request-options.js';
import { type Surveyed, surveyTimes } from './conversations/surveys.js';
import { checkHandler, checkTopic, type TopicHandler, type TopicNames } from './conversations/topics.js';
import { unsupported } from './datagram-acceptor.js';
import { Emitter } from './emitter.js';
import { EventNames } from './event-names.js';
import { checkInspectOptions, type InspectOptions, type ServerInspection } from './inspection.js';
import { type Interceptors, interceptors, NO_INTERCEPTORS, ofServer, optionsWith } from './interceptors.js';
import { labelPeer } from './label-peer.js';
import { escapingLog, type Log } from './log.js';
import type { Peer } from './peer.js';
import { heardOr, promised, rejected, suppressUnhandled, traced } from './promises.js';
import { type ClientId, exceptedBy, isClientId } from './recipients.js';
import {
  callNotSent,
  checkClose,
  eventNotSent,
  notConnected,
  notResumed,
  stopOptions,
} from './server-arguments.js';
import { ServerCore, type ServerOptions } from './server-core.js';
import type { ServerPeer } from './server-peer.js';
import type { Stats } from './stats.js';
import { passOver, warn } from './warnings.js';

const RESERVED = new Set(SERVER_RESERVED);
const PUBLISH_READS =
  'a message reaches every subscriber; to call the handlers of this process, as node-ipc does, there is server.trigger';

/**
 * The result of one client's request in a survey: an entry of `Promise.allSettled`, with the socket. With
 * `config.backplane` it also has the ids of the client and of its server, and no socket if that is another server. A server
 * that did not answer has a single result without a client's id.
 */
export type SurveyResult<Answer, Remote = PeerSocket> = Surveyed<Remote | undefined, Answer> & {
  id?: string;
  server?: string;
};

/** A client: its socket, its id, or the result of {@link Server.peer}. */
export type ClientReference<Remote = PeerSocket> =
  | Remote
  | StreamSocket
  | Endpoint
  | ClientId
  | Pick<ServerPeer<Untyped, Remote>, 'id' | 'server' | 'label' | 'close'>;

/** The options of a broadcast. */
export interface BroadcastOptions<Remote> {
  /** A client to skip, or an array of clients. A label stands for every client that has it. */
  except?: ClientReference<Remote> | readonly ClientReference<Remote>[] | undefined;
}

/**
 * A server over UDP. It has no connections: its peers are those that it has received from, or sent to by their IP address.
 */
export type DatagramServer<Contract extends object = Untyped> = Server<Contract, Endpoint>;

/**
 * A server, as in `ipc.server`: it listens, and owns its peers. `Remote` is the type by which the user knows them: sockets
 * or, over UDP, endpoints.
 */
export class Server<Contract extends object = Untyped, Remote = PeerSocket>
  extends Emitter<Contract, ServerEvents<Remote>, [peer: Remote]>
  implements AsyncDisposable
{
  readonly #config: Config;
  readonly #plainLog: Log;
  readonly #log: Log;
  readonly #core: ServerCore;
  readonly #names: EventNames;
  readonly #interceptors: Interceptors;
  readonly #everybody: AllClients<Contract, Remote>;

  /** Created by `ipc.serve` and the similar methods. */
  constructor(options: ServerOptions) {
    super();
    const { config, log } = options;
    this.#config = config;
    this.#plainLog = log;
    this.#log = escapingLog(log);
    this.#interceptors = options.internal === true ? NO_INTERCEPTORS : interceptors;
    this.#names = new EventNames(config, RESERVED);
    this.#core = new ServerCore(options, {
      started: () => this.#started(),
      relistened: () => this.trigger('ipc:relisten'),
      stopped: () => this.trigger('close'),
      admitted: ({ socket }) =>
        this.trigger(this.#core.acceptor.connectionless ? 'ipc:peer' : 'connect', socket),
      receive: (packet, peer) => this.#receive(packet, peer),
      left: (peer) => this.#left(peer),
      failed: (error, _peer, socket) => this.trigger('error', error, socket),
      serverJoined: (id) => this.trigger('ipc:join', id),
      serverLeft: (id) => this.trigger('ipc:leave', id),
    });
    this.#core.responder.names = this.#names;
    this.#everybody = new AllClients(this.#core, {
      packet: (type, data) => this.#packet(type, data),
      name: (type) => this.#names.toSend(type),
      emit: (peer, packet) => this.#emitHere(peer, packet),
      ask: (peer, type, data, options) => this.#askHere(peer, type, data, options),
    });
  }

  static {
    const known = 'the server knows it by itself';
    passOverAssignments(Server.prototype, 'server', {
      server: 'the server keeps its own; to end it, call server.stop()',
      sockets: 'the server keeps its own; to end a connection, call server.close(socket)',
      active: known,
      id: known,
      servers: known,
      config: 'change single settings, as in server.config.maxPendingBytes = 2 ** 20',
      log: 'set ipc.config.logger before serve',
      udp4: "call serveNet(host, port, 'udp4')",
      udp6: "call serveNet(host, port, 'udp6')",
    });
  }

  /**
   * The path of the socket, or the host. A change applies from the next start on, as in node-ipc.
   * @throws IPCError ERR_IPC_ARGUMENT if it is set to anything but a string, ERR_IPC_CONFIG if the profile refuses it
   */
  get path(): string {
    return placeOf(this.#core.address);
  }

  set path(path: string) {
    relocate(this.#core, 'server', 'path', path);
  }

  /** The config of this server. Only *live* keys have an effect after its creation. */
  get config(): Config {
    return this.#config;
  }

  /** The log function of its instance, as in node-ipc. */
  get log(): Log {
    return this.#plainLog;
  }

  /** Whether it is a UDP server over IPv4, as in node-ipc. */
  get udp4(): boolean {
    const { address } = this.#core;
    return address.transport === 'udp' && address.family === 'udp4';
  }

  /** Whether it is a UDP server over IPv6, as in node-ipc. */
  get udp6(): boolean {
    const { address } = this.#core;
    return address.transport === 'udp' && address.family === 'udp6';
  }

  /** The `net.Server`, or the UDP socket, while it listens. */
  get server(): ListenerOf<Remote> | false {
    return (this.#core.acceptor.server as ListenerOf<Remote> | undefined) ?? false;
  }

  /** Whether it listens or is about to, and was not stopped since. */
  get active(): boolean {
    return this.#core.active;
  }

  /**
   * The port, for TCP, TLS and UDP; if 0 was requested, the one that the system chose. A change applies from the next start
   * on, as in node-ipc.
   * @throws IPCError ERR_IPC_ARGUMENT if it is set to anything but a port
   */
  get port(): PortOf<Remote> {
    return portOf(this.#core.address) as PortOf<Remote>;
  }

  set port(port: number) {
    relocate(this.#core, 'server', 'port', port);
  }

  /** The sockets of all admitted clients; over UDP, the endpoints that a broadcast reaches. */
  get sockets(): Remote[] {
    return this.#core.acceptor.sockets as Remote[];
  }

  /** The id of this server among those with the same `config.id`. It changes after a `stop`. */
  get id(): string {
    return this.#core.clients.server;
  }

  /** The ids of the other servers with the same `config.id`; none without `config.backplane`. */
  get servers(): readonly string[] {
    return this.#core.backplane?.others ?? [];
  }

  /**
   * A client of this server or, with `config.backplane`, of any server with the same `config.id`.
   * @param client its socket, its id as in `clients()`, or its `socket.id`
   * @throws IPCError ERR_IPC_ARGUMENT for any other value, ERR_IPC_DISCONNECTED if the socket has disconnected
   * @example
   * const kitchen = server.peer('kitchen');
   * kitchen.emit('light', 'on');
   */
  peer(client: ClientReference<Remote>): ServerPeer<Contract, Remote> {
    return this.#everybody.find(client);
  }

  /**
   * The clients of this server and, with `config.backplane`, of all servers with the same `config.id`.
   * @param options `timeout`: how long the other servers may take to answer, in milliseconds (default
   * `config.requestTimeout`). The clients of a server that does not answer are omitted, and an `error` event reports that
   * @throws IPCError ERR_IPC_ARGUMENT if an option is invalid
   * @example
   * for (const { id, remoteAddress } of await server.clients()) console.log(id, remoteAddress);
   */
  clients(options: { timeout?: number | undefined } = {}): Promise<ServerPeer<Contract, Remote>[]> {
    checkOptions(options, ['timeout'], 'server.clients(...)');
    const { timeout = this.#config.requestTimeout } = options;
    checkTimeout(timeout, 'server.clients(...)');
    return this.#everybody.list(timeout);
  }

  /** The figures of all connections together. */
  stats(): Stats & { connections: number } {
    return this.#core.acceptor.stats;
  }

  /**
   * A snapshot for tools, as plain data: address, dialects, peers, subscriptions and figures.
   * @param options `limit`: the maximum number of entries of each list; default: 100
   * @throws IPCError ERR_IPC_ARGUMENT if an option is unknown or invalid
   */
  inspect(options: InspectOptions = {}): ServerInspection {
    checkInspectOptions(options, 'server.inspect(...)');
    return this.#core.inspect(options);
  }

  /**
   * Starts to listen; emits `start` when it does. It has no effect if the server listens already; while it is stopping, it
   * starts again afterwards.
   * @throws IPCError (rejects, and is emitted as `error`) ERR_IPC_IN_USE, ERR_IPC_ADDRESS, ERR_IPC_CONFIG, ERR_IPC_LISTEN.
   * If nobody awaits the promise and `error` has no handler, it is a process warning
   */
  start(callback?: never): Promise<this> {
    passOver(callback, 'server.start()', "await server.start(), or listen to 'start'");
    return heardOr(
      this.#core.start().then(() => this),
      (error) => {
        if (!this.hears('error')) warn(error as IPCError);
      },
    );
  }

  /**
   * Calls the handlers of `start`, as in node-ipc.
   * @deprecated use `trigger('start')`
   */
  onStart(socket?: unknown): void {
    this.trigger('start', socket);
  }

  /**
   * Stops listening, waits for running handlers to answer, sends what is queued, closes every connection, and lets the
   * process exit.
   * @param options `timeout` in milliseconds (default 5000), `reconnect` and `reason` for the clients
   * @returns resolves when the last connection has closed
   * @throws IPCError ERR_IPC_ARGUMENT if an option is unknown
   * @example
   * process.once('SIGTERM', () => server.stop({ timeout: 2000, reconnect: true }));
   */
  stop(options?: StopOptions | null): Promise<void> {
    return this.#core.stop(stopOptions(options));
  }

  /** Calls {@link stop} at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /**
   * Waits until the kernel has accepted everything that was sent to all clients so far; over UDP, every datagram. A client
   * that does not read delays it until the client is disconnected (`config.maxPendingBytes`).
   * @returns resolves at once if nothing is queued
   * @throws IPCError ERR_IPC_ARGUMENT if an argument is given; (rejects) ERR_IPC_UNSENT if connections ended before that
   */
  flush(options?: never): Promise<void> {
    refuseArgument(options, 'server.flush()', 'to wait no longer than you want, race it with a timeout');
    return traced(this.#core.flush());
  }

  /** Keeps the process running while it listens. This is the default; see {@link unref}. */
  ref(): this {
    this.#core.ref();
    return this;
  }

  /**
   * Lets the process exit while it listens. Connected clients still keep it running, as with `net.Server`, and so does a
   * backplane over NATS.
   */
  unref(): this {
    this.#core.unref();
    return this;
  }

  /**
   * Stops reading from all clients until {@link resume}, which causes back-pressure.
   * @throws IPCError ERR_IPC_UNSUPPORTED over UDP, which has no back-pressure
   */
  pause(): void {
    this.#core.acceptor.pause();
  }

  /** Continues to read from all clients after {@link pause}. */
  resume(): void {
    this.#core.acceptor.resume();
  }

  /**
   * Sends an event to one client; over UDP without a client, to all known peers, as in node-ipc 9. With `rawBuffer`, sends
   * the bytes that follow the socket.
   * @param socket the client's socket, or its `socket.id`: of several clients with the same id, the latest. With
   * `config.backplane`, an id that no client here has refers to a client of another server.
   * @param type the name of the event
   * @param data the payload; without it, handlers get `{}`, as in node-ipc
   * @param bytes with `rawBuffer`: the bytes, or a string in `config.encoding`
   * @returns false if it was not accepted: the client has disconnected, or does not read fast enough; an `error` event says
   * which
   * @throws IPCError ERR_IPC_ARGUMENT, ERR_IPC_EVENT_TOO_LARGE or ERR_IPC_EVENT_NOT_ALLOWED if the name is not permitted;
   * ERR_IPC_ENCODE, ERR_IPC_TOO_DEEP or ERR_IPC_TOO_LARGE if the data cannot be sent
   * @example
   * server.on('question', (data, socket) => server.emit(socket, 'answer', data));
   */
  emit<Type extends Name<Contract>>(
    socket: ClientReference<Remote>,
    type: Type,
    ...data: EventArguments<Contract, Type>
  ): boolean;
  emit(socket: ClientReference<Remote>, bytes: Bytes<Contract>): boolean;
  emit(socket: unknown, type: unknown, data?: unknown): boolean {
    const peer = this.#everybody.here(socket);
    const packet = this.#packet(type, data);
    if (this.#config.logPayloads) this.#log('sending', packet.type, packet.data);
    if (peer?.admitted && peer.open) return this.#emitHere(peer, packet);
    const id = this.#everybody.elsewhere(socket);
    if (id !== undefined) return this.#everybody.emit(id, packet);
    if (this.#core.acceptor.connectionless && !isClientId(socket)) {
      this.#broadcast(packet, []);
      return true;
    }
    this.#core.report(eventNotSent(packet.type, socket), peer, socket);
    return false;
  }

  /**
   * Sends an event to all clients; with `config.backplane`, to those of all servers with the same `config.id`. It is
   * encoded once for all clients with the same dialect.
   * @param type the name of the event
   * @param data the payload; without it, handlers get `{}`, as in node-ipc
   * @param bytes with `rawBuffer`: the bytes, or a string in `config.encoding`
   * @param options `except`: the clients to skip, by socket or id, or an array of these
   * @throws IPCError ERR_IPC_ARGUMENT, ERR_IPC_EVENT_TOO_LARGE or ERR_IPC_EVENT_NOT_ALLOWED if the name or an option is
   * invalid; ERR_IPC_ENCODE, ERR_IPC_TOO_DEEP or ERR_IPC_TOO_LARGE if the data cannot be sent
   * @example
   * server.broadcast('light', 'on', { except: 'kitchen' });
   */
  broadcast<Type extends Name<Contract>>(
    type: Type,
    ...data: EventArguments<Contract, Type, [options?: BroadcastOptions<Remote> | null]>
  ): this;
  broadcast(bytes: Bytes<Contract>, data?: undefined, options?: BroadcastOptions<Remote> | null): this;
  broadcast(type: unknown, data?: unknown, options?: unknown): this {
    this.#broadcast(this.#packet(type, data), exceptedBy(options));
    return this;
  }

  /**
   * Sends a request to one client; resolves with the response of its handler. A datagram that is lost in either direction
   * results in ERR_IPC_TIMEOUT.
   * @param socket the client's socket or id, as in {@link emit}
   * @param type the name of the request
   * @param data the payload, followed by the options
   * @param options `timeout` in milliseconds (default `config.requestTimeout`; 0 sets no limit), `signal`
   * @throws IPCError ERR_IPC_ARGUMENT, ERR_IPC_EVENT_TOO_LARGE or ERR_IPC_EVENT_NOT_ALLOWED if the name or an option is
   * invalid; (rejects) ERR_IPC_TIMEOUT, ERR_IPC_ABORTED, ERR_IPC_DISCONNECTED, ERR_IPC_UNSENT if the client does not read
   * fast enough, ERR_IPC_NO_HANDLER, ERR_IPC_INVALID_INPUT, ERR_IPC_INVALID_OUTPUT, or the handler's own error;
   * ERR_IPC_ENCODE, ERR_IPC_TOO_DEEP or ERR_IPC_TOO_LARGE if the data cannot be sent
   * @example
   * server.on('connect', async (socket) => console.log(await server.request(socket, 'name')));
   */
  request<Type extends Name<Contract>>(
    socket: ClientReference<Remote>,
    type: Type,
    ...data: EventArguments<Contract, Type, [options?: RequestOptions]>
  ): Promise<Response<Contract, Type>>;
  request(
    socket: ClientReference<Remote>,
    type: string,
    data?: unknown,
    options: RequestOptions = NO_OPTIONS,
  ): Promise<unknown> {
    const name = this.#names.toSend(type);
    checkOnce(name, options);
    return this.#ask(socket, name, data, options);
  }

  /**
   * Sends a request to every client and waits for all answers; with `config.backplane`, to those of all servers with the
   * same `config.id`. The other servers have one second more than the request's `timeout` to answer.
   * @param type the name of the request
   * @param data the payload, followed by the options
   * @param options `timeout` in milliseconds (default `config.requestTimeout`; 0 sets no limit), `signal`
   * @returns one result per client, in the form of `Promise.allSettled`, with the client's `socket`
   * @throws IPCError ERR_IPC_ARGUMENT, ERR_IPC_EVENT_TOO_LARGE or ERR_IPC_EVENT_NOT_ALLOWED if the name or an option is
   * invalid
   * @example
   * for (const result of await server.survey('load', null, { timeout: 1000 }))
   *   if (result.status === 'fulfilled') console.log(result.value);
   */
  survey<Type extends Name<Contract>>(
    type: Type,
    ...[data, options = {}]: EventArguments<Contract, Type, [options?: RequestOptions]>
  ): Promise<SurveyResult<Response<Contract, Type>, Remote>[]> {
    const name = this.#names.toSend(type);
    checkRequestOptions(name, options);
    checkOnce(name, options);
    return this.#everybody.survey(name, data, options) as Promise<
      SurveyResult<Response<Contract, Type>, Remote>[]
    >;
  }

  /**
   * Measures the round trip to every client of this server, in milliseconds.
   * @param options `timeout` in milliseconds (default `config.requestTimeout`; 0 sets no limit), `signal`
   * @throws IPCError ERR_IPC_ARGUMENT if an option is invalid
   */
  ping(options: RequestOptions = {}): Promise<SurveyResult<number, Remote>[]> {
    checkRequestOptions(PING, options);
    checkOnce(PING, options);
    return surveyTimes(this.sockets, (socket) => this.#ask(socket, PING, undefined, options));
  }

  /**
   * Calls one client of this server for a stream of the items that its handler yields (see `Client.stream`). The stream
   * ends with the connection; only clients can `resume`.
   * @param socket the client's socket or id, as in {@link emit}
   * @param type the name of the stream
   * @param data the payload, followed by the options
   * @throws IPCError ERR_IPC_ARGUMENT, ERR_IPC_EVENT_TOO_LARGE or ERR_IPC_EVENT_NOT_ALLOWED if the name or an option is
   * invalid, ERR_IPC_DISCONNECTED, ERR_IPC_UNSUPPORTED; while items are read: the errors of {@link request}
   * @example
   * for await (const line of server.stream('kitchen', 'tail', 'app.log')) console.log(line);
   */
  stream<Type extends Name<Contract>>(
    socket: ClientReference<Remote>,
    type: Type,
    ...[data, options = {}]: EventArguments<
      Contract,
      Type,
      [options?: Omit<StreamOptions<BodyItem<Contract, Type>>, 'resume' | 'retries'>]
    >
  ): ItemStream<StreamItem<Contract, Type>> {
    if (this.#core.acceptor.connectionless) throw unsupported('stream');
    const { resume, retries } = (options ?? {}) as StreamOptions;
    if (resume !== undefined || retries !== undefined) throw notResumed(type);
    const peer = this.#everybody.here(socket);
    if (!peer?.admitted || !peer.open) throw callNotSent('stream', type, socket);
    const name = this.#names.toSend(type);
    const items =
      this.#interceptors.send === undefined
        ? peer.stream(name, data, options)
        : this.#interceptors.send(ofServer('stream', name, peer.socket), (meta) =>
            peer.stream(name, data, optionsWith(options as StreamOptions, meta)),
          );
    return items as ItemStream<StreamItem<Contract, Type>>;
  }

  /**
   * Handles the clients' requests of a type, and their calls for streams if `handler` returns an async iterable. An error
   * that it throws is sent back.
   * @param type the name of the request or stream
   * @param handler gets the data, the socket, and a context with `signal`, `body` and `meta`; its result is the response
   * @param options `input`, `items`, `output`: Standard Schemas of the data, of the items of a body, and of the response
   * @throws IPCError ERR_IPC_ARGUMENT, ERR_IPC_CONFIG without `input` with `config.profile` 'assured'
   * @example
   * server.handle('add', ([a, b]) => a + b);
   * server.handle('count', async function* (to, socket, { signal }) {
   *   for (let n = 1; n <= to && !signal.aborted; n++) yield n;
   * });
   */
  handle<Type extends Name<Contract>>(
    type: Type,
    handler: RequestHandler<
      Payload<Contract, Type>,
      Responding<Contract, Type>,
      Remote,
      BodyItem<Contract, Type>
    >,
  ): this;
  handle<Type extends Name<Contract>, Input = Payload<Contract, Type>>(
    type: Type,
    options: HandleOptions<Input>,
    handler: RequestHandler<Input, Responding<Contract, Type>, Remote, BodyItem<Contract, Type>>,
  ): this;
  handle(type: string, ...rest: unknown[]): this {
    this.#core.responder.handlers.add(type, rest);
    return this;
  }

  /**
   * Calls `handler` with messages that clients or this server publish under matching topics (see `Client.subscribe`).
   * @param topics a topic or pattern, or an array of them
   * @param handler gets the data and the topic of each message
   * @throws IPCError ERR_IPC_ARGUMENT without a handler; (rejects) ERR_IPC_ARGUMENT if a topic is invalid,
   * ERR_IPC_UNSUPPORTED over UDP: topics need connections
   * @example
   * await server.subscribe('orders.>', (data, topic) => console.log(topic, data));
   */
  subscribe(topics: TopicNames, handler: TopicHandler, options?: never): Promise<void> {
    checkHandler(handler);
    refuseArgument(options, 'server.subscribe(topics, handler)', 'call it with topics and a handler');
    if (this.#core.acceptor.connectionless) return rejected(unsupported('subscribe'));
    return promised(() => this.#core.subscribers.addHandler(topics, handler));
  }

  /**
   * Ends the subscriptions to topics of a handler or, if none is given, of all handlers.
   * @param topics the topics or patterns, as given to {@link subscribe}
   * @param handler the handler to remove
   * @throws IPCError (rejects) ERR_IPC_ARGUMENT if a topic is invalid, ERR_IPC_UNSUPPORTED over UDP
   */
  unsubscribe(topics: TopicNames, handler?: TopicHandler): Promise<void> {
    if (this.#core.acceptor.connectionless) return rejected(unsupported('unsubscribe'));
    return promised(() => this.#core.subscribers.removeHandler(topics, handler));
  }

  /**
   * Sends a message to the subscribers of a topic. If there are none, nothing is sent.
   * @param topic the topic, which must not be a pattern
   * @param data the payload
   * @throws IPCError ERR_IPC_ARGUMENT if the topic is invalid, ERR_IPC_UNSUPPORTED over UDP; ERR_IPC_ENCODE,
   * ERR_IPC_TOO_DEEP or ERR_IPC_TOO_LARGE if there are subscribers and the data cannot be sent
   * @example
   * server.publish('weather.paris', 'rain');
   */
  publish(topic: string, data?: unknown, options?: never): this {
    refuseArgument(options, 'server.publish(topic, data)', PUBLISH_READS);
    if (this.#core.acceptor.connectionless) throw unsupported('publish');
    if (this.#interceptors.send === undefined) this.#core.publish(topic, data);
    else {
      const name = checkTopic(topic);
      this.#interceptors.send(ofServer('topic', name), (meta) => this.#core.publish(name, data, meta));
    }
    return this;
  }

  /**
   * Closes one client's connection: waits for open requests, sends what is queued and, if there is a reason, a bye.
   * @param socket the client's socket or id, as in {@link emit}
   * @param reason any JSON value; without it, the client gets no bye
   * @param reconnect whether the client should reconnect, if there is a reason
   * @returns false if no such client is connected. With `config.backplane`, an id that no client here has is passed to the
   * other servers, and the result does not tell whether one of them has the client
   * @throws IPCError ERR_IPC_ARGUMENT, ERR_IPC_UNSUPPORTED over UDP, which has no connections
   * @example
   * server.on('connect', (socket) => server.close(socket, 'under maintenance', false));
   */
  close(socket: ClientReference<Remote>, reason?: unknown, reconnect = false): boolean {
    checkClose(socket, reconnect);
    const closes = this.#everybody.end(socket, reason === undefined ? undefined : { reason, reconnect });
    if (!closes) this.#log('no connection to close:', notConnected(socket));
    return closes;
  }

  #packet(type: unknown, data: unknown): Packet {
    if (this.#config.rawBuffer) return { type: 'data', data: type };
    return { type: this.#names.toSend(type), data };
  }

  #broadcast(packet: Packet, excepted: readonly unknown[]): void {
    if (this.#interceptors.send === undefined) this.#everybody.broadcast(packet, excepted);
    else {
      this.#interceptors.send(ofServer('event', packet.type), (meta) =>
        this.#everybody.broadcast(withMeta(packet, meta), excepted),
      );
    }
  }

  /** Sends a packet to a client of this server, through the interceptors. */
  #emitHere(peer: Peer, packet: Packet): boolean {
    if (this.#interceptors.send === undefined) return peer.send(packet);
    return this.#interceptors.send(ofServer('event', packet.type, peer.socket), (meta) =>
      peer.send(withMeta(packet, meta)),
    );
  }

  /** Sends a request to a client of this server; unless it is a control packet, through the interceptors. */
  #askHere(peer: Peer, type: string, data: unknown, options: RequestOptions): Promise<unknown> {
    if (this.#interceptors.send === undefined || isControl(type)) return peer.ask(type, data, options);
    return this.#interceptors.send(ofServer('request', type, peer.socket), (meta) =>
      peer.ask(type, data, optionsWith(options, meta)),
    );
  }

  #ask(socket: unknown, type: string, data: unknown, options: RequestOptions): Promise<unknown> {
    const peer = this.#everybody.here(socket);
    if (peer?.admitted && peer.open) return this.#askHere(peer, type, data, options);
    const id = this.#everybody.elsewhere(socket);
    if (id !== undefined) return suppressUnhandled(this.#everybody.ask(id, type, data, options));
    return rejected(callNotSent('request', type, socket));
  }

  /**
   * Emits `start`. As in node-ipc 9, a server over UDP passes its own endpoint, and then emits `connect` with its own
   * socket, since UDP has no connections of peers.
   */
  #started(): void {
    if (!this.#core.acceptor.connectionless) {
      this.trigger('start');
      return;
    }
    this.trigger('start', { address: this.path, port: this.port });
    this.trigger('connect', this.server);
  }

  #receive(packet: Packet, peer: Peer): void {
    const { type, data, id } = packet;
    if (id !== undefined && packet.error !== undefined) {
      this.#core.responder.refuse(packet, peer);
      return;
    }
    if (id !== undefined && (peer.speaks || this.#core.responder.isRequest(type, peer, this.hears(type)))) {
      if (peer.leaving) peer.answer(type, id, undefined, closedError('the server'));
      else this.#core.responder.take(packet, id, peer);
      return;
    }
    const refused = this.#names.eventRefusal(type);
    if (refused !== undefined) this.#core.acceptor.invalid(refused, peer);
    else {
      const socket = peer.socket as Remote;
      if (this.#config.identifyPeer) labelPeer(socket as { id?: unknown }, data);
      if (this.#config.logPayloads) this.#log('received', type, data);
      if (this.#interceptors.receive === undefined) this.dispatch(type, data, socket);
      else {
        const message = ofServer('event', type, socket, metaOf(packet));
        this.#interceptors.receive(message, () => this.dispatch(type, data, socket));
      }
    }
  }

  #left({ socket, closeInfo }: Peer): void {
    const id = ((socket as { id?: unknown }).id ?? false) as string | false;
    this.#log('socket disconnected', id);
    this.trigger('disconnect', socket, closeInfo);
    this.trigger('socket.disconnected', socket, id);
  }
}
