import type { Context, Counter, Histogram, Meter, Span, SpanKind, Tracer } from '@opentelemetry/api';
import type { Meta } from '../../entities/packet.js';
import { isAsyncIterable } from '../../lib/conversations/item-sender.js';
import type { InterceptedMessage, Interceptor } from '../../lib/interceptors.js';
import { isThenable } from '../../lib/thenable.js';
import type { Api } from './api.js';
import { attributesOf, isCall, Names, SYSTEM, shownName } from './attributes.js';
import { type Ended, follow, followed } from './follow.js';
import type { Settings } from './options.js';

/** Histogram boundaries in seconds, as the semantic conventions recommend. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** The metric instruments for messages. */
interface Instruments {
  readonly asked: Histogram;
  readonly answered: Histogram;
  readonly sent: Counter;
  readonly processed: Counter;
}

/** Records a span for each message, in the context of the sender or in the context that came with the message. */
export class Tracing implements Interceptor {
  readonly #api: Api;
  readonly #settings: Settings;
  readonly #tracer: Tracer;
  readonly #instruments: Instruments | undefined;
  readonly #names = new Names();

  constructor(api: Api, settings: Settings, tracer: Tracer, meter: Meter | undefined) {
    this.#api = api;
    this.#settings = settings;
    this.#tracer = tracer;
    this.#instruments = meter && instruments(meter);
  }

  send<Result>(message: InterceptedMessage, next: (meta?: Meta) => Result): Result {
    if (!this.#covers(message)) return next();
    const { context, propagation, trace, SpanKind } = this.#api;
    const parent = context.active();
    const kind = isCall(message) ? SpanKind.CLIENT : SpanKind.PRODUCER;
    const span = this.#begin(message, 'send', kind, parent);
    const own = trace.setSpan(parent, span);
    const meta: Record<string, string> = {};
    if (this.#settings.propagation) propagation.inject(own, meta);
    const said = Object.keys(meta).length === 0 ? undefined : meta;
    const end = this.#ending(message, 'send', span);
    const result = this.#run(own, () => next(said), end);
    // The user gets the original promise or stream; the tracer only observes it.
    if (message.kind === 'stream') follow(result as AsyncIterator<unknown>, end);
    else if (isThenable(result)) result.then(() => end(), end);
    else end(result === false ? new Error('The message was not accepted.') : undefined);
    return result;
  }

  receive<Result>(message: InterceptedMessage, next: () => Result): Result {
    if (!this.#covers(message)) return next();
    const { context, propagation, trace, SpanKind, ROOT_CONTEXT } = this.#api;
    const parent = this.#settings.propagation
      ? propagation.extract(ROOT_CONTEXT, message.meta ?? {})
      : ROOT_CONTEXT;
    const kind = isCall(message) ? SpanKind.SERVER : SpanKind.CONSUMER;
    const span = this.#begin(message, 'receive', kind, parent);
    const own = trace.setSpan(parent, span);
    const end = this.#ending(message, 'receive', span);
    const result = this.#run(own, next, end);
    const done = (answer: unknown): unknown => {
      if (isAsyncIterable(answer)) return followed(answer, (act) => context.with(own, act), end);
      end();
      return answer;
    };
    if (!isThenable(result)) return done(result) as Result;
    return Promise.resolve(result).then(done, (error) => {
      end(error);
      throw error;
    }) as Result;
  }

  #covers(message: InterceptedMessage): boolean {
    const { requests, events, topics, filter } = this.#settings;
    const { kind } = message;
    const wanted = kind === 'event' ? events : kind === 'topic' ? topics : requests;
    return wanted && filter(message);
  }

  #begin(message: InterceptedMessage, direction: 'send' | 'receive', kind: SpanKind, parent: Context): Span {
    const name = shownName(message.type);
    const operation = direction === 'receive' ? 'process' : message.kind === 'topic' ? 'publish' : 'emit';
    return this.#tracer.startSpan(
      isCall(message) ? name : `${operation} ${name}`,
      { kind, attributes: attributesOf(message, direction) },
      parent,
    );
  }

  #run<Result>(context: Context, act: () => Result, end: Ended): Result {
    try {
      return this.#api.context.with(context, act);
    } catch (error) {
      end(error);
      throw error;
    }
  }

  /** A function that ends the span and counts the message, once. */
  #ending(message: InterceptedMessage, direction: 'send' | 'receive', span: Span): Ended {
    const { SpanStatusCode } = this.#api;
    const since = performance.now();
    let over = false;
    return (error) => {
      if (over) return;
      over = true;
      const type = error === undefined ? undefined : kindOf(error);
      if (type !== undefined) {
        const { message: text } = error as { message?: unknown };
        span.setAttribute('error.type', type);
        span.setStatus({ code: SpanStatusCode.ERROR, message: shownName(String(text ?? error)) });
      }
      this.#measure(message, direction, (performance.now() - since) / 1000, type);
      span.end();
    };
  }

  #measure(
    message: InterceptedMessage,
    direction: 'send' | 'receive',
    seconds: number,
    error: string | undefined,
  ): void {
    if (this.#instruments === undefined) return;
    const { asked, answered, sent, processed } = this.#instruments;
    const name = this.#names.of(message.type);
    const failed = error === undefined ? {} : { 'error.type': this.#names.of(error) };
    if (isCall(message)) {
      const attributes = { 'rpc.system.name': SYSTEM, 'rpc.method': name, ...failed };
      (direction === 'send' ? asked : answered).record(seconds, attributes);
    } else {
      const attributes = { 'messaging.system': SYSTEM, 'messaging.destination.name': name, ...failed };
      (direction === 'send' ? sent : processed).add(1, attributes);
    }
  }
}

function instruments(meter: Meter): Instruments {
  const duration = (name: string, description: string) =>
    meter.createHistogram(name, {
      description,
      unit: 's',
      advice: { explicitBucketBoundaries: BUCKETS },
    });
  const count = (name: string, description: string) =>
    meter.createCounter(name, { description, unit: '{message}' });
  return {
    asked: duration('rpc.client.call.duration', 'Duration of requests and streams, measured by the caller.'),
    answered: duration('rpc.server.call.duration', 'Duration of the handlers of requests and streams.'),
    sent: count('messaging.client.sent.messages', 'Emitted events, and messages published under topics.'),
    processed: count(
      'messaging.client.consumed.messages',
      'Events and messages of topics that were passed to handlers.',
    ),
  };
}

/** The type of an error for attributes: its code, or its class. */
function kindOf(error: unknown): string {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  if (typeof code === 'string') return shownName(code);
  return typeof name === 'string' ? shownName(name) : '_OTHER';
}
