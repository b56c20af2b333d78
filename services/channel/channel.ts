import type { IPCError } from '../../entities/errors.js';
import type { BodyItem, Name, Payload, Responding, Untyped } from '../../entities/events.js';
import { LONGEST_TIMER } from '../../entities/limits.js';
import { MESSAGE, type Packet } from '../../entities/packet.js';
import { isAboutStream } from '../../entities/stream.js';
import { checkOptions, checkTimeout, refuseArgument } from '../../entities/suggest.js';
import type { HandleOptions, HandlersOwner, RequestHandler } from '../../lib/conversations/handlers.js';
import {
  callTopics,
  checkHandler,
  checkTopic,
  patternsOf,
  type TopicHandler,
  type TopicNames,
} from '../../lib/conversations/topics.js';
import { checkInspectOptions } from '../../lib/inspection.js';
import { interceptors } from '../../lib/interceptors.js';
import { observed } from '../../lib/observe.js';
import { traced } from '../../lib/promises.js';
import { audienceOf, type Run } from './audience.js';
import { Conversations } from './conversations.js';
import {
  type ChannelEvent,
  type ChannelHandler,
  type ChannelHandlerArguments,
  channelClosed,
} from './events.js';
import { type ChannelInspection, type InspectOptions, inspectChannel } from './inspection.js';
import { intercepted } from './intercepted.js';
import { Listeners } from './listeners.js';
import { joinLocally } from './local.js';
import type { PendingMessage } from './member-queue.js';
import type { Member } from './members.js';
import { MessageSender } from './message-sender.js';
import { joinOverNats } from './nats.js';
import { type ChannelOptions, type Settings, settings } from './options.js';
import { Participant } from './participant.js';
import { Receiver, type Sender } from './receiver.js';

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
  /** Its number. */
  readonly number: number;
  /** Its own name, if it has one. */
  readonly name: string | undefined;
  /** Its group, if it has one. */
  readonly group: string | undefined;
}

/**
 * A group of processes that find each other without a server of their own. Each is a member with a number, counted from 1.
 * The channel opens on first use, and then keeps the process running until it is closed.
 * @example
 * const channel = new Channel({ name: 'shop' });
 * channel.on('order', (sender, order) => channel.to(sender).emit('receipt', order.id));
 * channel.to('all').emit('order', { id: 7 });
 */
export class Channel<Contract extends object = Untyped> implements AsyncDisposable {
  readonly #settings: Settings;
  readonly #participant: Participant;
  readonly #conversations: Conversations;
  readonly #listeners: Listeners;
  readonly #sender: Sender;
  #closing: Promise<void> | undefined;

