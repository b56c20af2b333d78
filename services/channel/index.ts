import { IPCError } from '../../entities/errors.js';
import type { Name, Payload, Response, Untyped } from '../../entities/events.js';
import {
  eventName,
  MESSAGE,
  type Packet,
  type PacketId,
  type TopicMessage,
  toPacketError,
} from '../../entities/packet.js';
import { parseJSON } from '../../lib/codecs/json.js';
import { type HandleOptions, Handlers, type RequestHandler } from '../../lib/conversations/handlers.js';
import { Requests } from '../../lib/conversations/requests.js';
import {
  callTopic,
  checkTopic,
  patternsOf,
  type TopicHandler,
  type TopicNames,
  Topics,
} from '../../lib/conversations/topics.js';
import { Emitter } from '../../lib/emitter.js';
import { suppressUnhandled } from '../../lib/promises.js';
import {
  type ChannelEvent,
  type ChannelHandler,
  channelClosed,
  messageName,
  type Undelivered,
} from './events.js';
import type { Letter } from './hub.js';
import type { Audience } from './mail.js';
import { type ChannelOptions, type Settings, settings } from './options.js';
import { Peer } from './peer.js';
import { type AskOptions, Receiver } from './receiver.js';
import type { Member } from './roster.js';
import type { Parcel } from './stream.js';

export { IPCError } from '../../entities/errors.js';
export type { ChannelEvent, ChannelEvents, ChannelHandler, Undelivered } from './events.js';
export type { ChannelOptions } from './options.js';
export type { AskOptions, Receiver } from './receiver.js';

/** Answers a request: with what it returns, or refuses with what it throws. `sender` is the number of who asks. */
type Answer<Contract, Type, Input> = RequestHandler<Input, Response<Contract, Type>, number>;

const CLOSE_TIMEOUT = 5000;

/**
 * Processes that find each other without a server of their own, each a peer with a number from 1. The channel opens when it
 * is first used, and from then on keeps the process running until it is closed.
 *
 * ```js
 * const channel = new Channel({ name: 'shop' });
 * channel.on('order', (sender, order) => channel.to(sender).emit('receipt', order.id));
 * channel.to('all').emit('order', { id: 7 });
 * ```
 */
export class Channel<Contract extends object = Untyped> implements AsyncDisposable {
  readonly #settings: Settings;
  readonly #peer: Peer;
  readonly #emitter = new Emitter<Untyped, object, [sender: number]>();
  readonly #handlers = new Handlers();
  readonly #topics = new Topics<TopicHandler>();
  readonly #requests: Requests;
  /** The peers at work on open requests, by the ids of their runs. */
  readonly #asked = new Map<PacketId, string>();
  #closing: Promise<void> | undefined;

