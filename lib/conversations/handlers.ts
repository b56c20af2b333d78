import { IPCError } from '../../entities/errors.js';
import { eventName, metaOf, type Packet } from '../../entities/packet.js';
import { checkOptions } from '../../entities/suggest.js';
import { escapeText } from '../../entities/text.js';
import { type InterceptedMessage, type Interceptors, interceptors } from '../interceptors.js';
import { checkSchema, type StandardSchema, validated } from '../schemas.js';
import { isThenable } from '../thenable.js';
import { type CallContext, Context } from './context.js';
import { closeItems, isAsyncIterable } from './item-sender.js';

/** How what goes through a handler is checked, each by a Standard Schema; the handler and the caller get its output. */
export interface HandleOptions<Input> {
  /** Refuses a request whose data does not fit (ERR_IPC_INVALID_INPUT, with the issues). */
  input?: StandardSchema<Input> | undefined;
  /** Each item of the body: the first that does not fit ends it with ERR_IPC_INVALID_INPUT. */
  items?: StandardSchema | undefined;
  /** The response, or each item of a stream; what does not fit goes back as ERR_IPC_INVALID_OUTPUT. */
  output?: StandardSchema | undefined;
}

/**
 * Answers a request: with what it returns, or refuses with what it throws. A handler that returns an async iterable (it is an
 * async generator, or returns a Readable or a ReadableStream) responds with a stream.
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

/** In place of a response: why there is none. */
export class Failure {
  readonly error: unknown;

  /** An error must be something, whatever was thrown. */
  constructor(thrown: unknown) {
    this.error = thrown ?? new Error(`The handler threw ${thrown}.`);
  }
}

/** Where an answer goes. */
export type Reply = (data: unknown, error?: unknown) => void;

/** So much of a name is shown. */
const SHOWN = 100;

const OPTIONS = ['input', 'items', 'output'] as const;

/** Whose handlers they are, and what is asked of them. */
export interface HandlersOwner {
  /** What a client calls its server. */
  readonly id?: string | undefined;
  /** Whether each handler needs a schema of its input (`config.profile`). Default: false. */
  readonly strict?: boolean | undefined;
  /** Who is told of what comes in. Default: all interceptors of the process. */
  readonly interceptors?: Interceptors | undefined;
}

/** Who answers what. */
export class Handlers {
  readonly #entries = new Map<string, Entry>();
  readonly #side: InterceptedMessage['side'];
  readonly #id: string | undefined;
  readonly #strict: boolean;
  readonly #interceptors: Interceptors;

  /** @param side whose handlers they are */
  constructor(side: InterceptedMessage['side'], owner: HandlersOwner = {}) {
    this.#side = side;
    this.#id = owner.id;
    this.#strict = owner.strict ?? false;
    this.#interceptors = owner.interceptors ?? interceptors;
  }

  /** `(handler)` or `(options, handler)` answers the requests of a type from now on; the last one given counts. */
  add(type: string, args: readonly unknown[]): void {
    const name = JSON.stringify(type);
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
    this.#entries.set(eventName(type), { handler: handler as Entry['handler'], input, items, output });
  }

  has(type: string): boolean {
    return this.#entries.has(type);
  }

  /**
   * What the handler of a request makes of its data: the response, a {@link Failure}, or a promise of one of these.
   * It never throws, and the promise is never rejected.
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

  /** {@link call}, with a reply exactly once: at once where the handler is synchronous. */
  run(packet: Packet, peer: unknown, reply: Reply): void {
    const context = new Context(undefined, undefined, metaOf(packet));
    const outcome = this.call('request', packet, peer, context);
    if (outcome instanceof Promise) void outcome.then((later) => replied(later, reply));
    else replied(outcome, reply);
  }

  /** What checks each item of a body. */
  itemCheck(type: string): ((item: unknown) => unknown) | undefined {
    const schema = this.#entries.get(type)?.items;
    const what = `An item of the body of ${type} was refused`;
    return schema && ((item) => validated(schema, item, { code: 'ERR_IPC_INVALID_INPUT', what }));
  }

  /** What checks each item of a stream that a handler responds with. */
  outputCheck(type: string): ((item: unknown) => unknown) | undefined {
    const schema = this.#entries.get(type)?.output;
    const what = `The handler of ${type} responded with an item that does not fit its schema`;
    return schema && ((item) => validated(schema, item, { code: 'ERR_IPC_INVALID_OUTPUT', what }));
  }
}

/** The name is a peer's: it is escaped, and a long one cut off. */
export function noHandler(kind: string, type: string): IPCError {
  const name = escapeText(type, SHOWN);
  const message = `Nobody answers the ${kind} ${name}; add handle("${name}", ...) there.`;
  return new IPCError('ERR_IPC_NO_HANDLER', message);
}

/** A response that is a stream answers no request; nobody will read it. */
export function refuseStream(type: string, response: AsyncIterable<unknown>): Failure {
  closeItems(response);
  const message = `The handler of ${type} responds with a stream; call stream(${JSON.stringify(type)}, ...) for it.`;
  return new Failure(new IPCError('ERR_IPC_UNSUPPORTED', message));
}

function replied(outcome: unknown, reply: Reply): void {
  if (outcome instanceof Failure) reply(undefined, outcome.error);
  else reply(outcome);
}

/** A promise of somebody else's making, as one of ours that is never rejected and settles once. */
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
  const what = `The handler of ${type} responded with what does not fit its schema`;
  return await validated(output, answer, { code: 'ERR_IPC_INVALID_OUTPUT', what });
}
