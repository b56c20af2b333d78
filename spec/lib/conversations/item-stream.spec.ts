import { CANCEL, CREDIT, END, ITEM, STREAM } from '../../../entities/stream.js';
import type { CallContext } from '../../../lib/conversations/context.js';
import { type ItemSource, ItemStream } from '../../../lib/conversations/item-stream.js';
import { ipcError } from '../../support/errors.js';
import { failure } from '../../support/events.js';
import { type End, joined, settled, wires } from '../../support/peer-pairs.js';

const [wire] = wires as [(typeof wires)[0]];

describe('A peer that violates the protocol of streams', () => {
  let caller: End;
  let responder: End;
  let finished: number;
  let body: ItemStream | undefined;

  beforeEach(() => {
    ({ caller, responder } = joined(wire));
    finished = 0;
    responder.answers.handlers.add('work', [
      async function* (_data: unknown, _peer: unknown, context: CallContext) {
        body = context.body;
        try {
          for (;;) yield 1;
        } finally {
          finished++;
        }
      },
    ]);
  });

  const say = (to: End, type: string, data: unknown, id?: number) =>
    to.take({ type, data, ...(id === undefined ? {} : { id }) } as never);
  const open = (more: object = {}, id = 1) => {
    say(responder, STREAM, { type: 'work', items: 2, bytes: 1000, ...more }, id);
  };

  /** The connection is cut, for the reason, and nothing is left of its calls. */
  async function expectCut(end: End, reason: string): Promise<void> {
    expect(end.fault).toEqual(ipcError('ERR_IPC_PROTOCOL', reason));
    await settled();
    expect(responder.left).toEqual({ calls: 0, answering: 0, streams: 0 });
  }

  const openings: [string, unknown][] = [
    ['nothing', undefined],
    ['null', null],
    ['no name', { items: 1, bytes: 1 }],
    ['no credit', { type: 'work' }],
    ['negative credit', { type: 'work', items: -1, bytes: 1 }],
    ['a fraction', { type: 'work', items: 1.5, bytes: 1 }],
    ['text for bytes', { type: 'work', items: 1, bytes: '1' }],
    ['a resume that is not a number', { type: 'work', items: 1, bytes: 1, resume: 'x' }],
  ];
  for (const [what, data] of openings) {
    it(`is disconnected if it opens a call with ${what}`, async () => {
      say(responder, STREAM, data, 1);
      await expectCut(responder, 'a call');
    });
  }

  it('is disconnected if it opens two calls with the same id', async () => {
    open();
    await settled();
    open();
    await expectCut(responder, 'the id 1 is in use');
    expect(finished).toBe(1);
  });

  const credits: [string, object, string][] = [
    ['for items that were not sent', { seq: 99, items: 1, bytes: 1 }, 'item 99 was taken before it was sent'],
    ['of a negative number', { seq: 0, items: -5, bytes: 1 }, 'a credit is not a number'],
    ['of text', { seq: 0, items: '5', bytes: 1 }, 'a credit is not a number'],
    ['of nothing', {}, 'a credit is not a number'],
  ];
  for (const [what, credit, why] of credits) {
    it(`is disconnected if it grants a credit ${what}`, async () => {
      open();
      await settled();
      say(responder, CREDIT, { id: 1, ...credit });
      await expectCut(responder, why);
      expect(finished).toBe(1);
    });
  }

  it('may grant credit before the response begins, but not acknowledge items', async () => {
    responder.answers.handlers.add('later', [() => new Promise(() => {})]);
    open({ type: 'later' });
    say(responder, CREDIT, { id: 1, seq: 0, items: 1, bytes: 1 });
    expect(responder.fault).toBeUndefined();
    say(responder, CREDIT, { id: 1, seq: 1, items: 1, bytes: 1 });
    expect(responder.fault).toEqual(
      ipcError('ERR_IPC_PROTOCOL', 'it acknowledged items before the response began'),
    );
  });

  it('gets a bounded amount of data in flight, however much credit it grants', async () => {
    open({ items: 2 ** 50, bytes: 2 ** 50 });
    await settled();
    expect(responder.said(ITEM).length).toBeLessThanOrEqual(4096);
    responder.cut();
  });

  it('may open 1,024 streams at once, and no more', async () => {
    for (let id = 1; id <= 1500; id++) open({ items: 1 }, id);
    await settled(5);
    expect(responder.left.streams).toBe(1024);
    const refused = responder.sent.filter(({ error }) => error?.code === 'ERR_IPC_BACKPRESSURE');
    expect(refused.length).toBe(476);
    responder.cut();
    await settled();
    expect(finished).toBe(1024);
    expect(responder.left).toEqual({ calls: 0, answering: 0, streams: 0 });
  });

  const bodies: [string, object, string, string][] = [
    ['an item of a body without credit', { seq: 1, item: 1 }, ITEM, 'item 1 came without credit'],
    ['an item out of order', { seq: 2, item: 1 }, ITEM, 'item 2 came after item 0'],
    ['an item without a number', { item: 1 }, ITEM, 'an item has no number'],
    ['base64 that is not text', { seq: 1, base64: 5 }, ITEM, 'an item is not base64'],
    ['an end of more items than came', { seq: 5 }, END, 'a body of 5 items ended after item 0'],
    ['an end that cannot be text', { seq: { toString: 1 } }, END, 'a body ended without its number of items'],
  ];
  for (const [what, data, type, why] of bodies) {
    it(`is disconnected if it sends ${what}`, async () => {
      open({ body: true });
      await settled();
      say(responder, type, { id: 1, ...data });
      await expectCut(responder, why);
      expect(finished).toBe(1);
    });
  }

  it('may leave while a handler waits for its body, and the handler gets an error', async () => {
    open({ body: true });
    await settled();
    const waiting = failure((body as ItemStream).next());
    say(responder, CANCEL, { id: 1 });
    expect(await waiting).toEqual(
      ipcError('ERR_IPC_ABORTED', 'The caller does not wait for the stream work'),
    );
    await settled();
    expect([finished, responder.fault]).toEqual([1, undefined]);
  });

  it('is disconnected if it sends a body that it did not announce', async () => {
    open();
    await settled();
    say(responder, ITEM, { id: 1, seq: 1, item: 1 });
    await expectCut(responder, 'not announced');
  });

  it('is disconnected if its body exceeds the credit', async () => {
    open({ body: true });
    await settled();
    void body?.next();
    for (let seq = 1; seq <= 257; seq++) say(responder, ITEM, { id: 1, seq, item: 1 });
    await expectCut(responder, 'item 257 came without credit');
  });

  it('is disconnected if the items of its body are far larger than the credit', async () => {
    open({ body: true });
    await settled();
    void body?.next();
    for (let seq = 1; seq <= 10; seq++) say(responder, ITEM, { id: 1, seq, item: 'x'.repeat(1024 * 1024) });
    await expectCut(responder, 'bytes came without credit');
  });

  it('is disconnected if its bodies together exceed the limit of one connection', async () => {
    const large = 'x'.repeat(4 * 1024 * 1024);
    for (let id = 1; id <= 20 && responder.fault === undefined; id++) {
      open({ body: true }, id);
      await settled(3);
      void body?.next();
      say(responder, ITEM, { id, seq: 1, item: 1 });
      say(responder, ITEM, { id, seq: 2, item: large });
    }
    await expectCut(responder, 'the bodies of its calls');
  });

  it('is ignored if its packet names a call that is not open', () => {
    for (const type of [ITEM, END, CREDIT, CANCEL]) {
      const object = { valueOf: 1, toString: 1 };
      const references = [
        { id: 7 },
        { re: 7 },
        { id: 'x' },
        { re: null },
        {},
        { id: object },
        { re: object },
      ];
      for (const reference of references) {
        say(responder, type, { ...reference, seq: 1 });
      }
    }
    expect(responder.fault).toBeUndefined();
  });

  it('is disconnected if it responds with items beyond the credit of the caller', async () => {
    caller.other = undefined;
    const stream = caller.calls.stream('work', 1, 0, { highWaterMark: 2 });
    for (let seq = 1; seq <= 3; seq++) say(caller, ITEM, { re: 1, seq, item: seq });
    expect(caller.fault).toEqual(ipcError('ERR_IPC_PROTOCOL', 'item 3 came without credit'));
    await stream.return();
  });

  it('loses only its stream if it sends items after the end, or a wrong number of items at the end', async () => {
    caller.other = undefined;
    const stream = caller.calls.stream('work', 1, 0, {});
    say(caller, ITEM, { re: 1, seq: 1, item: 1 });
    caller.take({ type: STREAM, data: { seq: 2 }, re: 1 });
    say(caller, ITEM, { re: 1, seq: 2, item: 2 });
    expect(await stream.next()).toEqual({ done: false, value: 1 });
    await expectAsync(stream.next()).toBeRejectedWith(
      ipcError('ERR_IPC_PROTOCOL', 'ended after item 2 and not 1'),
    );
    expect(caller.calls.size).toBe(0);
  });
});

