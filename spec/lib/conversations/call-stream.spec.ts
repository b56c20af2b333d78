import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import * as z from 'zod';
import type { Packet } from '../../../entities/packet.js';
import { CANCEL, CREDIT, END, ITEM, STREAM, type Window } from '../../../entities/stream.js';
import {
  type CallOwner,
  CallStream,
  lostStream,
  type StreamOptions,
} from '../../../lib/conversations/call-stream.js';
import type { CallContext } from '../../../lib/conversations/context.js';
import type { ItemStream } from '../../../lib/conversations/item-stream.js';
import type { StreamConnection } from '../../../lib/conversations/stream-connection.js';
import { steadyTime } from '../../support/clock.js';
import { ipcError } from '../../support/errors.js';
import { failure } from '../../support/events.js';
import { type End, joined, settled, wires } from '../../support/peer-pairs.js';

/** What is read until a stream ends, and what it ends with. */
async function read(stream: AsyncIterable<unknown>): Promise<{ items: unknown[]; error?: unknown }> {
  const items: unknown[] = [];
  try {
    for await (const item of stream) items.push(item);
    return { items };
  } catch (error) {
    return { items, error };
  }
}

async function* count(to: number): AsyncGenerator<number> {
  for (let n = 1; n <= to; n++) yield n;
}

