import type { Socket } from 'node:net';
import type { Config } from '../entities/config.js';
import { closedError, IPCError, lostError, reservedError } from '../entities/errors.js';
import {
  type Bytes,
  CLIENT_RESERVED,
  type Loose,
  type Name,
  type Payload,
  type Response,
  type Saying,
} from '../entities/events.js';
import {
  BYE,
  type Bye,
  eventName,
  HELLO,
  isControl,
  MESSAGE,
  type Packet,
  type PacketId,
  PING,
  PUBLISH,
  SUBSCRIBE,
  type TopicMessage,
  UNSUBSCRIBE,
  WELCOME,
  type Welcome,
} from '../entities/packet.js';
import { nodeCrypto } from './builtin.js';
import type { Connection } from './connection.js';
import { type HandleOptions, Handlers, type RequestHandler } from './conversations/handlers.js';
import { type RequestOptions, Requests } from './conversations/requests.js';
import {
  callTopic,
  checkTopic,
  patternsOf,
  type TopicHandler,
  type TopicNames,
  Topics,
} from './conversations/topics.js';
import type { Dialect } from './dialects/dialect.js';
import { offered } from './dialects/negotiation.js';
import { rawUnsupported } from './dialects/raw.js';
import { Holding } from './holding.js';
import { Link } from './link.js';
import type { Log } from './log.js';
import { quiet } from './promises.js';
import { addTraffic, noStats, type Stats } from './stats.js';

const RESERVED = new Set(CLIENT_RESERVED);

/** Who listens to what is for every connection, not for the one it was said on. */
const LASTING: RequestOptions = { retries: Number.POSITIVE_INFINITY };

/**
 * What `ipc.of.NAME` holds: it connects to a server, and again when the connection is lost, and owns at most one connection
 * at a time. What is emitted while there is none is held (up to `config.maxPendingBytes`) and sent first thing later.
 */
export class Client<Contract extends object = Loose> extends Link<Contract> {
  protected readonly requests: Requests;
  readonly #offer: { codecs?: string[]; compress?: boolean };
  readonly #holding: Holding;
  readonly #handlers = new Handlers();
  readonly #topics = new Topics<TopicHandler>();
  #session: string | undefined;
  readonly #past = noStats();
  /** Whether requests are sent again, for which the server must know the session. */
  #retrying = false;
  /** Whether the server of the moment knows that. */
  #introduced = false;
  /** `sync`: a packet is out and nothing has come back yet. */
  #awaiting = false;