describe('A stream of items', () => {
  class Source implements ItemSource {
    readonly itemsWritten = 3;
    readonly bytesWritten = 9;
    readonly credits: number[] = [];
    readonly waiting: boolean[] = [];
    lefts = 0;

    credit(seq: number): void {
      this.credits.push(seq);
    }

    left(): void {
      this.lefts++;
    }

    waits(waits: boolean): void {
      this.waiting.push(waits);
    }
  }

  const WINDOW = { items: 4, bytes: 1000 };
  const item = (value: unknown) => ({ done: false, value });
  const done = { done: true, value: undefined };
  let source: Source;
  let stream: ItemStream;

  beforeEach(() => {
    source = new Source();
    stream = new ItemStream(source, WINDOW);
  });

  it('grants credit when it is first read, and when half of the window was read', async () => {
    expect(stream.renew()).toEqual({ items: 0, bytes: 0 });
    const first = stream.next() as Promise<unknown>;
    expect([source.credits, source.waiting]).toEqual([[0], [true]]);
    stream.push(1, 'a', false);
    expect(await first).toEqual(item('a'));
    expect([source.credits, source.waiting]).toEqual([[0], [true, false]]);
    stream.push(2, 'b', false);
    stream.push(3, 'c', false);
    expect(stream.renew()).toEqual({ items: 2, bytes: 1000 });
    for (const value of ['b', 'c']) expect(await (stream.next() as Promise<unknown>)).toEqual(item(value));
    expect(source.credits).toEqual([0, 3]);
    expect([stream.itemsRead, stream.last, stream.itemsWritten, stream.bytesWritten]).toEqual([3, 3, 3, 9]);
  });

  it('grants credit at once after an item that uses up the credit, and also for bytes', async () => {
    void stream.next();
    stream.push(1, 'a', true);
    expect(source.credits).toEqual([0, 1]);
    void stream.next();
    stream.push(2, 'x'.repeat(600), false);
    expect(source.credits).toEqual([0, 1, 2]);
  });

  it('checks its items, and ends with the first that is refused', async () => {
    const budget = { bytes: 0, most: 10_000 };
    const fault = new Error('odd');
    const check = async (value: unknown) => {
      if (value === 2) throw fault;
      return Number(value) * 10;
    };
    stream = new ItemStream(source, WINDOW, { check, budget, granted: true });
    for (const n of [1, 2, 3]) stream.push(n, n, false);
    expect(budget.bytes).toBeGreaterThan(0);
    expect(await (stream.next() as Promise<unknown>)).toEqual(item(10));
    await expectAsync(stream.next()).toBeRejectedWith(fault);
    expect([source.lefts, budget.bytes]).toEqual([1, 0]);
    expect(await (stream.next() as Promise<unknown>)).toEqual(done);
  });

  it('drops its buffered items when its reader leaves, and notifies the sender once', async () => {
    const budget = { bytes: 0, most: 10_000 };
    stream = new ItemStream(source, WINDOW, { budget, granted: true });
    stream.push(1, 'a', false);
    expect(await (stream.return() as Promise<unknown>)).toEqual(done);
    stream.push(2, 'b', false);
    await stream[Symbol.asyncDispose]();
    await expectAsync(stream.throw('why')).toBeRejectedWith('why');
    expect([source.lefts, budget.bytes, stream.last]).toEqual([1, 0, 2]);
    expect(await (stream.next() as Promise<unknown>)).toEqual(done);
  });

  it('yields the items before an error, and throws the error once', async () => {
    const fault = new Error('cut');
    stream = new ItemStream(source, WINDOW, { granted: true });
    stream.push(1, 'a', false);
    stream.end(fault);
    stream.end(new Error('too late'));
    expect(await (stream.next() as Promise<unknown>)).toEqual(item('a'));
    await expectAsync(stream.next()).toBeRejectedWith(fault);
    expect(await (stream.next() as Promise<unknown>)).toEqual(done);
  });

  it('drops its items and the error if its reader leaves, and its items if it is aborted', async () => {
    stream = new ItemStream(source, WINDOW, { granted: true });
    stream.push(1, 'a', false);
    stream.end(new Error('cut'));
    await stream.return();
    expect(await (stream.next() as Promise<unknown>)).toEqual(done);
    expect(source.lefts).toBe(0);
    const budget = { bytes: 0, most: 10_000 };
    const another = new ItemStream(source, WINDOW, { budget, granted: true });
    another.push(1, 'a', false);
    another.abort(new Error('aborted'));
    expect(budget.bytes).toBe(0);
    await expectAsync(another.next()).toBeRejectedWithError('aborted');
  });

  it('rejects the first pending next(), and ends the others', async () => {
    const waiting = [stream.next(), stream.next(), stream.next()];
    stream.end(new Error('cut'));
    expect(source.waiting).toEqual([true, false]);
    const outcome = await Promise.allSettled(waiting);
    expect(outcome.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
    expect(await (stream.next() as Promise<unknown>)).toEqual(done);
  });

  it('grants credit when half of its items or of its bytes were read, not earlier', async () => {
    const read = async (sizes: number[]): Promise<number[]> => {
      source = new Source();
      stream = new ItemStream(source, WINDOW, { granted: true });
      for (const [i, size] of sizes.entries()) {
        stream.push(i + 1, Buffer.alloc(size), false);
        await stream.next();
      }
      expect(stream.bytesRead).toBe(sizes.reduce((sum, size) => sum + size));
      return source.credits;
    };
    expect(await read([1])).toEqual([]);
    expect(await read([1, 1])).toEqual([2]);
    expect(await read([1, 1, 1])).toEqual([2]);
    expect(await read([1, 1, 1, 1])).toEqual([2, 4]);
    expect(await read([499])).toEqual([]);
    expect(await read([500])).toEqual([1]);
    expect(await read([500, 499])).toEqual([1]);
    expect(await read([500, 500])).toEqual([1, 2]);
  });

  it('grants no credit any more when it has ended', async () => {
    stream = new ItemStream(source, WINDOW, { granted: true });
    for (const seq of [1, 2, 3]) stream.push(seq, seq, true);
    stream.end();
    for (const value of [1, 2, 3]) expect(await (stream.next() as Promise<unknown>)).toEqual(item(value));
    expect(await (stream.next() as Promise<unknown>)).toEqual(done);
    expect([source.credits, source.waiting, source.lefts]).toEqual([[], [], 0]);
  });

  it('accepts as many items as its window has, and in their order', () => {
    const violation = (what: string) => ipcError('ERR_IPC_PROTOCOL', what);
    expect(() => stream.push(1, 'a', false)).toThrow(violation('item 1 came without credit'));
    stream = new ItemStream(source, WINDOW, { granted: true });
    for (const seq of [1, 2, 3, 4]) stream.push(seq, seq, false);
    expect(() => stream.push(4, 4, false)).toThrow(violation('item 4 came after item 4'));
    expect(() => stream.push(6, 6, false)).toThrow(violation('item 6 came after item 4'));
    expect(() => stream.push(5, 5, false)).toThrow(violation('item 5 came without credit'));
    expect(stream.last).toBe(4);
    expect(stream.renew()).toEqual({ items: 0, bytes: 1000 });
  });

  it('holds items up to four times the bytes of its window, and one item more', () => {
    stream = new ItemStream(source, WINDOW, { granted: true });
    stream.push(1, Buffer.alloc(4000), false);
    stream.push(2, Buffer.alloc(1), false);
    expect(() => stream.push(3, Buffer.alloc(1), false)).toThrow(
      ipcError('ERR_IPC_PROTOCOL', 'bytes came without credit'),
    );
  });

  it('counts the items that it holds against a budget, which they may use up', async () => {
    const budget = { bytes: 50, most: 100 };
    stream = new ItemStream(source, WINDOW, { granted: true, budget });
    stream.push(1, Buffer.alloc(50), false);
    expect(budget.bytes).toBe(100);
    await stream.next();
    expect(budget.bytes).toBe(50);
    const waiting = stream.next();
    stream.push(2, Buffer.alloc(1000), false);
    await waiting;
    expect(budget.bytes).toBe(50);
    expect(() => stream.push(3, Buffer.alloc(51), false)).toThrow(
      ipcError('ERR_IPC_PROTOCOL', 'exceed what is buffered for one connection'),
    );
  });

  it('reports once that readers wait, and when no more do', async () => {
    stream = new ItemStream(source, WINDOW, { granted: true });
    const waiting = [stream.next(), stream.next()] as Promise<unknown>[];
    expect(source.waiting).toEqual([true]);
    stream.push(1, 'a', false);
    expect(source.waiting).toEqual([true, true]);
    stream.push(2, 'b', false);
    expect(source.waiting).toEqual([true, true, false]);
    expect(await Promise.all(waiting)).toEqual([item('a'), item('b')]);
    expect([stream.itemsRead, stream.bytesRead]).toEqual([2, 18]);
  });

  it('ends with the error of an item that could not be decoded, after the items before it, and leaves', async () => {
    const fault = new Error('not an item');
    stream = new ItemStream(source, WINDOW, { granted: true });
    stream.take({ seq: 1, item: 'a' });
    expect(() => stream.take({ seq: 3 }, fault)).toThrow(ipcError('ERR_IPC_PROTOCOL', 'item 3 came after'));
    stream.take({ seq: 2 }, fault);
    stream.take({ seq: 3 }, new Error('another'));
    expect([source.lefts, stream.last]).toEqual([1, 3]);
    expect(await (stream.next() as Promise<unknown>)).toEqual(item('a'));
    await expectAsync(stream.next()).toBeRejectedWith(fault);
    expect(await (stream.next() as Promise<unknown>)).toEqual(done);
  });

  it('acknowledges an item that used up the credit of its sender as soon as it is read', async () => {
    stream = new ItemStream(source, WINDOW, { granted: true });
    stream.take({ seq: 1, item: 'a', full: true });
    expect(source.credits).toEqual([]);
    await stream.next();
    expect(source.credits).toEqual([1]);
    stream.take({ seq: 2, item: 'b', full: false });
    await stream.next();
    expect(source.credits).toEqual([1]);
  });
});
