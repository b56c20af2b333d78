import { IPCError } from '../../entities/errors.js';
import { eventName, type Packet } from '../../entities/packet.js';

/** What a Standard Schema (zod, valibot, arktype, ...) offers; see standardschema.dev. */
export interface StandardSchema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}

type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string }[] };

/** How a request's input is checked. */
export interface HandleOptions<Input> {
  /** Refuses a request whose data does not fit (ERR_IPC_INVALID_INPUT, with the issues); the handler gets its output. */
  input?: StandardSchema<Input> | undefined;
}

/** Answers a request: with what it returns, or refuses with what it throws. */
export type RequestHandler<Input, Output, Peer> = (data: Input, peer: Peer) => Output | Promise<Output>;

interface Entry {
  // biome-ignore lint/suspicious/noExplicitAny: handlers of every shape share one table; `handle` has the exact types
  readonly handler: RequestHandler<any, unknown, any>;
  readonly schema: StandardSchema | undefined;
}

/** Where an answer goes. */
export type Reply = (data: unknown, error?: unknown) => void;

/** Who answers what. */
export class Handlers {
  readonly #entries = new Map<string, Entry>();

  /** `(handler)` or `(options, handler)` answers the requests of a type from now on; the last one given counts. */
  add(type: string, args: readonly unknown[]): void {
    const handler = args.at(-1);
    const options = args.length > 1 ? (args[0] as HandleOptions<unknown>) : {};
    if (typeof handler !== 'function') {
      throw new IPCError(
        'ERR_IPC_ARGUMENT',
        `handle(${JSON.stringify(type)}, ...) needs a function that answers.`,
      );
    }
    if (options.input !== undefined && typeof options.input?.['~standard']?.validate !== 'function') {
      const message = `handle(${JSON.stringify(type)}, { input }) takes a Standard Schema, as those of zod or valibot are.`;
      throw new IPCError('ERR_IPC_ARGUMENT', message);
    }
    this.#entries.set(eventName(type), { handler: handler as Entry['handler'], schema: options.input });
  }

  /** Runs the handler of a request and replies exactly once: at once where the handler is synchronous. */
  run(packet: Packet, peer: unknown, reply: Reply): void {
    const entry = this.#entries.get(packet.type);
    if (entry === undefined) {
      const message = `Nobody answers the request ${packet.type}; add handle(${JSON.stringify(packet.type)}, ...) there.`;
      reply(undefined, new IPCError('ERR_IPC_NO_HANDLER', message));
      return;
    }
    let answer: unknown;
    let promised: boolean;
    try {
      answer =
        entry.schema === undefined
          ? entry.handler(packet.data, peer)
          : checked(entry.schema, entry.handler, packet, peer);
      promised = isThenable(answer);
    } catch (error) {
      reply(undefined, thrown(error));
      return;
    }
    if (promised) settled(answer, reply);
    else reply(answer);
  }
}

/** Replies once, whatever a thenable of somebody else's making does. */
function settled(answer: unknown, reply: Reply): void {
  Promise.resolve(answer).then(
    (data) => reply(data),
    (error: unknown) => reply(undefined, thrown(error)),
  );
}

function isThenable(value: unknown): boolean {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}

/** An answer's error must be something, whatever was thrown. */
function thrown(error: unknown): unknown {
  return error ?? new Error(`The handler threw ${error}.`);
}

async function checked(
  schema: StandardSchema,
  handler: RequestHandler<unknown, unknown, unknown>,
  packet: Packet,
  peer: unknown,
): Promise<unknown> {
  const result = await schema['~standard'].validate(packet.data);
  if (result.issues !== undefined) {
    const first = result.issues[0]?.message ?? 'it does not fit the schema';
    const message = `The request ${packet.type} was refused because of its data: ${first}.`;
    throw new IPCError('ERR_IPC_INVALID_INPUT', message, { issues: result.issues });
  }
  return handler(result.value, peer);
}
