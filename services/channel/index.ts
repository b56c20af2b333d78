import { IPCError } from '../../entities/errors.js';
import type { BodyItem, Name, Payload, Responding, Untyped } from '../../entities/events.js';
import { inspect } from '../../entities/inspect.js';
import { LONGEST_TIMER } from '../../entities/limits.js';
import {
  eventName,
  MESSAGE,
  type Meta,
  metaOf,
  type Packet,
  type PacketId,
  type TopicMessage,
  toPacketError,
  withMeta,
} from '../../entities/packet.js';
import {
  CANCEL,
  type CallReference,
  CREDIT,
  type Credit,
  isAboutStream,
  STREAM,
} from '../../entities/stream.js';
import { checkOptions, checkTimeout, refuseArgument } from '../../entities/suggest.js';
import { parseJSON } from '../../lib/codecs/json.js';
import { Calls } from '../../lib/conversations/calls.js';
import type { HandleOptions, HandlersOwner, RequestHandler } from '../../lib/conversations/handlers.js';
import type { ItemStream } from '../../lib/conversations/item-stream.js';
import { checkRequestOptions } from '../../lib/conversations/request-options.js';
import { Responder } from '../../lib/conversations/responder.js';
import {
  callTopics,
  checkHandler,
  checkTopic,
  patternsOf,
  type TopicHandler,
  type TopicNames,
  Topics,
} from '../../lib/conversations/topics.js';
import { Emitter } from '../../lib/emitter.js';
import { type Interceptors, interceptors } from '../../lib/interceptors.js';
import { observed } from '../../lib/observe.js';
import { suppressUnhandled } from '../../lib/promises.js';
import { warn } from '../../lib/warnings.js';
import {
  type ChannelEvent,
  type ChannelHandler,
  type ChannelHandlerArguments,
  channelClosed,
  isOwnEvent,
  MOST_VALUES,
  messageName,
  ownEventReceived,
  protocolBroken,
  type Undelivered,
} from './events.js';
import { type ChannelInspection, type InspectOptions, inspectChannel } from './inspection.js';
import { intercepted, message } from './intercepted.js';
import { joinLocally } from './local.js';
import { MemberConnections } from './member-connections.js';
import type { PendingMessage } from './member-queue.js';
import type { Member } from './members.js';
import { joinOverNats } from './nats.js';
import { type ChannelOptions, type Settings, settings } from './options.js';
import type { Audience } from './outgoing.js';
import { Participant } from './participant.js';
import { type AskOptions, type MemberStreamOptions, Receiver, type Sender } from './receiver.js';

export { IPCError } from '../../entities/errors.js';
export type {
  ChannelEvent,
  ChannelEvents,
  ChannelHandler,
  ChannelHandlerArguments,
  Undelivered,
} from './events.js';
export type { ChannelInspection, InspectOptions, MemberInspection } from './inspection.js';
export type { NatsOptions } from './nats-client.js';
export type { ChannelOptions } from './options.js';
export { type AskOptions, type MemberStreamOptions, Receiver, Receiver as Message } from './receiver.js';

/** A handler of requests: it returns the response, or throws to refuse. `sender` is the number of the requesting member. */
type Answer<Contract, Type, Input> = RequestHandler<
  Input,
  Responding<Contract, Type>,
  number,
  BodyItem<Contract, Type>
>;

const CLOSE_TIMEOUT = 5000;

/** An entry of {@link Channel.members}. */
export interface ChannelMember {
  /** The id of this run of the member; a member that is restarted gets another id. */
  readonly id: string;
  readonly number: number;
  readonly name: string | undefined;
  readonly group: string | undefined;
}

/** One run of a member: a {@link ChannelMember}, or an object with its id. */
export type Run = Pick<ChannelMember, 'id'>;

/**
 * A group of processes that find each other without a server of their own. Each is a member with a number, counted from 1.
 * The channel opens on first use, and then keeps the process running until it is closed.
 *
 * ```js
 * const channel = new Channel({ name: 'shop' });
 * channel.on('order', (sender, order) => channel.to(sender).emit('receipt', order.id));
 * channel.to('all').emit('order', { id: 7 });
 * ```
 */