  /** @throws IPCError ERR_IPC_MISSING_PACKAGE where the config asks for a codec that is not installed */
  constructor(config: Config, log: Log, id: string, path: string, port?: number, dialect?: Dialect) {
    super(config, log, id, path, port, dialect);
    this.#offer = offered(config);
    const settled = Object.keys(this.#offer).length === 0 && !this.dialect.greets;
    this.#holding = new Holding(settled ? this.dialect : undefined, (error, id) =>
      this.#unsendable(error, id),
    );
    this.requests = new Requests('client', (packet) => {
      if (this.#over) throw closedError(id);
      return this.send(packet);
    });
  }

  /** Figures of all its connections together; `since` is the current one's beginning. */
  stats(): Stats {
    const sum = { ...this.#past, openRequests: this.requests.size, pendingBytes: this.#holding.size };
    const now = this.connection?.stats;
    if (now === undefined) return sum;
    addTraffic(sum, now);
    sum.pendingBytes += now.pendingBytes;
    sum.since = now.since;
    return sum;
  }

  /**
   * Sends an event. With `rawBuffer`, sends the bytes given as the only argument.
   * @returns false where it was not taken: the client is closed, or holds too much unsent; `error` says which
   * @throws IPCError ERR_IPC_ENCODE where the data cannot be sent, ERR_IPC_ARGUMENT for a name that is not for users
   */
  emit<Type extends Name<Contract>>(type: Type, ...data: Saying<Contract, Type>): boolean;
  emit(bytes: Bytes<Contract>): boolean;
  emit(type: unknown, data?: unknown): boolean {
    if (this.dialect.name === 'raw') return this.send({ type: 'data', data: type });
    return this.send({ type: eventName(type), data });
  }

  /**
   * Asks the server; resolves with what its handler answers.
   * @param options `timeout` in milliseconds (default `config.requestTimeout`, 0 waits forever), `signal`, `retries`
   * @throws IPCError (rejects) ERR_IPC_TIMEOUT, ERR_IPC_ABORTED, ERR_IPC_DISCONNECTED, ERR_IPC_NO_HANDLER, or the
   * handler's own error
   */
  request<Type extends Name<Contract>>(
    type: Type,
    ...[data, options = {}]: Saying<Contract, Type, [options?: RequestOptions]>
  ): Promise<Response<Contract, Type>> {
    if ((options.retries ?? 0) > 0 && !this.dialect.plain) {
      if (this.dialect.greets) return quiet(Promise.reject(oneTry(type, this.dialect.name)));
      this.#retrying = true;
      if (this.connection?.admitted) this.#introduce(this.connection);
    }
    return this.#ask(eventName(type), data, options) as Promise<Response<Contract, Type>>;
  }

  /**
   * Answers the server's requests of a type; what `handler` throws goes back as an error.
   * @param options `input`: a Standard Schema that the data must fit
   */
  handle<Type extends Name<Contract>>(
    type: Type,
    handler: RequestHandler<Payload<Contract, Type>, Response<Contract, Type>, Socket>,
  ): this;
  handle<Type extends Name<Contract>, Input = Payload<Contract, Type>>(
    type: Type,
    options: HandleOptions<Input>,
    handler: RequestHandler<Input, Response<Contract, Type>, Socket>,
  ): this;
  handle(type: string, ...rest: unknown[]): this {
    this.#handlers.add(type, rest);
    return this;
  }

  /** Milliseconds to the server and back. */
  ping(options: RequestOptions = {}): Promise<number> {
    const since = performance.now();
    return quiet(this.#ask(PING, undefined, options).then(() => performance.now() - since));
  }

  /**
   * Calls `handler` with what is published under topics: names with dots between the words, `*` for any one word, `>` at
   * the end for all the rest. Lasts over reconnects, until {@link unsubscribe}.
   * @returns when the server knows; rejects where it does not answer in time (`config.requestTimeout`) or refuses
   */
  subscribe(topics: TopicNames, handler: TopicHandler): Promise<void> {
    return quiet(this.#subscribe(topics, handler));
  }

  /** Ends a handler's subscription, or all of them where none is named. Resolves when the server knows. */
  unsubscribe(topics: TopicNames, handler?: TopicHandler): Promise<void> {
    return quiet(this.#unsubscribe(topics, handler));
  }

  /** Publishes to every subscriber of the server's, this client included. */
  publish(topic: string, data?: unknown): boolean {
    return this.send({ type: PUBLISH, data: { topic: checkTopic(topic), data } });
  }

  /** Takes over what another client for the same address still holds. */
  inherit(other: Client<Contract>): void {
    this.#holding.adopt(other.#holding);
  }

  protected override take(packet: Packet, connection: Connection): void {
    if (this.#awaiting) this.#next();
    const { type, data, id } = packet;
    if (isControl(type) && !connection.dialect.plain) this.#control(packet, connection);
    else if (id !== undefined) this.#answer(packet, id, connection);
    else if (RESERVED.has(type) && !this.config.allowReservedEvents) this.failed(reservedError(type));
    else {
      if (this.config.logPayloads) this.log('received from', this.id, ':', type, data);
      this.dispatch(type, data, connection.socket);
    }
  }

  protected override get awaitsWelcome(): boolean {
    if (this.dialect.greets) return true;
    return this.config.credentials !== undefined || Object.keys(this.#offer).length > 0;
  }

  protected override hello(): Packet | undefined {
    this.#introduced = this.#retrying;
    if (!this.awaitsWelcome && !this.#retrying) return undefined;
    const { credentials } = this.config;
    const data: Record<string, unknown> = { session: this.#sessionId, ...this.#offer };
    if (credentials !== undefined) data.credentials = credentials;
    if (this.#retrying) data.retries = true;
    return { type: HELLO, data };
  }

  protected override get held(): number {
    return this.#holding.length;
  }

  protected override forget(): void {
    this.#holding.clear();
  }

  protected override drain(connection: Connection): void {
    this.#holding.release(connection, (id) => this.requests.has(id));
  }

  /** Sends what the connection before left undone, then what was emitted meanwhile. */
  protected override restore(connection: Connection): void {
    if (this.#retrying) this.#introduce(connection);
    if (this.connections > 1) {
      const patterns = this.#topics.patterns;
      if (patterns.length > 0) connection.send({ type: SUBSCRIBE, data: patterns });
      for (const packet of this.requests.takeLost()) connection.send(packet);
    }
    if (this.config.sync) this.#next();
    else this.drain(connection);
  }

  protected override ended(connection: Connection): void {
    this.#awaiting = false;
    addTraffic(this.#past, connection.stats);
    this.#past.since = connection.since;
  }

  protected override abandonRequests(): void {
    const held = this.#holding.ids();
    this.requests.lost(lostError(this.id), (id) => !held.has(id));
  }

  /** What the server knows this client by, however often it connects. */
  get #sessionId(): string {
    this.#session ??= nodeCrypto().randomUUID();
    return this.#session;
  }

  /** Tells the server, once, that requests are sent again, so that it runs each of them once. */
  #introduce(connection: Connection): void {
    if (this.#introduced) return;
    this.#introduced = true;
    connection.send({ type: HELLO, data: { session: this.#sessionId, retries: true } });
  }

  async #subscribe(topics: TopicNames, handler: TopicHandler): Promise<void> {
    const patterns = patternsOf(topics);
    if (this.dialect.name === 'raw') throw rawUnsupported(SUBSCRIBE);
    for (const pattern of patterns) this.#topics.add(pattern, handler);
    await this.#ask(SUBSCRIBE, patterns, LASTING);
  }

  async #unsubscribe(topics: TopicNames, handler: TopicHandler | undefined): Promise<void> {
    const patterns = patternsOf(topics).filter((pattern) => this.#topics.has(pattern));
    for (const pattern of patterns) this.#topics.remove(pattern, handler);
    const gone = patterns.filter((pattern) => !this.#topics.has(pattern));
    if (gone.length > 0) await this.#ask(UNSUBSCRIBE, gone, LASTING);
  }

  #ask(type: string, data: unknown, options: RequestOptions): Promise<unknown> {
    return quiet(this.requests.ask(type, data, options.timeout ?? this.config.requestTimeout, options));
  }

  get #over(): boolean {
    return this.farewell !== undefined || this.finished;
  }

  /** Sends a packet, or holds it until it can be sent. */
  protected send(packet: Packet): boolean {
    if (this.#over) {
      this.failed(closedError(this.id));
      return false;
    }
    const { connection } = this;
    const sync = this.config.sync && !isControl(packet.type);
    if (connection?.admitted && connection.open && !(sync && this.#awaiting)) {
      if (sync) this.#awaiting = true;
      if (this.config.logPayloads) this.log('sending to', this.id, ':', packet.type, packet.data);
      return connection.send(packet);
    }
    if (this.#holding.push(packet, this.config.maxPendingBytes)) return true;
    const message = `${this.id} holds config.maxPendingBytes already while it is not connected; this packet is not taken.`;
    this.failed(new IPCError('ERR_IPC_BACKPRESSURE', message));
    return false;
  }

  /** What was held cannot be said in the dialect that was agreed on. */
  #unsendable(error: IPCError, id: PacketId | undefined): void {
    if (id === undefined) this.failed(error);
    else this.requests.settle({ type: '', data: undefined, re: id, error });
  }

  /** `sync`: something came back, so the next packet may go. */
  #next(): void {
    this.#awaiting = false;
    const { connection } = this;
    if (this.#holding.length === 0 || !connection?.admitted || !connection.open) return;
    // Before it is sent: what an error handler emits meanwhile has to wait.
    this.#awaiting = true;
    if (this.#holding.release(connection, (id) => this.requests.has(id), 1) === 0) this.#awaiting = false;
  }

  #answer(packet: Packet, id: PacketId, connection: Connection): void {
    connection.begin();
    this.#handlers.run(packet, connection.socket, (data, error) => {
      connection.answer(packet.type, id, data, error);
      connection.done();
    });
  }

  #control({ type, data, id }: Packet, connection: Connection): void {
    if (type === MESSAGE) {
      this.#message((data ?? {}) as TopicMessage);
      if (id !== undefined) connection.answer(type, id, undefined);
    } else if (type === WELCOME) this.welcomed(connection, (data ?? {}) as Welcome);
    else if (type === BYE) this.refused((data ?? {}) as Bye, connection);
    else {
      this.failed(
        new IPCError('ERR_IPC_PROTOCOL', `The server sent ${type}, which is not for clients; it is ignored.`),
      );
    }
  }

  #message({ topic, data }: TopicMessage): void {
    if (typeof topic === 'string') this.#topics.match(topic, (handler) => callTopic(handler, data, topic));
  }
}

/** Of a request that is to be sent again in a dialect that cannot tell the server so. */
function oneTry(type: string, dialect: string): IPCError {
  const message =
    `The request ${type} was not sent: a server that speaks ${dialect} would run it again at each retry; leave out ` +
    'options.retries.';
  return new IPCError('ERR_IPC_UNSUPPORTED', message);
}
