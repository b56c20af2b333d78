import type { BodyItem, EventArguments, Name, Payload, Response, StreamItem } from '../../entities/events.js';
import type { Meta } from '../../entities/packet.js';
import type { StreamOptions } from '../../lib/conversations/call-stream.js';
import type { ItemStream } from '../../lib/conversations/item-stream.js';
import type { RequestOptions } from '../../lib/conversations/request-options.js';
import type { Audience } from './outgoing.js';

/**
 * What a message of a type carries: the elements of a tuple, any other payload as the only argument; and where the contract
 * says nothing, whatever is given.
 */
export type Arguments<Carried> = unknown extends Carried
  ? // biome-ignore lint/suspicious/noExplicitAny: with no contract named, handlers say what they take
    any[]
  : Carried extends readonly unknown[]
    ? number extends Carried['length']
      ? [data: Carried]
      : Carried
    : [data: Carried];

/** How a request to a member is made. */
export type AskOptions = Pick<RequestOptions, 'timeout' | 'signal' | 'retries' | 'output' | 'meta'>;

/** How a member is called for a stream. Streams outlast lost connections, as all messages do, so there is nothing to resume. */
export type MemberStreamOptions<Item = unknown> = Omit<StreamOptions<Item>, 'resume' | 'retries'>;

/** What sends a channel's messages. */
export interface Sender {
  send(audience: Audience, event: string, data: unknown[], meta?: Meta): boolean;
  deliver(audience: Audience, event: string, data: unknown[], meta?: Meta): Promise<void>;
  publish(topic: string, data: unknown, meta?: Meta): boolean;
  request(audience: Audience, event: string, data: unknown, options: AskOptions): Promise<unknown>;
  stream(audience: Audience, event: string, data: unknown, options: MemberStreamOptions): ItemStream;
}

/** Who a message is for: what `channel.to()` gives. */
export class Receiver<Contract extends object> {
  readonly #sender: Omit<Sender, 'publish'>;
  readonly #audience: Audience;

  constructor(sender: Omit<Sender, 'publish'>, audience: Audience) {
    this.#sender = sender;
    this.#audience = audience;
  }

  /**
   * Sends a message, which arrives as a `message` event.
   * @returns false if it was not taken: the channel is closed, or too much waits already; `error` says which
   * @throws IPCError ERR_IPC_ENCODE, ERR_IPC_TOO_LARGE
   */
  send(...data: Arguments<Payload<Contract, 'message'>>): boolean {
    return this.#sender.send(this.#audience, 'message', data as unknown[]);
  }

  /** As {@link send}, with an event of its own name. */
  emit<Type extends Name<Contract>>(event: Type, ...data: Arguments<Payload<Contract, Type>>): boolean {
    return this.#sender.send(this.#audience, event, data as unknown[]);
  }

  /**
   * As {@link emit}; resolves when every receiver has been handed the message.
   * @throws IPCError (rejects) ERR_IPC_UNDELIVERED, ERR_IPC_CLOSED, ERR_IPC_BACKPRESSURE, ERR_IPC_ENCODE, ERR_IPC_TOO_LARGE
   */
  deliver<Type extends Name<Contract>>(
    event: Type,
    ...data: Arguments<Payload<Contract, Type>>
  ): Promise<void> {
    return this.#sender.deliver(this.#audience, event, data as unknown[]);
  }

  /**
   * Asks one member, or one of a group; resolves with what its handler answers.
   * @param options `timeout` in milliseconds (default: the channel's `requestTimeout`, 0 waits forever); `signal`; `retries`:
   * how often it is asked again where a member leaves before it has answered (default 0): the next that has the number or
   * name, or another of the group. A handler of the one that left may have run; `output`: a Standard Schema of the response; `meta`: travels beside the data
   * @throws IPCError (rejects) ERR_IPC_TIMEOUT, ERR_IPC_ABORTED, ERR_IPC_UNDELIVERED, ERR_IPC_DISCONNECTED if the member
   * left before it answered, ERR_IPC_NO_HANDLER, or the handler's own error
   */
  request<Type extends Name<Contract>>(
    event: Type,
    data?: Payload<Contract, Type>,
    options: AskOptions = {},
  ): Promise<Response<Contract, Type>> {
    return this.#sender.request(this.#audience, event, data, options) as Promise<Response<Contract, Type>>;
  }

  /**
   * Calls one member, or one of a group, for a stream: what its handler yields, item by item. Items arrive once and in order,
   * also over lost connections and take-overs of the hub.
   * @param options `body`, `signal`, `timeout` in milliseconds between items, `highWaterMark`, `output`
   * @throws IPCError ERR_IPC_ARGUMENT; while items are read: ERR_IPC_ABORTED, ERR_IPC_TIMEOUT, ERR_IPC_UNDELIVERED,
   * ERR_IPC_DISCONNECTED if the member left, ERR_IPC_CLOSED, ERR_IPC_NO_HANDLER, or the handler's own error, each after the
   * items that came before
   */
  stream<Type extends Name<Contract>>(
    event: Type,
    ...[data, options = {}]: EventArguments<
      Contract,
      Type,
      [options?: MemberStreamOptions<BodyItem<Contract, Type>>]
    >
  ): ItemStream<StreamItem<Contract, Type>> {
    return this.#sender.stream(this.#audience, event, data, options) as ItemStream<
      StreamItem<Contract, Type>
    >;
  }
}