export class Channel<Contract extends object = Untyped> implements AsyncDisposable {
  readonly #settings: Settings;
  readonly #participant: Participant;
  readonly #sender: Sender;
  readonly #emitter = new Emitter<Untyped, object, [sender: number]>(1, (error) =>
    this.#report(error as IPCError),
  );
  readonly #responder: Responder;
  readonly #interceptors: Interceptors;
  readonly #connections: MemberConnections;
  readonly #topics = new Topics<TopicHandler>();
  readonly #requests: Calls;
  /** The id of the run that works on each open request. */
  readonly #asked = new Map<PacketId, string>();
  /** The audience of each request that may be sent again. */
  readonly #retriable = new Map<PacketId, Audience>();
  #closing: Promise<void> | undefined;

  /**
   * @param owner for adapters that are built on a channel: how handlers are called
   * @throws IPCError ERR_IPC_CONFIG
   */
  constructor(options: ChannelOptions = {}, owner: HandlersOwner = {}) {
    this.#settings = settings(options);
    this.#responder = new Responder('channel', owner);
    this.#requests = new Calls('client', () => false, lostStream);
    this.#requests.onClosed = (id) => this.#closed(id);
    this.#requests.waitsFor = ({ id }) => (this.#asked.has(id) ? undefined : { for: 'a member to take it' });
    this.#participant = new Participant(
      this.#settings,
      this.#settings.nats === undefined ? joinLocally : joinOverNats,
      {
        opened: () => this.#emitter.trigger('connect'),
        hub: (number) => this.#emitter.trigger('hub', number),
        joined: ({ number, name, id }) => this.#emitter.trigger('join', number, name, id),
        left: (member) => this.#left(member),
        packet: (packet, from, number) => this.#receive(packet, from, number),
        handed: (request, { id }) => this.#handed(request, id),
        undelivered: (message, error) => this.#undelivered(message, error),
        published: (topic, data) => callTopics(this.#topics, topic, data),
        failed: (error) => this.#report(error),
      },
    );
    this.#connections = new MemberConnections(this.#participant.outgoing);
    this.#interceptors = owner.interceptors ?? interceptors;
    const sender: Sender = {
      send: (audience, event, data, meta) =>
        this.#send(audience, withMeta({ type: messageName(event, data), data }, meta)),
      deliver: (audience, event, data, meta) => this.#deliver(audience, event, data, meta),
      publish: (topic, data, meta) => this.#publish(topic, data, meta),
      request: (audience, event, data, options) => this.#ask(audience, event, data, options),
      stream: (audience, event, data, options) => this.#stream(audience, event, data, options),
    };
    this.#sender = intercepted(sender, this.#interceptors);
    if (observed.instance.hasSubscribers) observed.instance.publish({ kind: 'channel', instance: this });
  }

  /** Whether this member is connected to the hub. Messages between members that know each other do not need the hub. */
  get connected(): boolean {
    return this.#participant.connected;
  }

  /** The number of this member, counted from 1; undefined before `connect` and after `disconnect`. */
  get pid(): number | undefined {
    return this.#participant.number;
  }

  /** The number of the member that hosts the hub; undefined while there is none. */
  get hub(): number | undefined {
    return this.#participant.hub;
  }

  /** The unique id of this run of the member. */
  get id(): string {
    return this.#participant.id;
  }

  /** All members of the channel, including this one, ordered by number. */
  get members(): ChannelMember[] {
    return this.#participant.members.all.map(({ id, number, name, group }) => ({ id, number, name, group }));
  }

  /** The numbers of all members of the channel, including this one, in ascending order. */
  get peers(): number[] {
    return this.#participant.members.all.map(({ number }) => number);
  }

  /** A snapshot for tools, as plain data: members, subscriptions, open requests and queues. It does not open the channel. */
  inspect(options: InspectOptions = {}): ChannelInspection {
    checkOptions(options, ['limit'], 'channel.inspect(...)');
    return inspectChannel(
      this.#settings,
      this.#participant,
      this.#topics.patterns,
      this.#requests.open,
      options,
    );
  }

  /** Starts to join the channel. Any other use of the channel does so, too. */
  open(): void {
    this.#participant.open();
  }

  /** Keeps the process running while the channel is open. This is the default; see {@link unref}. */
  ref(): this {
    this.#participant.handles.ref();
    return this;
  }

  /**
   * Lets the process exit while the channel is open. Messages that are still queued at the exit are lost. It has no effect
   * over NATS, whose connection keeps the process running.
   */
  unref(): this {
    this.#participant.handles.unref();
    return this;
  }

  /**
   * Resolves when the channel is open. No message is delivered before the code that awaits it has run.
   * @throws IPCError (rejects) ERR_IPC_ADDRESS if the directory is not safe, ERR_IPC_IN_USE if another member has the name,
   * ERR_IPC_CLOSED
   */
  ready(): Promise<this> {
    return suppressUnhandled(this.#participant.ready().then(() => this));
  }

  /**
   * Calls `handler` for each event. Lifecycle events have their own arguments; members' events have the sender's number and
   * the data. `'*'` matches every event and passes its name first.
   * @param options `input`: a Standard Schema for the data, which must be a single value. The handler receives the schema's
   * output. Data that does not match is reported as an `error` event (ERR_IPC_INVALID_INPUT, with the issues). An
   * asynchronous schema delays the handler.
   */
  on<Type extends ChannelEvent<Contract>, Input = never>(
    type: Type,
    ...args: ChannelHandlerArguments<Contract, Type, Input>
  ): this {
    this.#emitter.on(type, ...(args as [never]));
    this.#participant.open();
    return this;
  }

  /** Like {@link on}, for one event only. */
  once<Type extends ChannelEvent<Contract>, Input = never>(
    type: Type,
    ...args: ChannelHandlerArguments<Contract, Type, Input>
  ): this {
    this.#emitter.once(type, ...(args as [never]));
    this.#participant.open();
    return this;
  }

  /** Like {@link on}, with the behaviour of Node's EventEmitter. */
  addListener<Type extends ChannelEvent<Contract>, Input = never>(
    type: Type,
    ...args: ChannelHandlerArguments<Contract, Type, Input>
  ): this {
    return this.on(type, ...args);
  }

  /** Like {@link off}, for one handler. */
  removeListener<Type extends ChannelEvent<Contract>>(
    type: Type,
    handler: ChannelHandler<Contract, Type>,
  ): this {
    return this.off(type, handler);
  }

  /** Removes all handlers of an event, or of all events if none is named. */
  removeAllListeners(type?: ChannelEvent<Contract>): this {
    if (type === undefined) this.#emitter.reset();
    else this.#emitter.off(type, '*');
    return this;
  }

  /** How many handlers an event has. */
  listenerCount(type: ChannelEvent<Contract>): number {
    return this.#emitter.listenerCount(type);
  }

  /**
   * Calls the handlers of an event in this process, synchronously; nothing is sent.
   * @returns whether there were handlers
   */
  emit(type: ChannelEvent<Contract>, ...args: unknown[]): boolean {
    const heard = this.#emitter.listenerCount(type) + this.#emitter.listenerCount('*') > 0;
    this.#emitter.trigger(type, ...args);
    return heard;
  }

  /** Removes a handler or, if none is given, all handlers of the event. */
  off<Type extends ChannelEvent<Contract>>(type: Type, handler?: ChannelHandler<Contract, Type>): this {
    this.#emitter.off(type, (handler ?? '*') as never);
    return this;
  }

  /**
   * Selects the receivers of a message: a member's number or name, `group:NAME` for one member of a group, or `'all'` for
   * all members at the time of sending, including this one. A message to a number or name whose member is away waits; it
   * goes to the next member with that number or name. A message to one or several of {@link members} goes to exactly these
   * runs.
   * @throws IPCError ERR_IPC_ARGUMENT
   */
  to(receiver: number | string | Run | readonly Run[]): Receiver<Contract> {
    const audience = this.#audience(receiver);
    this.#participant.open();
    return new Receiver(this.#sender, audience);
  }

  /**
   * Handles requests of a type, and calls for streams if `handler` returns an async iterable. An error that it throws is
   * sent back.
   * @param options `input`, `items`, `output`: Standard Schemas of the data, of the items of a body, and of the response
   */
  handle<Type extends Name<Contract>>(
    type: Type,
    handler: Answer<Contract, Type, Payload<Contract, Type>>,
  ): this;
  handle<Type extends Name<Contract>, Input = Payload<Contract, Type>>(
    type: Type,
    options: HandleOptions<Input>,
    handler: Answer<Contract, Type, Input>,
  ): this;
  handle(type: string, ...rest: unknown[]): this {
    this.#responder.handlers.add(type, rest);
    this.#participant.open();
    return this;
  }

  /**
   * Calls `handler` with messages that members publish under matching topics. A topic consists of words separated by dots;
   * `*` matches any one word, a final `>` matches all remaining words. Resolves when all members know the subscription.
   */
  subscribe(topics: TopicNames, handler: TopicHandler, options?: never): Promise<void> {
    checkHandler(handler);
    refuseArgument(options, 'channel.subscribe(topics, handler)', 'call it with topics and a handler');
    for (const pattern of patternsOf(topics)) this.#topics.add(pattern, handler);
    return this.#participant.subscribe(this.#topics.patterns);
  }

  /** Ends a handler's subscriptions, or all subscriptions if none is given. Resolves when all members know. */
  unsubscribe(topics: TopicNames, handler?: TopicHandler): Promise<void> {
    for (const pattern of patternsOf(topics)) this.#topics.remove(pattern, handler);
    return this.#participant.subscribe(this.#topics.patterns);
  }

  /**
   * Sends a message to every member that subscribes to its topic, including this one. If there is no subscriber, nothing is
   * sent.
   * @returns as {@link Receiver.send}
   */
  publish(topic: string, data?: unknown, options?: never): boolean {
    refuseArgument(options, 'channel.publish(topic, data)', 'a message reaches every subscriber');
    checkTopic(topic);
    this.#participant.open();
    return this.#sender.publish(topic, data);
  }

  /**
   * Delivers all messages for members that are present, then leaves the channel for good. Until then the channel continues
   * to receive. Open requests are rejected, and streams end.
   */
  disconnect(): void {
    this.#endStreams();
    this.#requests.end(channelClosed());
    void this.close();
  }

  /**
   * Like {@link disconnect}, but first waits for the answers to open requests, and for the streams that this member reads
   * or responds with.
   * @param options `timeout`: how long to wait, in milliseconds. Default: 5000.
   * @returns resolves when the channel is closed
   */
  close(options: { timeout?: number | undefined } = {}): Promise<void> {
    checkOptions(options, ['timeout'], 'channel.close(...)');
    checkTimeout(options.timeout, 'channel.close(...)', 'which leaves at once');
    const timeout = Math.min(options.timeout ?? CLOSE_TIMEOUT, LONGEST_TIMER);
    this.#closing ??= this.#close(timeout);
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(timeout: number): Promise<void> {
    this.#connections.leaving = true;
    const idle = new Promise<void>((resolve) => {
      const check = () => {
        if (this.#requests.size === 0 && this.#connections.idle) resolve();
      };
      this.#requests.onIdle = check;
      this.#connections.onIdle = check;
      check();
    });
    await this.#participant.close(timeout, idle);
    this.#requests.end(channelClosed());
    this.#connections.end(this.#responder);
    this.#emitter.trigger('disconnect');
  }

  /** Ends the streams that this member reads or responds with, and tells the other sides. */
  #endStreams(): void {
    this.#requests.endStreams(channelClosed());
    this.#connections.end(this.#responder);
  }

  #audience(receiver: unknown): Audience {
    if (receiver === 'all') return () => this.#participant.members.all;
    if (typeof receiver === 'object' && receiver !== null) return { runs: runsOf(receiver) };
    if (typeof receiver === 'string' && receiver !== '') return receiver;
    if (Number.isSafeInteger(receiver) && (receiver as number) > 0) return receiver as number;
    const message = `to(${JSON.stringify(receiver)}) names no member; give its number, from 1, its name, 'group:NAME' or 'all'.`;
    throw new IPCError('ERR_IPC_ARGUMENT', message);
  }

  /** Passes a message on. If it cannot be accepted, reports an error and returns false. */
  #send(audience: Audience, packet: Packet): boolean {
    const { over } = this.#participant;
    if (over !== undefined) {
      this.#report(over);
      return false;
    }
    try {
      this.#participant.outgoing.send(audience, packet);
      return true;
    } catch (error) {
      if ((error as IPCError).code !== 'ERR_IPC_BACKPRESSURE') throw error;
      this.#report(error as IPCError);
      return false;
    }
  }

  #publish(topic: string, data: unknown, meta: Meta | undefined): boolean {
    const { members } = this.#participant;
    const packet = withMeta({ type: MESSAGE, data: { topic, data } }, meta);
    const taken = this.#send(() => members.subscribers(topic), packet);
    if (taken) this.#participant.publish(topic, data);
    return taken;
  }

  #deliver(audience: Audience, event: string, data: unknown[], meta: Meta | undefined): Promise<void> {
    return suppressUnhandled(
      new Promise((resolve, reject) => {
        const packet = withMeta({ type: messageName(event, data), data }, meta);
        const { over } = this.#participant;
        if (over !== undefined) throw over;
        this.#participant.outgoing.send(audience, packet, { left: 1, resolve, reject });
      }),
    );
  }

  #ask(audience: Audience, event: string, data: unknown, options: AskOptions): Promise<unknown> {
    checkRequestOptions(event, options);
    const { timeout = this.#settings.requestTimeout, signal, retries = 0, output, meta } = options;
    const send = (packet: Packet) => {
      if (retries > 0) this.#retriable.set(packet.id as PacketId, audience);
      return this.#call(audience, packet);
    };
    const asked = { signal, retries, output, meta };
    return this.#requests.ask(eventName(event), data, timeout, asked, send);
  }

  #stream(audience: Audience, event: string, data: unknown, options: MemberStreamOptions): ItemStream {
    const type = eventName(event);
    for (const key of ['resume', 'retries']) {
      if (!Object.hasOwn(options ?? {}, key)) continue;
      const message = `stream(${JSON.stringify(type)}, ...) of a channel has no option ${key}: its streams outlast lost connections.`;
      throw new IPCError('ERR_IPC_ARGUMENT', message);
    }
    const send = (packet: Packet) => this.#call(audience, packet);
    return this.#requests.stream(type, data, this.#settings.requestTimeout, options, undefined, send);
  }

  /** Sends a request, or opens a stream. */
  #call(audience: Audience, packet: Packet): boolean {
    if (typeof audience === 'function' || (typeof audience === 'object' && audience.runs.length !== 1)) {
      throw new IPCError('ERR_IPC_ARGUMENT', 'A request is for one member; all or several cannot be asked.');
    }
    const { over, outgoing } = this.#participant;
    if (over !== undefined) throw over;
    outgoing.send(audience, packet);
    return true;
  }

  #receive(packet: Packet, from: string, number: number): void {
    const { type, data, id, re } = packet;
    if (re !== undefined) this.#requests.settle(packet);
    else if (id !== undefined) this.#called(packet, id, from, number);
    else if (Array.isArray(data)) this.#heard(packet, number, data);
    else if (type === MESSAGE) this.#published(packet, number);
    else if (isAboutStream(packet)) this.#streamed(packet, from, number);
  }

  #heard(packet: Packet, number: number, data: unknown[]): void {
    const { receive } = this.#interceptors;
    const { type } = packet;
    if (isOwnEvent(type)) this.#report(ownEventReceived(type, number));
    else if (data.length > MOST_VALUES)
      this.#report(protocolBroken(number, `a message of ${data.length} values`));
    else if (receive === undefined) this.#emitter.trigger(type, number, ...data);
    else {
      const call = () => this.#emitter.trigger(type, number, ...data);
      receive(message('event', type, number, metaOf(packet)), call);
    }
  }

  #published(packet: Packet, number: number): void {
    const { topic, data } = (packet.data ?? {}) as Partial<TopicMessage>;
    if (typeof topic !== 'string') {
      this.#report(protocolBroken(number, 'a publication without a topic'));
      return;
    }
    const { receive } = this.#interceptors;
    const call = () => callTopics(this.#topics, topic, data);
    if (receive === undefined) call();
    else receive(message('topic', topic, number, metaOf(packet)), call);
  }

  #called(packet: Packet, id: PacketId, from: string, number: number): void {
    const connection = this.#connections.to(from, number);
    if (packet.type !== STREAM) {
      this.#responder.take(packet, id, connection);
      return;
    }
    try {
      this.#responder.open(packet, id, connection);
    } catch (error) {
      connection.answer(STREAM, id, undefined, error);
    }
  }

  /** Processes a packet of a stream. On a protocol violation, that stream ends on both sides. */
  #streamed(packet: Packet, from: string, number: number): void {
    const { id, re } = packet.data as CallReference;
    const connection = this.#connections.to(from, number);
    try {
      if (re === undefined) this.#responder.about(packet, connection);
      else if (this.#isFrom(re, from)) this.#requests.take(packet, connection);
      else if (isAcceptance(packet)) connection.send({ type: CANCEL, data: { id: re } });
    } catch (cause) {
      const message = `Member ${number} broke the rules of streams; the stream has ended.`;
      const error = new IPCError('ERR_IPC_PROTOCOL', message, { cause });
      this.#report(error);
      if (re === undefined) connection.streams?.byId.get(id as number)?.stop();
      else {
        connection.send({ type: CANCEL, data: { id: re } });
        this.#requests.settle({ type: STREAM, data: undefined, re, error: toPacketError(error) });
      }
    }
  }

  /** Whether a run may respond to an open call. The first run that responds becomes the call's only responder. */
  #isFrom(call: number, run: string): boolean {
    if (!this.#requests.has(call)) return false;
    const by = this.#asked.get(call);
    if (by === undefined) this.#asked.set(call, run);
    return by === undefined || by === run;
  }

  #handed(request: PacketId, by: string): void {
    if (this.#requests.has(request) && !this.#asked.has(request)) this.#asked.set(request, by);
  }

  /** A request or stream has ended, successfully or not. */
  #closed(id: PacketId): void {
    this.#asked.delete(id);
    this.#retriable.delete(id);
    this.#participant.outgoing.settled(id);
  }

  #left({ id, number, name }: Member): void {
    const gone = new IPCError('ERR_IPC_DISCONNECTED', `Member ${number} left before it answered; ask again.`);
    this.#requests.lost(gone, (request) => this.#asked.get(request) === id);
    for (const packet of this.#requests.takeLost()) this.#askAgain(packet);
    this.#connections.left(id, this.#responder);
    this.#emitter.trigger('leave', number, name, id);
  }

  #askAgain(packet: Packet): void {
    const id = packet.id as PacketId;
    this.#asked.delete(id);
    try {
      this.#participant.outgoing.send(this.#retriable.get(id) as Audience, packet);
    } catch (error) {
      this.#requests.settle({ type: packet.type, data: undefined, re: id, error: toPacketError(error) });
    }
  }

  #undelivered({ to, body, request, delivery }: PendingMessage, error: IPCError): void {
    const { type, data } = parseJSON(body) as Packet;
    if (request !== undefined) {
      this.#requests.settle({ type, data, re: request, error: toPacketError(error) });
      return;
    }
    const { topic, data: published } = data as TopicMessage;
    const message: Undelivered =
      type === MESSAGE
        ? { to, event: topic, data: [published], error }
        : { to, event: type, data: data as unknown[], error };
    const heard = this.#emitter.listenerCount('undelivered') > 0;
    this.#emitter.trigger('undelivered', message);
    if (!heard && delivery === undefined) this.#report(error);
  }

  /** Reports an error; without a handler it becomes a process warning. */
  #report(error: IPCError): void {
    if (this.#emitter.listenerCount('error') === 0) warn(error);
    this.#emitter.trigger('error', error);
  }
}

