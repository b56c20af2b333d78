import { IPCError } from '../../entities/errors.js';
import { eventName, metaOf, type Packet } from '../../entities/packet.js';
import { checkOptions } from '../../entities/suggest.js';
import { escapeText } from '../../entities/text.js';
import { type InterceptedMessage, type Interceptors, interceptors } from '../interceptors.js';
import { checkSchema, type StandardSchema, validated } from '../schemas.js';
import { isThenable } from '../thenable.js';
import { type CallContext, Context } from './context.js';
import { closeItems, isAsyncIterable } from './item-sender.js';

/** The Standard Schemas of a handler. The handler and the caller receive the schemas' outputs. */
export interface HandleOptions<Input> {
  /** For the data. A request whose data does not match is refused (ERR_IPC_INVALID_INPUT, with the issues). */
  input?: StandardSchema<Input> | undefined;
  /** For each item of the body. The first one that does not match ends the body with ERR_IPC_INVALID_INPUT. */
  items?: StandardSchema | undefined;
  /** For the response, or for each item of a stream. If it does not match, the caller receives ERR_IPC_INVALID_OUTPUT. */
  output?: StandardSchema | undefined;
}

/**
 * A handler of requests: it returns the response, or throws to refuse. If it returns an async iterable (an async generator,
 * a Readable or a ReadableStream), it responds with a stream.
 */
export type RequestHandler<Input, Output, Peer, BodyItem = unknown> = (
  data: Input,
  peer: Peer,
  context: CallContext<BodyItem>,
) => Output | Promise<Output>;

interface Entry {
  // biome-ignore lint/suspicious/noExplicitAny: handlers of every shape share one table; `handle` has the exact types
  readonly handler: RequestHandler<any, unknown, any>;
  readonly input: StandardSchema | undefined;
  readonly items: StandardSchema | undefined;
  readonly output: StandardSchema | undefined;
}

/** Takes the place of a response if the request failed. */
export class Failure {
  readonly error: unknown;

  /** @param thrown any value, also undefined */
  constructor(thrown: unknown) {
    this.error = thrown ?? new Error(`The handler threw ${thrown}.`);
  }
}

/** Sends an answer. */
export type Reply = (data: unknown, error?: unknown) => void;

/** How many characters of a name are shown. */
const SHOWN = 100;

const OPTIONS = ['input', 'items', 'output'] as const;

/** Options of {@link Handlers}. */
export interface HandlersOwner {
  /** The name that a client has for its server. */
  readonly id?: string | undefined;
  /** Whether every handler must have an input schema (`config.profile`). Default: false. */
  readonly strict?: boolean | undefined;
  /** The interceptors of incoming messages. Default: all interceptors of the process. */
  readonly interceptors?: Interceptors | undefined;
}

/** The handlers of requests by type. */
export class Handlers {
  readonly #entries = new Map<string, Entry>();
  readonly #side: InterceptedMessage['side'];
  readonly #id: string | undefined;
  readonly #strict: boolean;
  readonly #interceptors: Interceptors;

  /** @param side the side that the handlers belong to */
  constructor(side: InterceptedMessage['side'], owner: HandlersOwner = {}) {
    this.#side = side;
    this.#id = owner.id;
    this.#strict = owner.strict ?? false;
    this.#interceptors = owner.interceptors ?? interceptors;
  }

  /**
   * Registers `(handler)` or `(options, handler)` for a type; it replaces an earlier one.
   * @throws IPCError ERR_IPC_ARGUMENT, ERR_IPC_CONFIG without a schema where the profile requires one
   */
  add(type: string, args: readonly unknown[]): void {
    const event = eventName(type);
    const name = JSON.stringify(event);
    const handler = args.at(-1);
    if (typeof handler !== 'function') {
      throw new IPCError('ERR_IPC_ARGUMENT', `handle(${name}, ...) needs a function that answers.`);
    }
    const options = (args.length > 1 ? (args[0] ?? {}) : {}) as HandleOptions<unknown>;
    checkOptions(options, OPTIONS, `handle(${name}, ...)`);
    for (const key of OPTIONS) checkSchema(options[key], `handle(${name}, { ${key} })`);
    const { input, items, output } = options;
    if (this.#strict && input === undefined) {
      const message = `handle(${name}, handler) has no schema, which config.profile 'assured' asks for; call handle(${name}, { input: schema }, handler).`;
      throw new IPCError('ERR_IPC_CONFIG', message);
    }
    this.#entries.set(event, { handler: handler as Entry['handler'], input, items, output });
  }

