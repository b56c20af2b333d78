import { IPCError } from '../entities/errors.js';
import type { Meta } from '../entities/packet.js';
import { brief } from '../entities/suggest.js';
import { surface } from './faults.js';
import type { Side } from './observe.js';

/** What an {@link Interceptor} learns of a message. Payloads are not included. */
export interface InterceptedMessage {
  /** An event, a request, a call for a stream, or a message that is published under a topic. */
  readonly kind: 'event' | 'request' | 'stream' | 'topic';
  /** Whether a client, a server or a channel of this process sends or receives it. */
  readonly side: Side | 'channel';
  /** The name of the event, request or stream, or the topic. In an incoming message, the peer has chosen it. */
  readonly type: string;
  /** The name that a client has for its server; undefined on a server. */
  readonly id: string | undefined;
  /**
   * The other side, in the form that handlers receive; undefined if there is no connection, if there are several receivers,
   * or if the client is connected to another server.
   */
  readonly peer: unknown;
  /** The metadata of the message: in an incoming message that of the sender, which the peer has chosen. */
  readonly meta: Meta | undefined;
}

/**
 * Wraps every message that this process sends and receives, for extensions such as tracing: those of `connectTo`, `serve`
 * and the similar methods, over all transports. A hook must call `next` exactly once and synchronously, and return its
 * result or a replacement. If a hook throws or does not call `next`, the message is processed all the same, and the error
 * becomes an uncaught exception.
 */
export interface Interceptor {
  /**
   * A message is about to be sent.
   * @param message describes the message, without its payload
   * @param next sends the message with the given `meta`, an object that JSON can represent. It returns the result of the
   * user's call: a boolean or the sender, for a request the promise of its response, for a stream the `ItemStream` of its
   * items.
   */
  send?<Result>(message: InterceptedMessage, next: (meta?: Meta) => Result): Result;
  /**
   * A message has arrived.
   * @param message describes the message, without its payload
   * @param next calls its handlers. It returns or throws what the handler of a request or stream returned or threw. For
   * events and topics, whose handlers' exceptions are reported elsewhere, it returns undefined.
   */
  receive?<Result>(message: InterceptedMessage, next: () => Result): Result;
}

/** The combined hooks of all extensions; undefined if there are none, so that the check costs almost nothing. */
export interface Interceptors {
  readonly send: Around | undefined;
  readonly receive: Around | undefined;
}

type Around = <Result>(message: InterceptedMessage, next: (meta?: Meta) => Result) => Result;

const current: { -readonly [Hook in keyof Interceptors]: Interceptors[Hook] } = {
  send: undefined,
  receive: undefined,
};

/** The hooks that are installed now. */
export const interceptors: Interceptors = current;

/**
 * For connections that are internal parts of something else, such as those between the members of a channel: their messages
 * are not the user's.
 */
export const NO_INTERCEPTORS: Interceptors = Object.freeze({ send: undefined, receive: undefined });

/**
 * Describes a message of a server.
 * @param peer the client in the form that handlers receive, if there is one
 */
export function ofServer(
  kind: InterceptedMessage['kind'],
  type: string,
  peer?: unknown,
  meta?: Meta,
): InterceptedMessage {
  return { kind, side: 'server', type, id: undefined, peer, meta };
}

/** Adds an interceptor's `meta` to the options of a call, beside the user's own. */
export function optionsWith<Options extends { meta?: Meta | undefined }>(
  options: Options,
  meta: Meta | undefined,
): Options {
  return meta === undefined ? options : { ...options, meta: { ...options.meta, ...meta } };
}

const installed: Interceptor[] = [];

/**
 * Installs an interceptor for all messages of this process, whichever `IPC` sends or receives them. Of several
 * interceptors, the first one installed is the outermost; the members of their `meta` are merged.
 * @example
 * import { intercept } from 'omni-ipc';
 *
 * const remove = intercept({
 *   send: (message, next) => next({ traceparent: currentTraceParent() }),
 *   receive: (message, next) => runInContextOf(message.meta?.traceparent, next),
 * });
 * @returns a function that removes the interceptor
 * @throws IPCError ERR_IPC_ARGUMENT if it has neither of the methods, or a member of that name that is not a function
 */
export function intercept(interceptor: Interceptor): () => void {
  checkInterceptor(interceptor);
  installed.push(interceptor);
  compose();
  return () => {
    const index = installed.indexOf(interceptor);
    if (index < 0) return;
    installed.splice(index, 1);
    compose();
  };
}

function checkInterceptor(interceptor: unknown): void {
  const { send, receive } = (interceptor ?? {}) as Partial<Interceptor>;
  const hooks = [send, receive].filter((hook) => hook !== undefined);
  if (hooks.length > 0 && hooks.every((hook) => typeof hook === 'function')) return;
  const message = `intercept(...) takes an object with the methods send, receive or both, and was given ${brief(interceptor)}.`;
  throw new IPCError('ERR_IPC_ARGUMENT', message);
}

function compose(): void {
  current.send = composed('send');
  current.receive = composed('receive');
}

function composed(kind: 'send' | 'receive'): Around | undefined {
  let around: Around | undefined;
  for (const interceptor of [...installed].reverse()) {
    if (interceptor[kind] === undefined) continue;
    const hook: Around = (message, next) => (interceptor as Required<Interceptor>)[kind](message, next);
    const inner: Around | undefined = around;
    around = (message, next) =>
      guarded(hook, message, (meta) => {
        if (inner === undefined) return next(meta);
        return inner(message, (more) => next(meta === undefined ? more : { ...meta, ...more }));
      });
  }
  return around;
}

/** Calls a hook. Whatever the hook does, `next` is called exactly once, and an error of `next` is thrown. */
function guarded<Result>(hook: Around, message: InterceptedMessage, next: (meta?: Meta) => Result): Result {
  const call = new OneCall(next);
  try {
    const returned = hook(message, (meta) => call.make(meta));
    if (call.made && call.fault === undefined) return returned;
  } catch (error) {
    if (error !== call.fault?.error) surface(error);
  }
  return call.make();
}

/** A call that runs once, and returns or throws the same result each time. */
class OneCall<Result> {
  made = false;
  fault: { readonly error: unknown } | undefined;
  readonly #next: (meta?: Meta) => Result;
  #result: Result | undefined;

  constructor(next: (meta?: Meta) => Result) {
    this.#next = next;
  }

  make(meta?: Meta): Result {
    if (!this.made) {
      this.made = true;
      try {
        this.#result = this.#next(meta);
      } catch (error) {
        this.fault = { error };
      }
    }
    if (this.fault !== undefined) throw this.fault.error;
    return this.#result as Result;
  }
}
