import type { Meta } from '../entities/packet.js';
import { surface } from './faults.js';
import type { Side } from './observe.js';

/** What an {@link Interceptor} is told of a message. Payloads are not among it. */
export interface InterceptedMessage {
  /** An event, a request, a call for a stream, or a message that is published under a topic. */
  readonly kind: 'event' | 'request' | 'stream' | 'topic';
  /** Whether a client or a server of this process sends or receives it, or a channel. */
  readonly side: Side | 'channel';
  /** The name of the event, request or stream, or the topic. Of a message that came in, the peer has chosen it. */
  readonly type: string;
  /** What a client calls its server; undefined on a server. */
  readonly id: string | undefined;
  /** What the user knows the other side by, as handlers do; undefined if there is no connection, are many receivers, or the client is another server's. */
  readonly peer: unknown;
  /** What travels beside the data: of a message that came in, what its sender has set; the peer has chosen it, too. */
  readonly meta: Meta | undefined;
}

/**
 * What an extension, such as one for tracing, does around every message that this process sends and receives: with `connectTo`,
 * `serve` and their like, over each transport. A hook calls `next` once, at once, and returns what that returned, or something in its
 * place. A hook that throws, or does not call `next`, costs no message: it goes its way, and the error surfaces as an uncaught
 * exception.
 */
export interface Interceptor {
  /**
   * A message is about to be sent.
   * @param next sends it, with what is given as its `meta`: an object that JSON can express. It returns what the user's call
   * returns: a boolean or the sender, for a request the promise of its response, for a stream the `ItemStream` of its items.
   */
  send?<Result>(message: InterceptedMessage, next: (meta?: Meta) => Result): Result;
  /**
   * A message has come in.
   * @param next calls its handlers. It returns what the handler of a request or stream returned, and throws what that threw;
   * for events and topics, whose handlers' exceptions surface elsewhere, it returns undefined.
   */
  receive?<Result>(message: InterceptedMessage, next: () => Result): Result;
}

/** The hooks of all extensions as one each; undefined if there are none, so that asking costs next to nothing. */
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

/** For connections that carry something bigger, such as those between the members of a channel: no message of theirs is a user's. */
export const NO_INTERCEPTORS: Interceptors = Object.freeze({ send: undefined, receive: undefined });

/** A message of a server. @param peer what the user knows the client by, where there is one */
export function ofServer(
  kind: InterceptedMessage['kind'],
  type: string,
  peer?: unknown,
  meta?: Meta,
): InterceptedMessage {
  return { kind, side: 'server', type, id: undefined, peer, meta };
}

/** The options of a call with what an interceptor has given as its `meta`, beside what the user has. */
export function optionsWith<Options extends { meta?: Meta | undefined }>(
  options: Options,
  meta: Meta | undefined,
): Options {
  return meta === undefined ? options : { ...options, meta: { ...options.meta, ...meta } };
}

const installed: Interceptor[] = [];

/**
 * Has an extension do something around every message of this process, whichever `IPC` sends or receives it. Of several
 * interceptors the first one installed is outermost; the members of their `meta` are put together.
 *
 * ```js
 * import { intercept } from 'omni-ipc';
 *
 * const remove = intercept({
 *   send: (message, next) => next({ traceparent: currentTraceParent() }),
 *   receive: (message, next) => runInContextOf(message.meta?.traceparent, next),
 * });
 * ```
 * @returns what removes it
 */
export function intercept(interceptor: Interceptor): () => void {
  installed.push(interceptor);
  compose();
  return () => {
    const index = installed.indexOf(interceptor);
    if (index < 0) return;
    installed.splice(index, 1);
    compose();
  };
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

/** Calls a hook. Whatever becomes of that, `next` is called once, and what it throws is thrown. */
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

/** A call that is made once, however often it is asked for: later on it ends as it did. */
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