for (const wire of wires) {
  describe(`A stream over ${wire.name}`, () => {
    let caller: End;
    let responder: End;

    beforeEach(() => {
      ({ caller, responder } = joined(wire));
    });

    afterEach(async () => {
      await settled();
      expect(caller.fault ?? responder.fault).toBeUndefined();
      expect(caller.left).toEqual({ calls: 0, answering: 0, streams: 0 });
      expect(responder.left).toEqual({ calls: 0, answering: 0, streams: 0 });
    });

    function handle(
      handler: (data: never, peer: never, context: CallContext) => unknown,
      options = {},
    ): void {
      responder.answers.handlers.add('work', [options, handler]);
    }

    function call(data?: unknown, options: StreamOptions = {}): ItemStream {
      return caller.calls.stream('work', data, 10_000, options);
    }

    it('transmits the items of a generator, in order, and ends', async () => {
      handle(count);
      expect(await read(call(1000))).toEqual({ items: Array.from({ length: 1000 }, (_, i) => i + 1) });
    });

    it('transmits the items of a Readable and a ReadableStream', async () => {
      handle(() => Readable.from(['a', 'b']));
      expect(await read(call())).toEqual({ items: ['a', 'b'] });
      handle(async () => ReadableStream.from(['c']));
      expect(await read(call())).toEqual({ items: ['c'] });
    });

    it('has the response of a plain handler as its only item', async () => {
      handle(() => ({ a: 1 }));
      expect(await read(call())).toEqual({ items: [{ a: 1 }] });
      handle(async () => undefined);
      expect(await read(call())).toEqual({ items: [undefined] });
    });

    it('may be empty', async () => {
      handle(() => count(0));
      expect(await read(call())).toEqual({ items: [] });
    });

    it('does not answer a request, and says how to call it', async () => {
      let closed = false;
      handle(() =>
        Object.assign(count(1), {
          async return() {
            closed = true;
            return { done: true, value: undefined };
          },
        }),
      );
      expect(await failure(caller.calls.ask('work', 1, 0, {}))).toEqual(
        ipcError('ERR_IPC_UNSUPPORTED', 'call stream("work", ...) for it'),
      );
      expect(closed).toBeTrue();
    });

    it('transmits the items before an error, then the error with its name, message and code', async () => {
      handle(async function* () {
        yield 1;
        yield 2;
        throw Object.assign(new RangeError('too far'), { code: 'E_FAR' });
      });
      const { items, error } = await read(call());
      expect(items).toEqual([1, 2]);
      expect(error).toEqual(
        jasmine.objectContaining({ name: 'RangeError', message: 'too far', code: 'E_FAR' }),
      );
    });

    it('ends with the reason if it has no handler', async () => {
      expect((await read(caller.calls.stream('none', 1, 0, {}))).error).toEqual(
        ipcError('ERR_IPC_NO_HANDLER', 'the stream none'),
      );
    });

    it('transmits bytes as Buffers', async () => {
      const bytes = Buffer.from([0, 255, 128, 10]);
      handle(() => Readable.from([bytes, new Uint8Array(bytes)]));
      const { items } = await read(call());
      expect(Buffer.isBuffer(items[0])).toBeTrue();
      expect(items.map((item) => Buffer.from(item as Uint8Array))).toEqual([bytes, bytes]);
      const [first] = responder.said(ITEM);
      const item = first?.data as { item?: unknown; base64?: unknown };
      if (wire.binary) expect(item.item).toEqual(bytes);
      else expect([item.item, item.base64]).toEqual([undefined, bytes.toString('base64')]);
    });

    it('transmits text that looks like base64 as text', async () => {
      handle(() => Readable.from(['AAAA', { base64: 'AAAA' }]));
      expect(await read(call())).toEqual({ items: ['AAAA', { base64: 'AAAA' }] });
    });

    it('asks the generator for no more items than the consumer grants', async () => {
      let made = 0;
      handle(async function* () {
        for (;;) yield ++made;
      });
      const stream = call(undefined, { highWaterMark: 4 });
      await settled();
      expect(made).toBe(4);
      for (let taken = 1; taken <= 100; taken++) {
        expect(await stream.next()).toEqual({ done: false, value: taken });
        await settled(5);
        expect(made).toBeLessThanOrEqual(taken + 4);
      }
      expect(made).toBeGreaterThan(100);
      await stream.return();
    });

    it('also limits the bytes in flight, except for one item that exceeds the limit', async () => {
      let made = 0;
      handle(async function* () {
        for (;;) {
          made++;
          yield 'x'.repeat(1000);
        }
      });
      const stream = call(undefined, { highWaterMark: { bytes: 2500 } });
      await settled();
      expect(made).toBe(3);
      for (let taken = 1; taken <= 20; taken++) {
        await stream.next();
        await settled(5);
        expect(made).toBeLessThanOrEqual(taken + 3);
      }
      expect(made).toBeGreaterThan(20);
      await stream.return();
    });

    it('continues if the two ends measure the items differently', async () => {
      const at = new Date(0);
      handle(async function* () {
        for (let n = 0; n < 500; n++) yield { at, n, big: { toJSON: () => 'short' }, none: undefined };
      });
      const { items } = await read(call(undefined, { highWaterMark: { items: 100, bytes: 64 } }));
      expect(items.length).toBe(500);
    });

    it('makes the generator wait while the connection is congested', async () => {
      let made = 0;
      handle(async function* () {
        for (let n = 0; n < 10; n++) yield ++made;
      });
      responder.congested = true;
      const all = read(call());
      await settled();
      expect(made).toBe(0);
      responder.drain();
      expect((await all).items.length).toBe(10);
    });

    for (const how of ['break', 'return()', 'throw in the loop', 'dispose']) {
      it(`ends the generator when the consumer leaves: ${how}`, async () => {
        let finished = 0;
        let aborted = false;
        handle(async function* (_data, _peer, { signal }) {
          try {
            for (;;) yield 1;
          } finally {
            finished++;
            aborted = signal.aborted;
          }
        });
        const stream = call();
        if (how === 'return()') {
          await stream.next();
          expect(await stream.return()).toEqual({ done: true, value: undefined });
        } else if (how === 'dispose') {
          await stream.next();
          await stream[Symbol.asyncDispose]();
        } else if (how === 'break') {
          for await (const _ of stream) break;
        } else {
          await failure(
            (async () => {
              for await (const _ of stream) throw new Error('enough');
            })(),
          );
        }
        await settled();
        expect([finished, aborted]).toEqual([1, true]);
        expect(caller.said(CANCEL).length).toBe(1);
        expect(await stream.next()).toEqual({ done: true, value: undefined });
      });
    }

    it('destroys a Readable that was never read', async () => {
      const readable = new Readable({ read() {} });
      handle(() => readable);
      const stream = call(undefined, { highWaterMark: 1 });
      await settled();
      await stream.return();
      await settled();
      expect(readable.destroyed).toBeTrue();
    });

    it('is aborted by a signal: it transmits nothing more, and the generator ends', async () => {
      const abort = new AbortController();
      let finished = false;
      handle(async function* () {
        try {
          for (;;) yield 1;
        } finally {
          finished = true;
        }
      });
      const stream = call(undefined, { signal: abort.signal });
      await stream.next();
      await settled();
      abort.abort('enough');
      const error = await failure(stream.next());
      expect(error).toEqual(ipcError('ERR_IPC_ABORTED', 'The stream work was aborted.'));
      expect(error.cause).toBe('enough');
      expect(await stream.next()).toEqual({ done: true, value: undefined });
      await settled();
      expect(finished).toBeTrue();
    });

    it('is not opened if it is aborted already', async () => {
      const stream = call(undefined, { signal: AbortSignal.abort() });
      expect((await read(stream)).error).toEqual(ipcError('ERR_IPC_ABORTED'));
      expect(caller.sent).toEqual([]);
    });

    it('times out between items, and only while the consumer waits', async () => {
      steadyTime();
      let finished = false;
      handle(async function* (_data, _peer, { signal }) {
        try {
          yield 1;
          yield 2;
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
        } finally {
          finished = true;
        }
      });
      const stream = call(undefined, { timeout: 150 });
      await stream.next();
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(finished).toBeFalse();
      expect(await stream.next()).toEqual({ done: false, value: 2 });
      expect(await failure(stream.next())).toEqual(
        ipcError('ERR_IPC_TIMEOUT', 'No item of the stream work came within 150 ms; raise'),
      );
      await settled();
      expect(finished).toBeTrue();
    });

    it('times out while the consumer waits, also before the other side has accepted it', async () => {
      caller.other = undefined;
      const stream = call(undefined, { timeout: 20 });
      await new Promise((resolve) => setTimeout(resolve, 30));
      expect(await failure(stream.next())).toEqual(ipcError('ERR_IPC_TIMEOUT'));
    });

    it('times out if the other side does not support streams', async () => {
      caller.other = undefined;
      const stream = caller.calls.stream('work', 1, 5, {});
      expect((await read(stream)).error).toEqual(
        ipcError('ERR_IPC_TIMEOUT', 'does the other side support streams?'),
      );
    });

    it('ends with the number of received items when the connection is lost, and the generator ends', async () => {
      let finished = false;
      handle(async function* () {
        try {
          for (;;) yield 1;
        } finally {
          finished = true;
        }
      });
      const stream = call(undefined, { highWaterMark: 2 });
      await stream.next();
      await settled();
      caller.cut();
      caller.calls.lost(ipcError('ERR_IPC_DISCONNECTED') as never);
      const { items, error } = await read(stream);
      const message = `The connection was lost after ${1 + items.length} items of the stream work`;
      expect(error).toEqual(ipcError('ERR_IPC_DISCONNECTED', message));
      expect(items.length).toBeGreaterThan(0);
      await settled();
      expect(finished).toBeTrue();
    });

    it('sends a body, and reads it only as far as the handler does', async () => {
      handle(async function* (_data, _peer, { body }) {
        for await (const item of body as ItemStream<number>) yield item * 2;
      });
      const stream = call(undefined, { body: count(200) });
      expect(await read(stream)).toEqual({ items: Array.from({ length: 200 }, (_, i) => (i + 1) * 2) });
      expect(stream.itemsWritten).toBe(200);
    });

    it('accepts bodies of every iterable kind', async () => {
      handle(async (_data, _peer, { body }) => read(body));
      for (const body of [
        ['a', 'b'],
        new Set(['a', 'b']),
        Readable.from(['a', 'b']),
        ReadableStream.from(['a', 'b']),
      ]) {
        expect(await read(call(undefined, { body }))).toEqual({ items: [{ items: ['a', 'b'] }] });
      }
      expect(await read(call())).toEqual({ items: [{ items: [] }] });
    });

    it('counts the bytes of a body when they are sent, and of items when the consumer takes them', async () => {
      handle(async function* (_data, _peer, { body }) {
        yield* body;
      });
      const stream = call(undefined, { body: [Buffer.alloc(1000), Buffer.alloc(24)] });
      await read(stream);
      expect([stream.bytesWritten, stream.itemsWritten]).toEqual([1024, 2]);
      expect([stream.bytesRead, stream.itemsRead]).toEqual([1024, 2]);
    });

    it('does not read a body before the handler does, and then no more than the handler', async () => {
      let made = 0;
      let readBody: ItemStream | undefined;
      let release = () => {};
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      handle(async (_data, _peer, { body }) => {
        readBody = body;
        await released;
      });
      const stream = call(undefined, {
        body: (function* () {
          for (;;) yield ++made;
        })(),
      });
      const all = read(stream);
      await settled();
      expect(made).toBe(0);
      expect(await readBody?.next()).toEqual({ done: false, value: 1 });
      await settled();
      expect(made).toBeLessThanOrEqual(257);
      release();
      await all;
    });

    it('ends the body when the handler stops reading it, and the call continues', async () => {
      let ended = false;
      handle(async function* (_data, _peer, { body }) {
        for await (const item of body) {
          yield item;
          break;
        }
        yield 'and more';
      });
      async function* body(): AsyncGenerator<number> {
        try {
          for (;;) yield 1;
        } finally {
          ended = true;
        }
      }
      expect(await read(call(undefined, { body: body() }))).toEqual({ items: [1, 'and more'] });
      await settled();
      expect(ended).toBeTrue();
    });

    it('ends the body when the call has ended', async () => {
      let ended = false;
      handle(() => 'no thanks');
      async function* body(): AsyncGenerator<number> {
        try {
          for (;;) yield 1;
        } finally {
          ended = true;
        }
      }
      const source = body();
      await source.next();
      await read(call(undefined, { body: source }));
      await settled();
      expect(ended).toBeTrue();
    });

    it('passes the error of a body to the handler, also if it fails before the handler reads it', async () => {
      const source = createReadStream('a file that is missing');
      const closed = new Promise<void>((resolve) => source.once('close', () => resolve()));
      handle(async (_data, _peer, { body }) => {
        await closed;
        return ((await read(body)).error as { code: unknown }).code;
      });
      expect(await read(call(undefined, { body: source }))).toEqual({ items: ['ENOENT'] });
    });

    it('survives errors of a body that is not read, and of a response that is not wanted', async () => {
      handle(() => createReadStream('a file that is missing'));
      await expectAsync(caller.calls.ask('work', 1, 1000)).toBeRejectedWith(ipcError('ERR_IPC_UNSUPPORTED'));
      const left = call();
      await left.return();
      handle(() => 'no body is read');
      const body = createReadStream('a file that is missing');
      const closed = new Promise<void>((resolve) => body.once('close', () => resolve()));
      expect(await read(call(undefined, { body }))).toEqual({ items: ['no body is read'] });
      await closed;
    });

    it('passes to the handler what the body threw', async () => {
      handle(async (_data, _peer, { body }) => {
        const { items, error } = await read(body);
        const { name, message, code } = error as Error & { code: string };
        return { items, name, message, code };
      });
      async function* body(): AsyncGenerator<number> {
        yield 1;
        throw Object.assign(new TypeError('torn'), { code: 'E_TORN' });
      }
      expect(await read(call(undefined, { body: body() }))).toEqual({
        items: [{ items: [1], name: 'TypeError', message: 'torn', code: 'E_TORN' }],
      });
    });

    it('ends with the reason if an item cannot be sent, and the generator ends', async () => {
      let finished = false;
      const circle: { self?: unknown } = {};
      circle.self = circle;
      handle(async function* () {
        try {
          yield 1;
          yield circle;
          yield 3;
        } finally {
          finished = true;
        }
      });
      const { items, error } = await read(call());
      expect(items).toEqual([1]);
      expect(error).toBeDefined();
      expect(finished).toBeTrue();
    });

    it('works with pipeline, Readable.from and ReadableStream.from', async () => {
      handle(count);
      const chunks: unknown[] = [];
      await pipeline(call(5), async (items: AsyncIterable<unknown>) => {
        for await (const item of items) chunks.push(item);
      });
      expect(chunks).toEqual([1, 2, 3, 4, 5]);
      expect(await Readable.from(call(3)).toArray()).toEqual([1, 2, 3]);
      expect(await read(ReadableStream.from(call(3)))).toEqual({ items: [1, 2, 3] });
    });

    it('answers several next() at once, in order', async () => {
      handle(count);
      const stream = call(2);
      const results = await Promise.all([stream.next(), stream.next(), stream.next()]);
      expect(results.map(({ value }) => value)).toEqual([1, 2, undefined]);
    });

    it('refuses unknown and invalid options', () => {
      const wrong: [object, string][] = [
        [{ timeOut: 5 }, 'does not know timeOut; did you mean timeout?'],
        [{ body: 5 }, 'takes a body that can be iterated'],
        [{ body: 'text' }, 'takes a body that can be iterated'],
        [{ timeout: '5s' }, 'takes a timeout in milliseconds'],
        [{ timeout: Number.NaN }, 'takes a timeout in milliseconds'],
        [{ signal: {} }, 'takes an AbortSignal as its signal'],
        [{ resume: 1 }, 'takes true or false as resume'],
        [{ resume: true, retries: '3' }, 'takes a number of retries, from 0'],
        [{ resume: true, retries: -1 }, 'takes a number of retries, from 0'],
        [{ resume: true, retries: Number.NaN }, 'takes a number of retries, from 0'],
        [{ retries: 1 }, 'set resume: true'],
        [{ resume: false, retries: 1 }, 'set resume: true'],
        [{ meta: 'trace' }, 'takes an object as its meta'],
        [{ highWaterMark: 0 }, 'highWaterMark of at least 1'],
        [{ highWaterMark: 1.5 }, 'highWaterMark of at least 1'],
        [{ highWaterMark: { bytes: 0 } }, 'highWaterMark of at least 1'],
        [{ highWaterMark: { item: 1 } }, 'does not know item; did you mean items?'],
        [{ output: {} }, 'takes a Standard Schema'],
      ];
      for (const [options, message] of wrong) {
        expect(() => call(1, options)).toThrow(ipcError('ERR_IPC_ARGUMENT', message));
        expect(() => call(1, options)).toThrowError(/^stream\("work", \.\.\.\) /);
      }
      expect(caller.sent).toEqual([]);
    });

    it('accepts options at their limits', async () => {
      responder.answers.enter('session', responder);
      handle(count);
      for (const options of [
        { retries: 0 },
        { resume: false, retries: 0 },
        { resume: true, retries: 0 },
        { highWaterMark: 1 },
        { highWaterMark: { items: 1, bytes: 1 } },
        { timeout: 0, signal: new AbortController().signal, meta: {}, output: z.number(), body: [] },
      ]) {
        expect(await read(call(2, options))).toEqual({ items: [1, 2] });
      }
    });

    it('yields what its schema makes of each item, and ends with the first that does not match', async () => {
      let finished = false;
      handle(async function* () {
        try {
          yield ' a ';
          yield 5;
          yield ' b ';
        } finally {
          finished = true;
        }
      });
      const { items, error } = await read(call(undefined, { output: z.string().trim(), highWaterMark: 2 }));
      expect(items).toEqual(['a']);
      expect(error).toEqual(ipcError('ERR_IPC_INVALID_OUTPUT', 'An item of work does not fit the schema'));
      await settled();
      expect(finished).toBeTrue();
    });

    it('has written nothing if it has no body', async () => {
      handle(count);
      const stream = call(1);
      await read(stream);
      expect([stream.itemsWritten, stream.bytesWritten]).toEqual([0, 0]);
    });

    it('is accepted at once, however long the handler takes', async () => {
      steadyTime();
      handle(() => new Promise((resolve) => setTimeout(resolve, 450)));
      const stream = caller.calls.stream('work', 1, 400, {});
      expect(await read(stream)).toEqual({ items: [undefined] });
      expect(responder.said(CREDIT)).toEqual([{ type: CREDIT, data: { re: 1, seq: 0, items: 0, bytes: 0 } }]);
    });

    it('is one request on the wire, with its items before the response', async () => {
      handle(count);
      await read(call(2, { highWaterMark: { items: 8, bytes: 100 } }));
      expect(caller.sent).toEqual([
        { type: STREAM, data: { type: 'work', data: 2, items: 8, bytes: 100 }, id: 1 },
      ] as never);
      expect(responder.sent.slice(1)).toEqual([
        { type: ITEM, data: { re: 1, seq: 1, item: 1 } },
        { type: ITEM, data: { re: 1, seq: 2, item: 2 } },
        { type: STREAM, data: { seq: 2 }, re: 1 },
      ]);
    });
  });
}