  /** @throws IPCError ERR_IPC_CONFIG */
  constructor(options: ChannelOptions = {}) {
    this.#settings = settings(options);
    this.#requests = new Requests('client', () => false);
    this.#peer = new Peer(this.#settings, {
      opened: () => this.#emitter.trigger('connect'),
      hub: (number) => this.#emitter.trigger('hub', number),
      joined: ({ number, name }) => this.#emitter.trigger('join', number, name),
      left: (member) => this.#left(member),
      packet: (packet, letter) => this.#receive(packet, letter),
      handed: (request, { id }) => this.#handed(request, id),
      undelivered: (parcel, error) => this.#undelivered(parcel, error),
      failed: (error) => this.#report(error),
    });
  }

  /** Whether there is a hub just now. Messages sent meanwhile are held. */
  get connected(): boolean {
    return this.#peer.hub !== undefined;
  }

  /** This peer's number, from 1; undefined before `connect`, and after `disconnect`. */
  get pid(): number | undefined {
    return this.#peer.number;
  }

  /** The number of the peer that is the hub; undefined while there is none. */
  get hub(): number | undefined {
    return this.#peer.hub;
  }

  /** The numbers of all peers on the channel, this one's included, in ascending order. */
  get peers(): number[] {
    return this.#peer.roster.members.map(({ number }) => number);
  }

  /**
   * Resolves when the channel is open; messages come only after what awaits this has run.
   * @throws IPCError (rejects) ERR_IPC_ADDRESS where the directory is not safe, ERR_IPC_IN_USE where another peer has the
   * name, ERR_IPC_CLOSED
   */
  ready(): Promise<this> {
    return suppressUnhandled(this.#peer.ready().then(() => this));
  }

  /**
   * Calls `handler` for each event: a lifecycle event with its own arguments, what peers send with the sender's number and
   * the data. `'*'` hears everything, with the event's name first.
   */
  on<Type extends ChannelEvent<Contract>>(type: Type, handler: ChannelHandler<Contract, Type>): this {
    this.#emitter.on(type, handler as never);
    this.#peer.open();
    return this;
  }

  /** As {@link on}, for one event only. */
  once<Type extends ChannelEvent<Contract>>(type: Type, handler: ChannelHandler<Contract, Type>): this {
    this.#emitter.once(type, handler as never);
    this.#peer.open();
    return this;
  }

  /** Removes a handler; where none is named, all handlers of the event. */
  off<Type extends ChannelEvent<Contract>>(type: Type, handler?: ChannelHandler<Contract, Type>): this {
    this.#emitter.off(type, (handler ?? '*') as never);
    return this;
  }

  /**
   * Who a message is for: a peer's number or name, or all that are on the channel when it is sent, this one included. What
   * is for a peer that is away waits for it.
   * @throws IPCError ERR_IPC_ARGUMENT
   */
  to(receiver: number | string): Receiver<Contract> {
    const audience = this.#audience(receiver);
    this.#peer.open();
    return new Receiver({
      send: (event, data) => this.#post(audience, { type: messageName(event), data }),
      deliver: (event, data) => this.#deliver(audience, event, data),
      request: (event, data, options) => this.#ask(audience, event, data, options),
    });
  }

  /**
   * Answers the peers' requests of a type; what `handler` throws goes back as an error.
   * @param options `input`: a Standard Schema that the data must fit
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
    this.#handlers.add(type, rest);
    this.#peer.open();
    return this;
  }

  /**
   * Calls `handler` with what peers publish under topics: names with dots between the words, `*` for any one word, `>` at
   * the end for all the rest. Resolves when all peers know.
   */
  subscribe(topics: TopicNames, handler: TopicHandler): Promise<void> {
    for (const pattern of patternsOf(topics)) this.#topics.add(pattern, handler);
    return this.#peer.listen(this.#topics.patterns);
  }

  /** Ends a handler's subscription, or all of them where none is named. Resolves when all peers know. */
  unsubscribe(topics: TopicNames, handler?: TopicHandler): Promise<void> {
    for (const pattern of patternsOf(topics)) this.#topics.remove(pattern, handler);
    return this.#peer.listen(this.#topics.patterns);
  }

  /**
   * Sends a message to every peer that subscribes to its topic, this one included, and to nobody where there is none.
   * @returns as {@link Receiver.send}
   */
  publish(topic: string, data?: unknown): boolean {
    const { roster } = this.#peer;
    checkTopic(topic);
    this.#peer.open();
    return this.#post(() => roster.listeners(topic), { type: MESSAGE, data: { topic, data } });
  }

  /**
   * Delivers what was sent to peers that are there, then leaves the channel for good. Until it has left it goes on receiving.
   * Open requests are rejected.
   */
  disconnect(): void {
    this.#requests.end(channelClosed());
    void this.close();
  }

  /**
   * As {@link disconnect}, but waits for the answers to open requests.
   * @param options `timeout`: milliseconds until it leaves whatever is left. Default: 5000.
   * @returns when it has left
   */
  close({ timeout = CLOSE_TIMEOUT }: { timeout?: number } = {}): Promise<void> {
    this.#closing ??= this.#close(timeout);
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(timeout: number): Promise<void> {
    const idle = new Promise<void>((resolve) => {
      this.#requests.onIdle = resolve;
      if (this.#requests.size === 0) resolve();
    });
    await this.#peer.close(timeout, idle);
    this.#requests.end(channelClosed());
    this.#emitter.trigger('disconnect');
  }

  #audience(receiver: unknown): Audience {
    if (receiver === 'all') return () => this.#peer.roster.members;
    if (typeof receiver === 'string' && receiver !== '') return receiver;
    if (Number.isSafeInteger(receiver) && (receiver as number) > 0) return receiver as number;
    const message = `to(${JSON.stringify(receiver)}) names no peer; give its number, from 1, its name, or 'all'.`;
    throw new IPCError('ERR_IPC_ARGUMENT', message);
  }

  /** Hands a message to the mail; false, and an error, where it cannot take it. */
  #post(audience: Audience, packet: Packet): boolean {
    const { over } = this.#peer;
    if (over !== undefined) {
      this.#report(over);
      return false;
    }
    try {
      this.#peer.mail.post(audience, packet);
      return true;
    } catch (error) {
      if ((error as IPCError).code !== 'ERR_IPC_BACKPRESSURE') throw error;
      this.#report(error as IPCError);
      return false;
    }
  }

  #deliver(audience: Audience, event: string, data: unknown[]): Promise<void> {
    return suppressUnhandled(
      new Promise((resolve, reject) => {
        const packet = { type: messageName(event), data };
        const { over } = this.#peer;
        if (over !== undefined) throw over;
        this.#peer.mail.post(audience, packet, { left: 1, resolve, reject });
      }),
    );
  }

  #ask(audience: Audience, event: string, data: unknown, { timeout, signal }: AskOptions): Promise<unknown> {
    const limit = timeout ?? this.#settings.requestTimeout;
    const send = (packet: Packet) => {
      if (typeof audience === 'function') {
        throw new IPCError('ERR_IPC_ARGUMENT', "A request is for one peer; to('all') cannot be asked.");
      }
      const { over } = this.#peer;
      if (over !== undefined) throw over;
      this.#peer.mail.post(audience, packet);
      return true;
    };
    return suppressUnhandled(this.#requests.ask(eventName(event), data, limit, { signal }, send));
  }

  #receive(packet: Packet, { from, number }: Letter): void {
    const { type, data, id, re } = packet;
    if (re !== undefined) {
      this.#asked.delete(re);
      this.#requests.settle(packet);
    } else if (id !== undefined) {
      this.#handlers.run(packet, number, (answer, error) => this.#answer(from, type, id, answer, error));
    } else if (type === MESSAGE) {
      const { topic, data: published } = data as TopicMessage;
      this.#topics.match(topic, (handler) => callTopic(handler, published, topic));
    } else if (Array.isArray(data)) this.#emitter.trigger(type, number, ...data);
  }

  #answer(to: string, type: string, re: PacketId, data: unknown, error?: unknown): void {
    const refusal = (why: unknown): Packet => ({ type, data: undefined, re, error: toPacketError(why) });
    try {
      this.#peer.mail.answer(to, error === undefined ? { type, data, re } : refusal(error));
    } catch (fault) {
      this.#peer.mail.answer(to, refusal(fault));
    }
  }

  #handed(request: PacketId, by: string): void {
    if (this.#requests.has(request)) this.#asked.set(request, by);
    if (this.#asked.size <= 2 * this.#requests.size + 100) return;
    // Those that timed out or were aborted.
    for (const id of this.#asked.keys()) if (!this.#requests.has(id)) this.#asked.delete(id);
  }

  #left({ id, number, name }: Member): void {
    const gone = new IPCError('ERR_IPC_DISCONNECTED', `Peer ${number} left before it answered; ask again.`);
    this.#requests.lost(gone, (request) => this.#asked.get(request) === id);
    this.#emitter.trigger('leave', number, name);
  }

  #undelivered({ to, body, request, delivery }: Parcel, error: IPCError): void {
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

  /** An error that nobody listens to is shown as a warning. */
  #report(error: IPCError): void {
    if (this.#emitter.listenerCount('error') === 0) process.emitWarning(error);
    this.#emitter.trigger('error', error);
  }
}

/** The default channel: of all processes of this user with the same entry file. */
const channel = new Channel();

export default channel;