  /**
   * @param owner for adapters that are built on a channel: how handlers are called
   * @throws IPCError ERR_IPC_CONFIG
   */
  constructor(options: ChannelOptions = {}, owner: HandlersOwner = {}) {
    const hooks = owner.interceptors ?? interceptors;
    this.#settings = settings(options);
    const { nats, requestTimeout } = this.#settings;
    const listeners = new Listeners(hooks, this);
    const { events, topics } = listeners;
    const failed = (error: IPCError) => listeners.report(error);
    this.#listeners = listeners;
    this.#participant = new Participant(this.#settings, nats === undefined ? joinLocally : joinOverNats, {
      opened: () => events.trigger('connect'),
      hub: (number) => events.trigger('hub', number),
      joined: ({ number, name, id }) => events.trigger('join', number, name, id),
      left: (member) => this.#left(member),
      packet: (packet, from, number) => this.#receive(packet, from, number),
      handed: (request, { id }) => this.#conversations.calls.handed(request, id),
      undelivered: (message, error) => this.#undelivered(message, error),
      published: (topic, data) => callTopics(topics, topic, data),
      failed,
    });
    this.#conversations = new Conversations(this.#participant, requestTimeout, owner, failed);
    this.#sender = intercepted(
      new MessageSender(this.#participant, this.#conversations.calls, failed),
      hooks,
    );
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

  /**
   * A snapshot for tools, as plain data: members, subscriptions, open requests and queues. It does not open the channel.
   * @param options `limit`: the maximum number of entries of each list; default: 100
   * @throws IPCError ERR_IPC_ARGUMENT if an option is unknown or invalid
   */
  inspect(options: InspectOptions = {}): ChannelInspection {
    checkInspectOptions(options, 'channel.inspect(...)');
    return inspectChannel(
      this.#settings,
      this.#participant,
      this.#listeners.topics.patterns,
      this.#conversations.calls.open,
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
    return traced(this.#participant.ready().then(() => this));
  }

  /**
   * Calls `handler` for each event. Lifecycle events have their own arguments; members' events have the sender's number and
   * the data. `'*'` matches every event and passes its name first.
   * @param type the name of the event, or `'*'`
   * @param handler the function to call
   * @param options `input`: a Standard Schema for the data, which must be a single value. The handler receives the schema's
   * output. Data that does not match is reported as an `error` event (ERR_IPC_INVALID_INPUT, with the issues). An
   * asynchronous schema delays the handler.
   * @throws IPCError ERR_IPC_ARGUMENT if the name, the handler or an option is invalid
   */
  on<Type extends ChannelEvent<Contract>, Input = never>(
    type: Type,
    ...args: ChannelHandlerArguments<Contract, Type, Input>
  ): this {
    this.#listeners.events.on(type, ...(args as [never]));
    this.#participant.open();
    return this;
  }

  /**
   * Like {@link on}, for one event only.
   * @throws IPCError ERR_IPC_ARGUMENT if the name, the handler or an option is invalid
   */
  once<Type extends ChannelEvent<Contract>, Input = never>(
    type: Type,
    ...args: ChannelHandlerArguments<Contract, Type, Input>
  ): this {
    this.#listeners.events.once(type, ...(args as [never]));
    this.#participant.open();
    return this;
  }

  /**
   * Like {@link on}, with the behaviour of Node's EventEmitter.
   * @throws IPCError ERR_IPC_ARGUMENT if the name, the handler or an option is invalid
   */
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

  /**
   * Like {@link on}, with the handler before those that the event has.
   * @throws IPCError ERR_IPC_ARGUMENT if the name, the handler or an option is invalid
   */
  prependListener<Type extends ChannelEvent<Contract>, Input = never>(
    type: Type,
    ...args: ChannelHandlerArguments<Contract, Type, Input>
  ): this {
    this.#listeners.events.prepend(type, args, false);
    this.#participant.open();
    return this;
  }

  /**
   * Like {@link once}, with the handler before those that the event has.
   * @throws IPCError ERR_IPC_ARGUMENT if the name, the handler or an option is invalid
   */
  prependOnceListener<Type extends ChannelEvent<Contract>, Input = never>(
    type: Type,
    ...args: ChannelHandlerArguments<Contract, Type, Input>
  ): this {
    this.#listeners.events.prepend(type, args, true);
    this.#participant.open();
    return this;
  }

  /** Removes all handlers of an event, or of all events if none is named. */
  removeAllListeners(type?: ChannelEvent<Contract>): this {
    if (type === undefined) this.#listeners.events.reset();
    else this.#listeners.events.off(type, '*');
    return this;
  }

  /** The names of the events that have handlers. */
  eventNames(): string[] {
    return Object.keys(this.#listeners.events.list);
  }

  /** A copy of the handlers of an event. */
  listeners<Type extends ChannelEvent<Contract>>(type: Type): ChannelHandler<Contract, Type>[] {
    return (this.#listeners.events.list[type] ?? []) as ChannelHandler<Contract, Type>[];
  }

  /** The same as {@link listeners}: the functions that were given, without wrappers. */
  rawListeners<Type extends ChannelEvent<Contract>>(type: Type): ChannelHandler<Contract, Type>[] {
    return this.listeners(type);
  }

  /** Does nothing: an event may have any number of handlers. It exists because Node's EventEmitter has it. */
  setMaxListeners(_count: number): this {
    return this;
  }

  /** Always 0, which stands for no limit. */
  getMaxListeners(): number {
    return 0;
  }

  /** How many handlers an event has. */
  listenerCount(type: ChannelEvent<Contract>): number {
    return this.#listeners.events.listenerCount(type);
  }

  /**
   * Calls the handlers of an event in this process, synchronously; nothing is sent.
   * @returns whether there were handlers
   */
  emit(type: ChannelEvent<Contract>, ...args: unknown[]): boolean {
    const heard = this.#listeners.events.listenerCount(type) + this.#listeners.events.listenerCount('*') > 0;
    this.#listeners.events.trigger(type, ...args);
    return heard;
  }

  /**
   * Removes a handler or, if none is given, all handlers of the event.
   * @param type the name of the event, or `'*'`
   * @param handler the handler to remove
   */
  off<Type extends ChannelEvent<Contract>>(type: Type, handler?: ChannelHandler<Contract, Type>): this {
    this.#listeners.events.off(type, (handler ?? '*') as never);
    return this;
  }

  /**
   * Selects the receivers of a message: a member's number or name, `group:NAME` for one member of a group, or `'all'` for
   * all members at the time of sending, including this one. A message to a number or name whose member is away waits; it
   * goes to the next member with that number or name. A message to one or several of {@link members} goes to exactly these
   * runs.
   * @param receiver a number, a name, `group:NAME`, `'all'`, or one or several of {@link members}
   * @throws IPCError ERR_IPC_ARGUMENT
   * @example
   * channel.to('all').emit('price', 25);
   * channel.to('group:resize').emit('image', 'cat.png');
   */
  to(receiver: number | string | Run | readonly Run[]): Receiver<Contract> {
    const audience = audienceOf(receiver, this.#participant.members);
    this.#participant.open();
    return new Receiver(this.#sender, audience);
  }

  /**
   * Handles requests of a type, and calls for streams if `handler` returns an async iterable. An error that it throws is
   * sent back.
   * @param type the name of the request or stream
   * @param handler gets the data, the sender's number, and a context with `signal`, `body` and `meta`
   * @param options `input`, `items`, `output`: Standard Schemas of the data, of the items of a body, and of the response
   * @throws IPCError ERR_IPC_ARGUMENT
   * @example
   * channel.handle('invoice', (order) => ({ order: order.id }));
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
    this.#conversations.handlers.add(type, rest);
    this.#participant.open();
    return this;
  }

  /**
   * Calls `handler` with messages that members publish under matching topics. A topic consists of words separated by dots;
   * `*` matches any one word, a final `>` matches all remaining words. Resolves when all members know the subscription.
   * @param topics a topic or pattern, or an array of them
   * @param handler gets the data and the topic of each message
   * @throws IPCError ERR_IPC_ARGUMENT without a handler, or if a topic is invalid; (rejects) ERR_IPC_CLOSED
   * @example
   * await channel.subscribe('news.>', (data, topic) => console.log(topic, data));
   */
  subscribe(topics: TopicNames, handler: TopicHandler, options?: never): Promise<void> {
    checkHandler(handler);
    refuseArgument(options, 'channel.subscribe(topics, handler)', 'call it with topics and a handler');
    for (const pattern of patternsOf(topics)) this.#listeners.topics.add(pattern, handler);
    return this.#participant.subscribe(this.#listeners.topics.patterns);
  }

  /**
   * Ends a handler's subscriptions to topics or, if none is given, those of all handlers. Resolves when all members know.
   * @param topics the topics or patterns, as given to {@link subscribe}
   * @param handler the handler to remove
   * @throws IPCError ERR_IPC_ARGUMENT if a topic is invalid; (rejects) ERR_IPC_CLOSED
   */
  unsubscribe(topics: TopicNames, handler?: TopicHandler): Promise<void> {
    for (const pattern of patternsOf(topics)) this.#listeners.topics.remove(pattern, handler);
    return this.#participant.subscribe(this.#listeners.topics.patterns);
  }

  /**
   * Sends a message to every member that subscribes to its topic, including this one. If there is no subscriber, nothing is
   * sent.
   * @param topic the topic, which must not be a pattern
   * @param data the payload
   * @returns as {@link Receiver.send}
   * @throws IPCError ERR_IPC_ARGUMENT if the topic is invalid; ERR_IPC_ENCODE, ERR_IPC_TOO_DEEP or ERR_IPC_TOO_LARGE if the
   * data cannot be sent
   * @example
   * channel.publish('news.sports', { score: '3:1' });
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
    this.#conversations.abort(channelClosed());
    void this.close();
  }

  /**
   * Like {@link disconnect}, but first waits for the answers to open requests, for the handlers that this member runs for
   * others, and for the streams that it reads or responds with.
   * @param options `timeout`: how long to wait at most for all of this together, in milliseconds. Default: 5000.
   * @returns resolves when the channel is closed; if others do not answer, up to one second after the timeout
   * @throws IPCError ERR_IPC_ARGUMENT if an option is invalid
   * @example
   * await channel.close({ timeout: 1000 });
   */
  close(options: { timeout?: number | undefined } = {}): Promise<void> {
    checkOptions(options, ['timeout'], 'channel.close(...)');
    checkTimeout(options.timeout, 'channel.close(...)', 'which leaves at once');
    const timeout = Math.min(options.timeout ?? CLOSE_TIMEOUT, LONGEST_TIMER);
    this.#closing ??= this.#close(timeout);
    return this.#closing;
  }

  /** Calls {@link close} at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(timeout: number): Promise<void> {
    await this.#participant.close(timeout, this.#conversations.finish());
    this.#conversations.end(channelClosed());
    this.#listeners.events.trigger('disconnect');
  }

  #receive(packet: Packet, from: string, number: number): void {
    const { type, data, id, re } = packet;
    if (re !== undefined) this.#conversations.calls.settle(packet);
    else if (id !== undefined) this.#conversations.called(packet, id, from, number);
    else if (Array.isArray(data)) this.#listeners.event(packet, number, data);
    else if (type === MESSAGE) this.#listeners.publication(packet, number);
    else if (isAboutStream(packet)) this.#conversations.streamed(packet, from, number);
  }

  #left({ id, number, name }: Member): void {
    this.#conversations.left(id, number);
    this.#listeners.events.trigger('leave', number, name, id);
  }

  #undelivered(message: PendingMessage, error: IPCError): void {
    const { request } = message;
    if (request === undefined) this.#listeners.undelivered(message, error);
    else this.#conversations.calls.fail(request, error);
  }
}
