import type { EventArguments, Response, StreamItem, Untyped } from '../../entities/events.js';
import type { Client } from '../../lib/client.js';
import type { StreamOptions } from '../../lib/conversations/call-stream.js';
import type { ItemStream } from '../../lib/conversations/item-stream.js';
import type { RequestOptions } from '../../lib/conversations/request-options.js';

/** The contract's requests and streams as methods. */
export type Remote<Contract extends object> = {
  readonly [Type in keyof Contract & string as Contract[Type] extends { request: unknown }
    ? Type
    : never]: Contract[Type] extends {
    request: unknown;
    stream: unknown;
  }
    ? (
        ...args: EventArguments<Contract, Type, [options?: StreamOptions]>
      ) => AsyncIterable<StreamItem<Contract, Type>> & PromiseLike<never>
    : (
        ...args: EventArguments<Contract, Type, [options?: RequestOptions]>
      ) => Promise<Response<Contract, Type>>;
};

/**
 * A request when it is awaited, and a stream when it is iterated: which of both a name stands for is in the contract, of which
 * nothing is left when the program runs.
 */
class RemoteCall implements Promise<unknown>, AsyncIterable<unknown> {
  readonly [Symbol.toStringTag] = 'RemoteCall';
  readonly #client: Client;
  readonly #type: string;
  readonly #args: readonly [data?: unknown, options?: object];
  #response: Promise<unknown> | undefined;

  constructor(client: Client, type: string, args: readonly [data?: unknown, options?: object]) {
    this.#client = client;
    this.#type = type;
    this.#args = args;
  }

  // biome-ignore lint/suspicious/noThenProperty: it is awaited as the request that it stands for
  then<One, Other>(
    fulfilled?: ((value: unknown) => One | PromiseLike<One>) | null,
    rejected?: ((reason: unknown) => Other | PromiseLike<Other>) | null,
  ): Promise<One | Other> {
    return this.#ask().then(fulfilled, rejected) as Promise<One | Other>;
  }

  catch<Other>(rejected?: ((reason: unknown) => Other | PromiseLike<Other>) | null): Promise<unknown> {
    return this.#ask().catch(rejected);
  }

  finally(done?: (() => void) | null): Promise<unknown> {
    return this.#ask().finally(done);
  }

  [Symbol.asyncIterator](): ItemStream {
    const [data, options] = this.#args;
    return this.#client.stream(this.#type, data, options as StreamOptions);
  }

  #ask(): Promise<unknown> {
    const [data, options] = this.#args;
    this.#response ??= this.#client.request(this.#type, data, options as RequestOptions);
    return this.#response;
  }
}

/**
 * A client's requests and streams as methods, by its contract. A call begins when it is awaited or iterated.
 *
 * ```ts
 * interface World {
 *   add: { request: [number, number]; response: number };
 *   tail: { request: string; stream: string };
 * }
 * const world = remote<World>(ipc.connectTo('world'));
 * const sum = await world.add([2, 40]);
 * for await (const line of world.tail('log')) console.log(line);
 * ```
 */
export function remote<Contract extends object>(
  client: Client<Contract> | Client<Untyped>,
): Remote<Contract> {
  const methods = new Map<string, unknown>();
  return new Proxy(Object.create(null), {
    get(_target, name) {
      // Nobody may take it for a promise, and await it by mistake.
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