  has(type: string): boolean {
    return this.#entries.has(type);
  }

  /**
   * Calls the handler of a request: returns the response, a {@link Failure}, or a promise of either. It never throws, and
   * the promise never rejects.
   */
  call(
    kind: 'request' | 'stream',
    { type, data }: Pick<Packet, 'type' | 'data'>,
    peer: unknown,
    context: CallContext,
  ): unknown {
    const entry = this.#entries.get(type);
    if (entry === undefined) return new Failure(noHandler('request', type));
    try {
      const answer =
        this.#interceptors.receive === undefined
          ? answerOf(entry, type, data, peer, context)
          : this.#interceptors.receive(
              { kind, side: this.#side, type, id: this.#id, peer, meta: context.meta },
              () => answerOf(entry, type, data, peer, context),
            );
      return isThenable(answer) ? settled(answer) : answer;
    } catch (error) {
      return new Failure(error);
    }
  }

  /** Like {@link call}, but calls `reply` exactly once; synchronously if the handler is synchronous. */
  run(packet: Packet, peer: unknown, reply: Reply): void {
    const context = new Context(undefined, undefined, metaOf(packet));
    const outcome = this.call('request', packet, peer, context);
    if (outcome instanceof Promise) void outcome.then((later) => replied(later, reply));
    else replied(outcome, reply);
  }

  /** The function that validates the items of a body. */
  itemCheck(type: string): ((item: unknown) => unknown) | undefined {
    const schema = this.#entries.get(type)?.items;
    const what = `An item of the body of ${type} was refused`;
    return schema && ((item) => validated(schema, item, { code: 'ERR_IPC_INVALID_INPUT', what }));
  }

  /** The function that validates the items of a stream that a handler responds with. */
  outputCheck(type: string): ((item: unknown) => unknown) | undefined {
    const schema = this.#entries.get(type)?.output;
    const what = `The handler of ${type} responded with an item that does not fit its schema`;
    return schema && ((item) => validated(schema, item, { code: 'ERR_IPC_INVALID_OUTPUT', what }));
  }
}

/** The error of a request without a handler. The name comes from a peer, so it is escaped and truncated. */
export function noHandler(kind: string, type: string): IPCError {
  const name = escapeText(type, SHOWN);
  const message = `There is no handler for the ${kind} ${name}; add handle("${name}", ...) on the other side.`;
  return new IPCError('ERR_IPC_NO_HANDLER', message);
}

/** The error of a handler that responds to a request with a stream. The stream is closed, since nobody will read it. */
export function refuseStream(type: string, response: AsyncIterable<unknown>): Failure {
  closeItems(response);
  const message = `The handler of ${type} responds with a stream; call stream(${JSON.stringify(type)}, ...) for it.`;
  return new Failure(new IPCError('ERR_IPC_UNSUPPORTED', message));
}

function replied(outcome: unknown, reply: Reply): void {
  if (outcome instanceof Failure) reply(undefined, outcome.error);
  else reply(outcome);
}

/** Converts a foreign promise to one that never rejects and settles once. */
function settled(answer: PromiseLike<unknown>): Promise<unknown> {
  return Promise.resolve(answer).then(undefined, failed);
}

function failed(error: unknown): Failure {
  return new Failure(error);
}

function answerOf(entry: Entry, type: string, data: unknown, peer: unknown, context: CallContext): unknown {
  const { handler, input, output } = entry;
  if (input === undefined && output === undefined) return handler(data, peer, context);
  return checked(entry, type, data, peer, context);
}

async function checked(
  { handler, input, output }: Entry,
  type: string,
  data: unknown,
  peer: unknown,
  context: CallContext,
): Promise<unknown> {
  const refused = `The request ${type} was refused because of its data`;
  const given =
    input === undefined
      ? data
      : await validated(input, data, { code: 'ERR_IPC_INVALID_INPUT', what: refused });
  const answer = await handler(given, peer, context);
  if (output === undefined || isAsyncIterable(answer)) return answer;
  const what = `The handler of ${type} gave a response that does not fit its schema`;
  return await validated(output, answer, { code: 'ERR_IPC_INVALID_OUTPUT', what });
}
