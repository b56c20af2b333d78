import type { Socket } from 'node:net';
import type { Endpoint } from '../entities/address.js';
import { closedError, IPCError, messageOf, reservedError } from '../entities/errors.js';
import {
  type Bytes,
  type Loose,
  type Name,
  type Payload,
  type Response,
  type Saying,
  SERVER_RESERVED,
} from '../entities/events.js';
import {
  BYE,
  type Encoded,
  eventName,
  HELLO,
  type Hello,
  isControl,
  MESSAGE,
  type Packet,
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
import { Answers } from './conversations/answers.js';
import type { HandleOptions, RequestHandler } from './conversations/handlers.js';
import type { RequestOptions } from './conversations/requests.js';
import { Subscribers } from './conversations/subscribers.js';
import { type Surveyed, survey, surveyTimes } from './conversations/surveys.js';
import type { TopicHandler, TopicNames } from './conversations/topics.js';
import type { Dialect } from './dialects/dialect.js';
import { agreed } from './dialects/negotiation.js';
import { Gate, type PeerSocket } from './gate.js';
import { identify } from './identify.js';
import { observed } from './observe.js';
import { promised, quiet } from './promises.js';
import { addTraffic, noStats, type Stats } from './stats.js';

const RESERVED = new Set(SERVER_RESERVED);

/** What came of one client's request in a survey: as `Promise.allSettled` has it, with the socket. */
export type SurveyResult<Answer> = Surveyed<PeerSocket, Answer>;

/** What `ipc.server` holds: it listens, and owns its connections. */
export class Server<Contract extends object = Loose> extends Gate<Contract> {
  readonly #answers = new Answers();
  readonly #subscribers = new Subscribers<Connection>();
  readonly #past = noStats(Date.now());

  /** Figures of all its connections together. */
  stats(): Stats & { connections: number } {
    const sum = { ...this.#past, connections: this.connections.size };
    for (const connection of this.connections.values()) {
      const { stats } = connection;
      addTraffic(sum, stats);
      sum.openRequests += stats.openRequests;
      sum.pendingBytes += stats.pendingBytes;
    }
    return sum;
  }

  /**
   * Sends an event to one client. With `rawBuffer`, sends the bytes given after the socket.
   * @returns false where it was not taken: the client is gone, or does not read fast enough; `error` says which
   * @throws IPCError ERR_IPC_ENCODE, ERR_IPC_ARGUMENT
   */
  emit<Type extends Name<Contract>>(
    socket: Socket | Endpoint,
    type: Type,
    ...data: Saying<Contract, Type>
  ): boolean;
  emit(socket: Socket | Endpoint, bytes: Bytes<Contract>): boolean;
  emit(socket: Socket | Endpoint, type: unknown, data?: unknown): boolean {
    const connection = this.connections.get(socket as Socket);
    const packet = this.#packet(type, data);
    if (this.config.logPayloads) this.log('sending', packet.type, packet.data);
    if (connection?.admitted && connection.open) return connection.send(packet);
    const message = `${packet.type} was not sent to a client that is gone; emit to the sockets that 'connect' gave.`;
    this.report(new IPCError('ERR_IPC_DISCONNECTED', message), socket as Socket);
    return false;
  }

  /** Sends an event to every client; it is encoded once for all that speak the same dialect. */
  broadcast<Type extends Name<Contract>>(type: Type, ...data: Saying<Contract, Type>): this;
  broadcast(bytes: Bytes<Contract>): this;
  broadcast(type: unknown, data?: unknown): this {
    this.sendAll(this.#packet(type, data), this.connections.values());
    return this;
  }

  /**
   * Asks one client; resolves with what its handler answers.
   * @param options `timeout` in milliseconds (default `config.requestTimeout`, 0 waits forever), `signal`
   * @throws IPCError (rejects) ERR_IPC_TIMEOUT, ERR_IPC_ABORTED, ERR_IPC_DISCONNECTED, ERR_IPC_NO_HANDLER, or the
   * handler's own error
   */
  request<Type extends Name<Contract>>(
    socket: Socket | Endpoint,
    type: Type,
    ...[data, options = {}]: Saying<Contract, Type, [options?: RequestOptions]>
  ): Promise<Response<Contract, Type>> {
    return this.#ask(socket as Socket, eventName(type), data, options) as Promise<Response<Contract, Type>>;
  }

  /** Asks every client and waits for all of them. */
  survey<Type extends Name<Contract>>(
    type: Type,
    ...[data, options = {}]: Saying<Contract, Type, [options?: RequestOptions]>
  ): Promise<SurveyResult<Response<Contract, Type>>[]> {
    const name = eventName(type);
    return survey(this.sockets, (socket) => this.#ask(socket, name, data, options)) as Promise<
      SurveyResult<Response<Contract, Type>>[]
    >;
  }

  /** Milliseconds to every client and back. */
  ping(options: RequestOptions = {}): Promise<SurveyResult<number>[]> {
    return surveyTimes(this.sockets, (socket) => this.#ask(socket, PING, undefined, options));
  }

  /**
   * Answers the clients' requests of a type; what `handler` throws goes back as an error.
   * @param options `input`: a Standard Schema that the data must fit
   */
  handle<Type extends Name<Contract>>(
    type: Type,
    handler: RequestHandler<Payload<Contract, Type>, Response<Contract, Type>, PeerSocket>,
  ): this;
  handle<Type extends Name<Contract>, Input = Payload<Contract, Type>>(
    type: Type,
    options: HandleOptions<Input>,
    handler: RequestHandler<Input, Response<Contract, Type>, PeerSocket>,
  ): this;
  handle(type: string, ...rest: unknown[]): this {
    this.#answers.handlers.add(type, rest);
    return this;
  }

  /** Calls `handler` with what clients, or this server, publish under topics or patterns (see `Client.subscribe`). */
  subscribe(topics: TopicNames, handler: TopicHandler): Promise<void> {
    return promised(() => this.#subscribers.addHandler(topics, handler));
  }

  /** Ends a handler's subscription, or all of them where none is named. */
  unsubscribe(topics: TopicNames, handler?: TopicHandler): Promise<void> {
    return promised(() => this.#subscribers.removeHandler(topics, handler));
  }

  /** Sends a message to the subscribers of a topic, and to nobody where there are none. */
  publish(topic: string, data?: unknown): this {
    const connections = this.#subscribers.publish(topic, data);
    if (connections.length > 0) this.sendAll({ type: MESSAGE, data: { topic, data } }, connections);
    return this;
  }

  /** Ends one client's connection: open requests and what is left first, then, with a reason, the bye. */
  close(socket: Socket, reason?: unknown, reconnect = false): void {
    const connection = this.connections.get(socket);
    connection?.whenIdle(() => connection.end(reason === undefined ? undefined : { reason, reconnect }));
  }

  protected override take(packet: Packet, connection: Connection): void {
    const { type, data, id } = packet;
    const socket: PeerSocket = connection.socket;
    if (isControl(type) && !connection.dialect.plain) this.#control(packet, connection);
    else if (id !== undefined) {
      if (connection.leaving) connection.answer(type, id, undefined, closedError('the server'));
      else this.#answers.take(packet, id, connection);
    } else if (RESERVED.has(type) && !this.config.allowReservedEvents)
      this.report(reservedError(type), socket);
    else {
      if (this.config.identifyPeer) identify(socket, data);
      if (this.config.logPayloads) this.log('received', type, data);
      this.dispatch(type, data, socket);
    }
  }

  protected override greet(hello: Hello, connection: Connection): void {
    const { session, retries } = hello;
    if (retries === true && typeof session === 'string') this.#answers.enter(session, connection);
    if (connection.greeted) return;
    connection.greeted = true;
    const agreement = agreed(hello);
    const welcome: Welcome = { id: this.nameOf(hello, connection) };
    if (agreement.codec !== 'json') welcome.codec = agreement.codec;
    if (agreement.compress) welcome.compress = true;
    connection.send({ type: WELCOME, data: welcome });
    connection.become(connection.dialect.agree(agreement, this.config));
  }

  /** The id that a client is told: the one it had before, where it says so. */
  protected nameOf({ session }: Hello, _connection: Connection): string {
    return typeof session === 'string' ? session : nodeCrypto().randomUUID();
  }

  protected override began(connection: Connection): void {
    if (connection.dialect.hearsAll) this.#subscribers.add('>', connection);
  }

  protected override ended(connection: Connection): void {
    this.#answers.leave(connection);
    this.#subscribers.leave(connection);
    addTraffic(this.#past, connection.stats);
  }

  /** Sends a packet to many, encoded once for each dialect whose bytes are the same for all. */
  protected sendAll(packet: Packet, connections: Iterable<Connection>): void {
    if (this.config.logPayloads) this.log('broadcasting', packet.type, packet.data);
    let dialect: Dialect | undefined;
    let encoded: Encoded = '';
    for (const connection of connections) {
      if (!connection.admitted || !connection.open) continue;
      if (!connection.dialect.shared || observed.packetOut.hasSubscribers) {
        connection.send(packet);
        continue;
      }
      if (connection.dialect !== dialect) {
        dialect = connection.dialect;
        encoded = dialect.encode(packet);
      }
      connection.write(encoded);
    }
  }

  #packet(type: unknown, data: unknown): Packet {
    if (this.config.rawBuffer) return { type: 'data', data: type };
    return { type: eventName(type), data };
  }

  #ask(socket: Socket, type: string, data: unknown, options: RequestOptions): Promise<unknown> {
    const connection = this.connections.get(socket);
    if (!connection?.admitted || !connection.open) {
      const message = `The request ${type} was not sent: the client is gone; ask the sockets that 'connect' gave.`;
      return quiet(Promise.reject(new IPCError('ERR_IPC_DISCONNECTED', message)));
    }
    return quiet(connection.requests.ask(type, data, options.timeout ?? this.config.requestTimeout, options));
  }

  #control(packet: Packet, connection: Connection): void {
    const { type, data, id } = packet;
    if (type === PUBLISH) this.#publish(packet, connection);
    else if (type === HELLO) this.greet((data ?? {}) as Hello, connection);
    else if (type === SUBSCRIBE || type === UNSUBSCRIBE) this.#listen(packet, connection);
    else if (type !== BYE) {
      const error = new IPCError(
        'ERR_IPC_PROTOCOL',
        `A client sent ${type}, which is not for servers; it is ignored.`,
      );
      if (id === undefined) this.report(error, connection.socket);
      else connection.answer(type, id, undefined, error);
    }
  }

  #listen({ type, data, id }: Packet, connection: Connection): void {
    let fault: unknown;
    try {
      if (type === SUBSCRIBE) this.#subscribers.add(data, connection);
      else this.#subscribers.remove(data, connection);
    } catch (error) {
      fault = error;
    }
    if (id !== undefined) connection.answer(type, id, undefined, fault);
    else if (fault !== undefined) this.report(fault as IPCError, connection.socket);
  }

  #publish({ type, data, id }: Packet, connection: Connection): void {
    const message = data as TopicMessage | undefined;
    let fault: IPCError | undefined;
    try {
      this.publish(message?.topic as string, message?.data);
    } catch (error) {
      const what = `A client's publish was ignored: ${messageOf(error)}`;
      fault = new IPCError('ERR_IPC_PROTOCOL', what, { cause: error });
    }
    if (id !== undefined) connection.answer(type, id, undefined, fault);
    else if (fault !== undefined) this.report(fault, connection.socket);
  }
}