describe('The caller’s side of a stream', () => {
  interface Opened {
    readonly id: number;
    readonly timeout: number;
  }

  class Owner implements CallOwner<Opened> {
    readonly sent: Packet[] = [];
    readonly forgotten: Opened[] = [];
    readonly limits: number[] = [];

    sendIfPossible(packet: Packet): void {
      this.sent.push(packet);
    }

    forget(call: Opened): void {
      this.forgotten.push(call);
    }

    limit(_call: Opened, timeout: number): void {
      this.limits.push(timeout);
    }
  }

  class Line implements StreamConnection {
    open = true;
    congested = false;
    readonly binary = true;
    readonly sent: Packet[] = [];
    waiting: (() => void) | undefined;

    send(packet: Packet): boolean {
      this.sent.push(packet);
      return true;
    }

    answer(): void {}

    drained(callback: () => void): void {
      this.waiting = callback;
    }
  }

  const window = { items: 4, bytes: 1000 };
  let owner: Owner;
  let line: Line;

  beforeEach(() => {
    owner = new Owner();
    line = new Line();
  });

  function make(options: StreamOptions = {}, timeout = 0): CallStream<Opened> {
    return new CallStream(owner, { id: 7, timeout }, 'work', 'data', { highWaterMark: window, ...options });
  }

  const credit = (seq: number, { items, bytes }: Window = { items: 0, bytes: 0 }): Packet => {
    return { type: CREDIT, data: { re: 7, seq, items, bytes } };
  };
  const item = (seq: number): Packet => ({ type: ITEM, data: { re: 7, seq, item: seq } });
  const cancel = { type: CANCEL, data: { id: 7 } };

  it('opens the call with its window, body and metadata, and continues it after the last item that came', async () => {
    expect(make().packet).toEqual({ type: STREAM, data: { type: 'work', data: 'data', ...window }, id: 7 });
    const stream = make({ resume: true, body: [], meta: { trace: 'x' } });
    const opening = { type: 'work', data: 'data', body: true };
    expect(stream.packet).toEqual({
      type: STREAM,
      data: { ...opening, ...window, resume: 0 },
      id: 7,
      meta: { trace: 'x' },
    });
    for (const seq of [1, 2, 3]) stream.take(item(seq), line);
    await stream.items.next();
    stream.lost();
    expect(stream.packet.data).toEqual({ ...opening, items: 2, bytes: 1000, resume: 3 });
    stream.fail(new Error('over'), true);
  });

  it('has a time limit only while the reader waits, as soon as it is accepted', async () => {
    const stream = make({ timeout: 50, resume: true }, 20);
    const first = stream.items.next();
    expect(owner.limits).toEqual([]);
    stream.take(credit(0), line);
    expect(owner.limits).toEqual([50]);
    stream.take(item(1), line);
    await first;
    expect(owner.limits).toEqual([50, 0]);
    stream.lost();
    expect(owner.limits).toEqual([50, 0, 0]);
    const second = stream.items.next();
    expect(owner.limits).toEqual([50, 0, 0, 50]);
    stream.take(credit(0), line);
    stream.lost();
    expect(owner.limits).toEqual([50, 0, 0, 50, 50, 50]);
    stream.take(item(2), line);
    await second;
    expect(owner.limits).toEqual([50, 0, 0, 50, 50, 50, 50, 0]);
    stream.take(item(3), line);
    await stream.items.next();
    expect(owner.limits.length).toBe(8);
  });

  it('has no time limit when it is accepted before the reader waits', () => {
    const stream = make({ timeout: 50 });
    stream.take(credit(0), line);
    expect(owner.limits).toEqual([0]);
  });

  it('does not extend the time that the other side has to accept it', () => {
    const limits = (timeout: number, opening: number): number[] => {
      owner = new Owner();
      void make({ timeout }, opening).items.next();
      return owner.limits;
    };
    expect(limits(100, 50)).toEqual([]);
    expect(limits(100, 200)).toEqual([100]);
    expect(limits(100, 0)).toEqual([100]);
    expect(limits(0, 50)).toEqual([]);
  });

  it('keeps the credit that it owes while the connection is lost, unless the packet that resumes it has it', async () => {
    const stream = make({ resume: true });
    for (const seq of [1, 2, 3, 4]) stream.take(item(seq), line);
    for (let n = 0; n < 2; n++) await stream.items.next();
    expect(line.sent).toEqual([{ type: CREDIT, data: { id: 7, seq: 2, ...window } }]);
    stream.lost();
    for (let n = 0; n < 2; n++) await stream.items.next();
    expect((stream.packet.data as Window).items).toBe(4);
    const next = new Line();
    stream.take(credit(0), next);
    expect(next.sent).toEqual([]);
    for (const seq of [5, 6]) stream.take(item(seq), next);
    stream.lost();
    expect((stream.packet.data as Window).items).toBe(2);
    for (let n = 0; n < 2; n++) await stream.items.next();
    const last = new Line();
    stream.take(credit(0), last);
    stream.take(credit(0), last);
    expect(last.sent).toEqual([{ type: CREDIT, data: { id: 7, seq: 6, ...window } }]);
    expect([line.sent.length, next.sent.length]).toEqual([1, 0]);
  });

  it('sends nothing over a connection that is closed', async () => {
    const stream = make({ resume: true, body: ['a'] });
    stream.take(credit(0), line);
    line.open = false;
    stream.send(1, 'a', false);
    stream.ended(undefined, false);
    for (const seq of [1, 2]) stream.take(item(seq), line);
    for (let n = 0; n < 2; n++) await stream.items.next();
    stream.cancel();
    stream.answered({ seq: 2 });
    expect([line.sent, owner.sent]).toEqual([[], []]);
  });

  it('tells the other side that its reader has left, also before the call is accepted', async () => {
    const early = make();
    await early.items.return();
    expect([owner.sent, owner.forgotten]).toEqual([[cancel], [{ id: 7, timeout: 0 }]]);
    let closed = 0;
    async function* body(): AsyncGenerator<number> {
      try {
        for (;;) yield 1;
      } finally {
        closed++;
      }
    }
    const late = make({ body: body() });
    late.take(credit(0, { items: 1, bytes: 10 }), line);
    await settled();
    await late.items.return();
    await settled();
    expect([line.sent.map(({ type }) => type), closed]).toEqual([[ITEM, CANCEL], 1]);
    expect([owner.sent.length, owner.forgotten.length]).toEqual([1, 2]);
  });

  for (const how of ['answered', 'refused']) {
    it(`confirms that it was ${how} only if the other side has kept that for it`, () => {
      const lines = [true, false].map((resume) => {
        const to = new Line();
        const stream = make({ resume });
        stream.take(credit(0), to);
        if (how === 'answered') stream.answered({ seq: 0 });
        else stream.refused(new Error('refused'));
        return to.sent;
      });
      expect(lines).toEqual([[cancel], []]);
    });
  }

  it('fails if it ends with another number of items than came, or with none', async () => {
    for (const [data, said] of [
      [{ seq: 2 }, 'it ended after item 2 and not 1'],
      [{ seq: '1' }, 'it ended without its number of items and not 1'],
      [{}, 'it ended without its number of items and not 1'],
      [null, 'it ended without its number of items and not 1'],
      [undefined, 'it ended without its number of items and not 1'],
    ]) {
      const stream = make();
      stream.take(item(1), line);
      stream.answered(data);
      expect(await stream.items.next()).toEqual({ done: false, value: 1 });
      expect(await failure(stream.items.next())).toEqual(ipcError('ERR_IPC_PROTOCOL', said as string));
    }
  });

  it('drops the items that were not read when it fails, if it is told to', async () => {
    const [keeps, drops] = [make(), make()];
    const fault = new Error('over');
    for (const stream of [keeps, drops]) stream.take(item(1), line);
    keeps.fail(fault, false);
    drops.fail(fault, true);
    expect(await keeps.items.next()).toEqual({ done: false, value: 1 });
    expect(await failure(keeps.items.next())).toBe(fault as never);
    expect(await failure(drops.items.next())).toBe(fault as never);
  });

  it('sends what is left of its body over another connection, and then its end', async () => {
    const stream = make({ resume: true, body: ['a', 'b', 'c'] });
    stream.take(credit(0, { items: 9, bytes: 1000 }), line);
    await settled();
    const sent = (seq: number, text: string, more = {}) => {
      return { type: ITEM, data: { id: 7, seq, item: text, ...more } };
    };
    const end = { type: END, data: { id: 7, seq: 3 } };
    expect(line.sent).toEqual([sent(1, 'a'), sent(2, 'b'), sent(3, 'c'), end]);
    stream.lost();
    const next = new Line();
    stream.take(credit(1, { items: 9, bytes: 1000 }), next);
    stream.take(credit(2, { items: 9, bytes: 1000 }), next);
    await settled();
    expect(next.sent).toEqual([sent(2, 'b'), sent(3, 'c', { full: true }), end]);
    expect([stream.itemsWritten, stream.bytesWritten]).toEqual([3, 27]);
  });

  it('ends its body with what that threw', async () => {
    async function* body(): AsyncGenerator<string> {
      yield 'a';
      throw new RangeError('torn');
    }
    const stream = make({ body: body() });
    stream.take(credit(0, { items: 9, bytes: 1000 }), line);
    await settled();
    expect(line.sent.slice(1)).toEqual([
      {
        type: END,
        data: { id: 7, seq: 1, error: jasmine.objectContaining({ name: 'RangeError', message: 'torn' }) },
      },
    ]);
  });

  it('waits with its body while the connection is congested', async () => {
    const stream = make({ body: ['a'] });
    expect(stream.congested).toBeFalse();
    line.congested = true;
    stream.take(credit(0, { items: 9, bytes: 1000 }), line);
    await settled();
    expect([stream.congested, line.sent]).toEqual([true, []]);
    line.congested = false;
    line.waiting?.();
    await settled();
    expect(line.sent.map(({ type }) => type)).toEqual([ITEM, END]);
  });

  it('refuses credit for a body that it does not have', () => {
    const stream = make();
    stream.take(credit(0), line);
    expect(stream.accepted).toBeTrue();
    expect(() => stream.take(credit(1), line)).toThrow(
      ipcError('ERR_IPC_PROTOCOL', 'it granted credit for a body that does not exist'),
    );
  });

  it('has a window of 256 items and 1 MiB by default, each of which can be set alone', () => {
    const windowOf = (highWaterMark: StreamOptions['highWaterMark']) => {
      const { items, bytes } = make({ highWaterMark }).packet.data as Window;
      return [items, bytes];
    };
    expect(windowOf(undefined)).toEqual([256, 1_048_576]);
    expect(windowOf(3)).toEqual([3, 1_048_576]);
    expect(windowOf({ items: 3 })).toEqual([3, 1_048_576]);
    expect(windowOf({ bytes: 3 })).toEqual([256, 3]);
  });

  it('says after how many items its connection was lost', () => {
    const cause = ipcError('ERR_IPC_DISCONNECTED');
    for (const [items, said] of [
      [0, '0 items'],
      [1, '1 item'],
      [2, '2 items'],
    ] as const) {
      const error = lostStream('work', items, cause);
      expect(error).toEqual(ipcError('ERR_IPC_DISCONNECTED', `lost after ${said} of the stream work; use`));
      expect(error.cause).toBe(cause);
    }
  });
});