/** @throws IPCError ERR_IPC_ARGUMENT */
function runsOf(receiver: object): string[] {
  return [receiver].flat().map((run) => {
    const { id } = (run ?? {}) as Partial<Run>;
    if (typeof id === 'string' && id !== '') return id;
    const message = `${inspect(run, { depth: 0 })} is not a member; give one or several of channel.members.`;
    throw new IPCError('ERR_IPC_ARGUMENT', message);
  });
}

/** Whether a packet accepts a call for a stream: the first packet of the responder, before any credit. */
function isAcceptance({ type, data }: Packet): boolean {
  const { seq, items, bytes } = data as Credit;
  return type === CREDIT && seq === 0 && items === 0 && bytes === 0;
}

function lostStream(type: string, items: number, cause: IPCError): IPCError {
  const message = `The member left after ${items} items of the stream ${type}; call for it again.`;
  return new IPCError('ERR_IPC_DISCONNECTED', message, { cause });
}

/**
 * The default channel. It opens on any access to it, since in the original API a process becomes a member by importing the
 * module, and a program that only asks whether it is connected expects to be a member. Importing the module alone does not
 * open it, since the program may only use {@link Channel}.
 */
class DefaultChannel extends Channel {
  override get connected(): boolean {
    this.open();
    return super.connected;
  }

  override get pid(): number | undefined {
    this.open();
    return super.pid;
  }

  override get hub(): number | undefined {
    this.open();
    return super.hub;
  }

  override get peers(): number[] {
    this.open();
    return super.peers;
  }
}

/** The default channel, shared by all processes of this user with the same entry file. */
export const channel: Channel = new DefaultChannel();

export default channel;
