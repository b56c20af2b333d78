import * as api from '@opentelemetry/api';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import type { InterceptedMessage } from '../../../lib/interceptors.js';
import { type InstrumentOptions, settings } from '../../../services/opentelemetry/options.js';
import { Tracing } from '../../../services/opentelemetry/tracing.js';
import { afterwards } from '../../support/afterwards.js';

const request: InterceptedMessage = {
  kind: 'request',
  side: 'client',
  type: 'add',
  id: 'world',
  peer: undefined,
  meta: undefined,
};

describe('Tracing', () => {
  let spans: InMemorySpanExporter;

  function tracing(options: InstrumentOptions = {}): Tracing {
    spans = new InMemorySpanExporter();
    const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
    provider.register();
    afterwards(() => {
      for (const one of [api.trace, api.context, api.propagation]) one.disable();
    });
    return new Tracing(api, settings(options), provider.getTracer('spec'), undefined);
  }

  const told = () =>
    spans
      .getFinishedSpans()
      .map(({ name, status, attributes }) => [name, status.message ?? '', attributes['error.type'] ?? '']);

  it('returns the same promise that the call returns', async () => {
    const response = Promise.resolve(3);
    let meta: unknown;
    const given = tracing().send(request, (said) => {
      meta = said;
      return response;
    });
    expect(given).toBe(response);
    await response;
    expect(meta).toEqual({ traceparent: jasmine.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/) });
    expect(told()).toEqual([['add', '', '']]);
  });

  it('records why a request failed, at once or later, and why an event was not accepted', async () => {
    const one = tracing({ events: true });
    const failed = Promise.reject(Object.assign(new Error('late'), { code: 'ERR_IPC_TIMEOUT' }));
    await expectAsync(one.send(request, () => failed)).toBeRejected();
    expect(() =>
      one.send(request, () => {
        throw new TypeError('wrong');
      }),
    ).toThrowError('wrong');
    expect(one.send({ ...request, kind: 'event' }, () => false)).toBeFalse();
    expect(told()).toEqual([
      ['add', 'late', 'ERR_IPC_TIMEOUT'],
      ['add', 'wrong', 'TypeError'],
      ['emit add', 'The message was not accepted.', 'Error'],
    ]);
  });

  it('does not trace excluded messages, and sends no context if that is disabled', () => {
    const one = tracing({ propagation: false, filter: ({ type }) => type !== 'secret' });
    const metas: unknown[] = [];
    one.send({ ...request, kind: 'event' }, (meta) => metas.push(meta));
    one.send({ ...request, type: 'secret' }, (meta) => metas.push(meta));
    one.receive({ ...request, kind: 'topic' }, () => metas.push('received'));
    expect(told()).toEqual([]);
    one.send(request, (meta) => metas.push(meta));
    expect([metas, told().length]).toEqual([[undefined, undefined, 'received', undefined], 1]);
  });

  it('runs a handler, and the items it responds with, in the context that came with the message', async () => {
    const one = tracing();
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const active = () => api.trace.getActiveSpan()?.spanContext().traceId;
    const answer = one.receive({ ...request, kind: 'stream', meta: { traceparent } }, async () => {
      const first = active();
      return (async function* () {
        yield first;
        await undefined;
        yield active();
      })();
    });
    const seen: unknown[] = [];
    for await (const item of (await answer) as AsyncIterable<unknown>) seen.push(item);
    expect(seen).toEqual(['a'.repeat(32), 'a'.repeat(32)]);
    const [span] = spans.getFinishedSpans();
    expect([span?.kind, span?.parentSpanContext?.spanId]).toEqual([api.SpanKind.SERVER, 'b'.repeat(16)]);
  });

  it('starts a new trace if a peer has sent an invalid context', () => {
    const one = tracing();
    for (const traceparent of ['oops', 7, {}, null])
      one.receive({ ...request, meta: { traceparent } }, () => 1);
    expect(spans.getFinishedSpans().map(({ parentSpanContext }) => parentSpanContext)).toEqual(
      new Array(4).fill(undefined),
    );
  });
});
