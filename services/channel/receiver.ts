import type { BodyItem, EventArguments, Name, Payload, Response, StreamItem } from '../../entities/events.js';
import type { Meta } from '../../entities/packet.js';
import type { StreamOptions } from '../../lib/conversations/call-stream.js';
import type { ItemStream } from '../../lib/conversations/item-stream.js';
import type { RequestOptions } from '../../lib/conversations/request-options.js';
import type { Audience } from './audience.js';

/**
 * The arguments of a message: the elements if its payload is a tuple, otherwise the payload as the only argument; any
 * arguments if there is no contract.
 */
export type Arguments<Carried> = unknown extends Carried
  ? // biome-ignore lint/suspicious/noExplicitAny: with no contract named, handlers say what they take
    any[]
  : Carried extends readonly unknown[]
    ? number extends Carried['length']
      ? [data: Carried]
      : Carried
    : [data: Carried];

/** The options of a request to a member. */
export type AskOptions = Pick<RequestOptions, 'timeout' | 'signal' | 'retries' | 'output' | 'meta'>;

/**
 * The options of a call for a stream. Streams survive lost connections like all messages, so there is no option to resume.
 */
export type MemberStreamOptions<Item = unknown> = Omit<StreamOptions<Item>, 'resume' | 'retries'>;

/** Sends the messages of a channel. */
export interface Sender {
  send(audience: Audience, event: string, data: unknown[], meta?: Meta): boolean;
  deliver(audience: Audience, event: string, data: unknown[], meta?: Meta): Promise<void>;
  publish(topic: string, data: unknown, meta?: Meta): boolean;
  request(audience: Audience, event: string, data: unknown, options: AskOptions): Promise<unknown>;
  stream(audience: Audience, event: string, data: unknown, options: MemberStreamOptions): ItemStream;
}

/** The receivers of messages, as returned by `channel.to()`. */
export class Receiver<Contract extends object> {
  readonly #sender: Omit<Sender, 'publish'>;
  readonly #audience: Audience;

  constructor(sender: Omit<Sender, 'publish'>, audience: Audience) {
    this.#sender = sender;
    this.#audience = audience;
  }

  /**
   * Sends a message, which arrives as a `message` event.
   * @param data the values that the handlers get after the sender's number
   * @returns false if it was not accepted, because the channel is closed or its queue is full; the `error` event says which
   * @throws IPCError ERR_IPC_ARGUMENT; ERR_IPC_ENCODE, ERR_IPC_TOO_DEEP or ERR_IPC_TOO_LARGE if the data cannot be sent
   */
  send(...data: Arguments<Payload<Contract, 'message'>>): boolean {
    return this.#sender.send(this.#audience, 'message', data as unknown[]);
  }

  /**
   * Like {@link send}, with an event name.
   * @throws IPCError as {@link send}; ERR_IPC_ARGUMENT also if the name is that of an event of the channel itself
   */
  emit<Type extends Name<Contract>>(event: Type, ...data: Arguments<Payload<Contract, Type>>): boolean {
    return this.#sender.send(this.#audience, event, data as unknown[]);
  }

  /**
   * Like {@link emit}, but resolves when every receiver has acknowledged the message.
   * @throws IPCError (rejects) the errors of {@link emit}, ERR_IPC_UNDELIVERED, ERR_IPC_CLOSED, ERR_IPC_BACKPRESSURE
   * @example
   * await channel.to('billing').deliver('order', { id: 7 });
   */
  deliver<Type extends Name<Contract>>(
    event: Type,
    ...data: Arguments<Payload<Contract, Type>>
  ): Promise<void> {
    return this.#sender.deliver(this.#audience, event, data as unknown[]);
  }

  /**
   * Sends a request to one member, or to one member of a group; resolves with the handler's response.
   * @param event the name of the request
   * @param data the payload
   * @param options `timeout` in milliseconds (default: the channel's `requestTimeout`; 0 sets no limit); `signal`;
   * `retries`: how often the request is sent again if a member leaves before it answers (default 0): to the next one with
   * the same number or name, or to another one of the group. The handler of the member that left may have run; `output`: a
   * Standard Schema of the response; `meta`: metadata that is sent beside the data
   * @throws IPCError ERR_IPC_ARGUMENT if the name or an option is invalid; (rejects) ERR_IPC_TIMEOUT, ERR_IPC_ABORTED,
   * ERR_IPC_UNDELIVERED, ERR_IPC_DISCONNECTED if the member left before it answered, ERR_IPC_CLOSED, ERR_IPC_BACKPRESSURE,
   * ERR_IPC_NO_HANDLER, ERR_IPC_INVALID_INPUT, ERR_IPC_INVALID_OUTPUT, or the handler's own error; ERR_IPC_ENCODE,
   * ERR_IPC_TOO_DEEP or ERR_IPC_TOO_LARGE if the data cannot be sent
   * @example
   * const invoice = await channel.to('billing').request('invoice', { id: 7 }, { timeout: 1000 });
   */
  request<Type extends Name<Contract>>(
    event: Type,
    data?: Payload<Contract, Type>,
    options: AskOptions = {},
  ): Promise<Response<Contract, Type>> {
    return this.#sender.request(this.#audience, event, data, options) as Promise<Response<Contract, Type>>;
  }

  /**
   * Calls one member, or one member of a group, for a stream of the items that its handler yields. Items arrive exactly
   * once and in order, even if connections are lost or the hub is replaced.
   * @param event the name of the stream
   * @param data the payload, followed by the options
   * @param options `body`, `signal`, `timeout` in milliseconds between items, `highWaterMark`, `output`
   * @throws IPCError ERR_IPC_ARGUMENT if the name or an option is invalid; while items are read: the errors of
   * {@link request}, each after the items that arrived before
   * @example
   * for await (const line of channel.to('log').stream('tail', 100)) console.log(line);
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
