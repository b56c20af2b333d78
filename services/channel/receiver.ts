import type { Name, Payload, Response } from '../../entities/events.js';
import type { RequestOptions } from '../../lib/conversations/requests.js';

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

/** How a request to a peer is made. */
export type AskOptions = Pick<RequestOptions, 'timeout' | 'signal'>;

/** What a receiver needs of its channel. */
export interface Sender {
  send(event: string, data: unknown[]): boolean;
  deliver(event: string, data: unknown[]): Promise<void>;
  request(event: string, data: unknown, options: AskOptions): Promise<unknown>;
}

/** Who a message is for: what `channel.to()` gives. */
export class Receiver<Contract extends object> {
  readonly #sender: Sender;

  constructor(sender: Sender) {
    this.#sender = sender;
  }

  /**
   * Sends a message, which arrives as a `message` event.
   * @returns false where it was not taken: the channel is closed, or too much waits already; `error` says which
   * @throws IPCError ERR_IPC_ENCODE, ERR_IPC_TOO_LARGE
   */
  send(...data: Arguments<Payload<Contract, 'message'>>): boolean {
    return this.#sender.send('message', data as unknown[]);
  }

  /** As {@link send}, with an event of its own name. */
  emit<Type extends Name<Contract>>(event: Type, ...data: Arguments<Payload<Contract, Type>>): boolean {
    return this.#sender.send(event, data as unknown[]);
  }

  /**
   * As {@link emit}; resolves when every receiver has been handed the message.
   * @throws IPCError (rejects) ERR_IPC_UNDELIVERED, ERR_IPC_CLOSED, ERR_IPC_BACKPRESSURE, ERR_IPC_ENCODE, ERR_IPC_TOO_LARGE
   */
  deliver<Type extends Name<Contract>>(
    event: Type,
    ...data: Arguments<Payload<Contract, Type>>
  ): Promise<void> {
    return this.#sender.deliver(event, data as unknown[]);
  }

  /**
   * Asks one peer; resolves with what its handler answers. A change of hubs does not disturb it.
   * @param options `timeout` in milliseconds (default: the channel's `requestTimeout`, 0 waits forever), `signal`
   * @throws IPCError (rejects) ERR_IPC_TIMEOUT, ERR_IPC_ABORTED, ERR_IPC_UNDELIVERED, ERR_IPC_DISCONNECTED where the peer
   * left before it answered, ERR_IPC_NO_HANDLER, or the handler's own error
   */
  request<Type extends Name<Contract>>(
    event: Type,
    data?: Payload<Contract, Type>,
    options: AskOptions = {},
  ): Promise<Response<Contract, Type>> {
    return this.#sender.request(event, data, options) as Promise<Response<Contract, Type>>;
  }
}
