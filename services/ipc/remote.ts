import type { BodyItem, EventArguments, Response, StreamItem, Untyped } from '../../entities/events.js';
import type { Client } from '../../lib/client.js';
import type { StreamOptions } from '../../lib/conversations/call-stream.js';
import type { ItemStream } from '../../lib/conversations/item-stream.js';
import type { RequestOptions } from '../../lib/conversations/request-options.js';

/**
 * The stream that a method of a remote returns; see {@link ItemStream}. The call is sent when the first item is requested.
 * Awaiting the stream itself is a mistake and rejects with ERR_IPC_UNSUPPORTED.
 */
export interface RemoteStream<Item> extends AsyncIterableIterator<Item>, AsyncDisposable, PromiseLike<never> {
  next(): Promise<IteratorResult<Item, undefined>>;
  return(): Promise<IteratorResult<Item, undefined>>;
  throw(error?: unknown): Promise<IteratorResult<Item, undefined>>;
  [Symbol.asyncIterator](): RemoteStream<Item>;
  /** How many items were read, and their size in bytes: exact for binary items, an estimate for others. */
  readonly itemsRead: number;
  readonly bytesRead: number;
  /** How many items of the body were sent, and their size in bytes. */
  readonly itemsWritten: number;
  readonly bytesWritten: number;
}

/** The requests and streams of a contract as methods. */
export type Remote<Contract extends object> = {
  readonly [Type in keyof Contract & string as Contract[Type] extends { request: unknown }
    ? Type
    : never]: Contract[Type] extends {
    request: unknown;
    stream: unknown;
  }
    ? (
        ...args: EventArguments<Contract, Type, [options?: StreamOptions<BodyItem<Contract, Type>>]>
      ) => RemoteStream<StreamItem<Contract, Type>>
    : (
        ...args: EventArguments<Contract, Type, [options?: RequestOptions]>
      ) => Promise<Response<Contract, Type>>;
};

/**
 * Acts as a request when it is awaited, and as a stream when it is iterated. Only the contract tells which one a name is,
 * and contracts do not exist at run time.
 */
class RemoteCall implements Promise<unknown>, RemoteStream<unknown> {
  readonly [Symbol.toStringTag] = 'RemoteCall';
  readonly #client: Client;
  readonly #type: string;
  readonly #args: readonly [data?: unknown, options?: object];
  #response: Promise<unknown> | undefined;
  #stream: ItemStream | undefined;
  /** Whether it was closed before the call was sent. */
  #left = false;

  constructor(client: Client, type: string, args: readonly [data?: unknown, options?: object]) {
    this.#client = client;
    this.#type = type;
    this.#args = args;
  }

  // biome-ignore lint/suspicious/noThenProperty: it is awaited as the request that it stands for
  then<One = never, Other = never>(
    fulfilled?: ((value: never) => One | PromiseLike<One>) | null,
    rejected?: ((reason: unknown) => Other | PromiseLike<Other>) | null,
  ): Promise<One | Other> {
    return this.#ask().then(fulfilled as (value: unknown) => One, rejected);
  }

  catch<Other>(rejected?: ((reason: unknown) => Other | PromiseLike<Other>) | null): Promise<unknown> {
    return this.#ask().catch(rejected);
  }

  finally(done?: (() => void) | null): Promise<unknown> {
    return this.#ask().finally(done);
  }

  next(): Promise<IteratorResult<unknown, undefined>> {
    return this.#left ? Promise.resolve(DONE) : this.#items().next();
  }

  /** Ends the stream. If it was never read, the call is not sent. */
  return(): Promise<IteratorResult<unknown, undefined>> {
    this.#left = true;
    return this.#stream?.return() ?? Promise.resolve(DONE);
  }

  throw(error?: unknown): Promise<IteratorResult<unknown, undefined>> {
    this.#left = true;
    return this.#stream?.throw(error) ?? Promise.reject(error);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  get itemsRead(): number {
    return this.#stream?.itemsRead ?? 0;
  }

  get bytesRead(): number {
    return this.#stream?.bytesRead ?? 0;
  }

  get itemsWritten(): number {
    return this.#stream?.itemsWritten ?? 0;
  }

  get bytesWritten(): number {
    return this.#stream?.bytesWritten ?? 0;
  }

  #items(): ItemStream {
    const [data, options] = this.#args;
    this.#stream ??= this.#client.stream(this.#type, data, options as StreamOptions);
    return this.#stream;
  }

  #ask(): Promise<unknown> {
    const [data, options] = this.#args;
    this.#response ??= this.#client.request(this.#type, data, options as RequestOptions);
    return this.#response;
  }
}

const DONE: IteratorReturnResult<undefined> = Object.freeze({ done: true, value: undefined });

/**
 * The requests and streams of a client as methods, typed by its contract. A request is sent when it is awaited, a call for
 * a stream when it is iterated. The second argument has the options, {@link RequestOptions} or {@link StreamOptions}.
 * @example
 * interface World {
 *   add: { request: [number, number]; response: number };
 *   tail: { request: string; stream: string };
 * }
 * const world = remote<World>(ipc.connectTo('world'));
 * const sum = await world.add([2, 40]);
 * for await (const line of world.tail('log')) console.log(line);
 */
export function remote<Contract extends object>(
  client: Client<Contract> | Client<Untyped>,
): Remote<Contract> {
  const methods = new Map<string, unknown>();
  return new Proxy(Object.freeze(Object.create(null)), {
    get(_target, name) {
      // Without `then`, nobody can await the remote itself by mistake.
      if (typeof name !== 'string' || name === 'then') return undefined;
      let method = methods.get(name);
      if (method === undefined) {
        method = (...args: [data?: unknown, options?: object]) =>
          new RemoteCall(client as Client, name, args);
        methods.set(name, method);
      }
      return method;
    },
  });
}
