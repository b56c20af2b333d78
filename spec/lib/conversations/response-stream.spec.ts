import { EventEmitter, once } from 'node:events';
import { lostError } from '../../../entities/errors.js';
import type { Packet } from '../../../entities/packet.js';
import { CANCEL, CREDIT, ITEM, STREAM } from '../../../entities/stream.js';
import type { StreamOptions } from '../../../lib/conversations/call-stream.js';
import { Calls } from '../../../lib/conversations/calls.js';
import type { CallContext } from '../../../lib/conversations/context.js';
import type { ItemStream } from '../../../lib/conversations/item-stream.js';
import { ipcError } from '../../support/errors.js';
import { failure } from '../../support/events.js';
import { End, joined, settled, wires } from '../../support/peer-pairs.js';

async function read(stream: AsyncIterable<unknown>): Promise<unknown[]> {
  const items: unknown[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

const numbers = (to: number) => Array.from({ length: to }, (_, i) => i + 1);

for (const wire of wires) {
  describe(`A resumed stream over ${wire.name}`, () => {
    let caller: End;
    let responder: End;
    let calls: Calls;
    let runs: number;

    beforeEach(() => {
      runs = 0;
      calls = new Calls('client', (packet) => caller.send(packet));
      ({ caller, responder } = joined(wire, new End(wire, undefined, calls)));
      responder.answers.enter('session', responder);
    });

    function handle(handler: (data: never, peer: never, context: CallContext) => unknown): void {
      responder.answers.handlers.add('work', [
        (...args: Parameters<typeof handler>) => {
          runs++;
          return handler(...args);
        },
      ]);
    }

    function call(data?: unknown, options: StreamOptions = {}): ItemStream {
      return calls.stream('work', data, 10_000, { resume: true, ...options });
    }

    /** Cuts the connection, and makes another over which the caller continues. */
    function cut(): void {
      const { answers } = responder;
      caller.cut();
      ({ caller, responder } = joined(wire, new End(wire, caller.answers, calls), new End(wire, answers)));
      calls.lost(lostError('world'));
      answers.enter('session', responder);
      for (const packet of calls.takeLost()) caller.send(packet);
    }

    function expectNothingLeft(): void {
      expect(caller.fault ?? responder.fault).toBeUndefined();
      expect([calls.size, caller.left.answering, responder.left.answering]).toEqual([0, 0, 0]);
      expect([responder.left.streams, responder.session?.streams]).toEqual([0, 0]);
    }

    it('continues after the last item that came, from the same run of the handler', async () => {
      handle(async function* (to: number) {
        for (let n = 1; n <= to; n++) {
          await new Promise(setImmediate);
          yield n;
        }
      } as never);
      const items: unknown[] = [];
      for await (const item of call(500)) {
        items.push(item);
        if (items.length % 17 === 0) cut();
      }
      expect(items).toEqual(numbers(500));
      expect(runs).toBe(1);
      await settled();
      expectNothingLeft();
    });

    it('may be cut at any time: before it is accepted, while items are in flight, and after the end was sent', async () => {
      for (let turns = 0; turns < 12; turns++) {
        runs = 0;
        handle(async function* () {
          yield* numbers(8);
        });
        const all = read(call(undefined, { highWaterMark: 3 }));
        for (let cuts = 0; cuts < 4; cuts++) {
          for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
          cut();
        }
        expect(await all).toEqual(numbers(8));
        expect(runs).toBe(1);
        await settled();
        // Where the consumer's last word was cut off, the next call says it.
        await read(call());
        await settled();
        expectNothingLeft();
      }
    });

    it('continues its body, too', async () => {
      handle(async function* (_data, _peer, { body }) {
        for await (const item of body as ItemStream<number>) yield item * 2;
      });
      async function* body(): AsyncGenerator<number> {
        for (let n = 1; n <= 300; n++) {
          await new Promise(setImmediate);
          yield n;
        }
      }
      const items: unknown[] = [];
      for await (const item of call(undefined, { body: body() })) {
        items.push(item);
        if (items.length % 23 === 0) cut();
      }
      expect(items).toEqual(numbers(300).map((n) => n * 2));
      await settled();
      expectNothingLeft();
    });

    it('transmits items as they were when they were yielded', async () => {
      handle(async function* () {
        const live = { n: 0 };
        for (live.n = 1; live.n <= 20; live.n++) yield live;
      });
      const stream = call(undefined, { highWaterMark: 10 });
      await settled();
      const seen: number[] = [];
      cut();
      for await (const item of stream) seen.push((item as { n: number }).n);
      expect(seen).toEqual(numbers(20));
    });

    it('makes the handler wait while the client is away', async () => {
      let made = 0;
      handle(async function* () {
        for (;;) yield ++made;
      });
      const stream = call(undefined, { highWaterMark: 5 });
      await stream.next();
      await settled();
      caller.cut();
      const before = made;
      await settled();
      expect(made).toBe(before);
      cut();
      for (let n = 2; n <= 30; n++) expect(await stream.next()).toEqual({ done: false, value: n });
      await stream.return();
      await settled();
      expectNothingLeft();
    });

    it('begins an answer that the handler gives while the client is away only when it is back', async () => {
      const handler = new EventEmitter();
      let begun = false;
      async function* answer() {
        begun = true;
        yield* numbers(3);
      }
      handle(async () => {
        await once(handler, 'go');
        return answer();
      });
      const all = read(call());
      await settled();
      caller.cut();
      handler.emit('go');
      await settled();
      expect(begun).toBeFalse();
      cut();
      expect(await all).toEqual(numbers(3));
      await settled();
      expectNothingLeft();
    });

    it('ends the handler when the consumer leaves while there is no connection', async () => {
      let finished = false;
      handle(async function* () {
        try {
          for (;;) yield 1;
        } finally {
          finished = true;
        }
      });
      const stream = call();
      await stream.next();
      await settled();
      const { answers } = responder;
      caller.cut();
      calls.lost(lostError('world'));
      ({ caller, responder } = joined(wire, new End(wire, caller.answers, calls), new End(wire, answers)));
      answers.enter('session', responder);
      await stream.return();
      expect(caller.said(CANCEL).length).toBe(1);
      await settled();
      expect(finished).toBeTrue();
      expectNothingLeft();
    });

    it('ends the handler when the client has come back and calls for another stream in its place', async () => {
      let ended = 0;
      handle(async function* (to: number) {
        try {
          for (let n = 1; n <= to; n++) yield n;
        } finally {
          ended++;
        }
      } as never);
      const stream = call(1000);
      await stream.next();
      // Its cancel is lost together with the connection.
      caller.other = undefined;
      await stream.return();
      responder.cut();
      cut();
      await settled();
      expect(ended).toBe(0);
      expect(await call(1).next()).toEqual({ done: false, value: 1 });
      await settled();
      expect([runs, ended]).toEqual([2, 2]);
      await settled();
      expect(responder.session?.streams).toBeLessThan(2);
    });

    it('keeps the end for a client that is disconnected again before it has resumed all its streams', async () => {
      const gates: (() => void)[] = [];
      handle(async function* () {
        yield 0;
        await new Promise<void>((resolve) => gates.push(resolve));
      } as never);
      const streams = [call(1), call(2), call(3)];
      for (const stream of streams) await stream.next();
      const { answers } = responder;
      caller.cut();
      calls.lost(lostError('world'));
      for (const open of gates) open();
      await settled();
      ({ caller, responder } = joined(wire, new End(wire, caller.answers, calls), new End(wire, answers)));
      answers.enter('session', responder);
      caller.send(calls.takeLost()[0] as Packet);
      await settled();
      cut();
      for (const stream of streams) expect((await stream.next()).done).toBeTrue();
      await settled();
      expectNothingLeft();
    });

    it('ends its body when the client is back if the handler has left it meanwhile', async () => {
      const handler = new EventEmitter();
      let ended = 0;
      async function* body(): AsyncGenerator<number> {
        try {
          for (;;) yield 1;
        } finally {
          ended++;
        }
      }
      handle(async function* (_data, _peer, context) {
        yield (await context.body.next()).value;
        await once(handler, 'leave');
        await context.body.return();
        yield 'left';
        await once(handler, 'end');
      });
      const stream = call(undefined, { body: body() });
      expect(await stream.next()).toEqual({ done: false, value: 1 });
      await settled();
      responder.cut();
      handler.emit('leave');
      await settled();
      expect(ended).toBe(0);
      cut();
      expect(await stream.next()).toEqual({ done: false, value: 'left' });
      await settled();
      expect(responder.said(CANCEL)).toEqual([{ type: CANCEL, data: { re: 1 } }]);
      expect(ended).toBe(1);
      handler.emit('end');
      expect(await stream.next()).toEqual({ done: true, value: undefined });
      await settled();
      expectNothingLeft();
    });

    it('transmits the error that the handler threw while the client was away', async () => {
      let fail = (_error: Error) => {};
      handle(async function* () {
        yield 1;
        await new Promise((_, reject) => {
          fail = reject;
        });
      });
      const stream = call();
      expect(await stream.next()).toEqual({ done: false, value: 1 });
      caller.cut();
      fail(new RangeError('too far'));
      await settled();
      cut();
      const error = await failure(stream.next());
      expect([error.name, error.message]).toEqual(['RangeError', 'too far']);
      await settled();
      expectNothingLeft();
    });

    it('survives as many lost connections as it has retries', async () => {
      handle(async function* () {
        for (;;) {
          await new Promise(setImmediate);
          yield 1;
        }
      });
      const stream = call(undefined, { retries: 2 });
      for (let n = 0; n < 2; n++) {
        await stream.next();
        cut();
      }
      await stream.next();
      caller.cut();
      calls.lost(lostError('world'));
      const error = await failure(read(stream));
      expect(error).toEqual(ipcError('ERR_IPC_DISCONNECTED', 'of the stream work'));
      responder.answers.end();
    });

    it('is refused if the server no longer knows it', async () => {
      handle(async function* () {
        for (;;) yield 1;
      });
      const stream = call();
      await stream.next();
      await settled();
      responder.answers.end();
      const { answers } = responder;
      caller.cut();
      responder.answers.end();
      ({ caller, responder } = joined(wire, new End(wire, caller.answers, calls), new End(wire, answers)));
      calls.lost(lostError('world'));
      answers.enter('session', responder);
      for (const packet of calls.takeLost()) caller.send(packet);
      expect(await failure(read(stream))).toEqual(ipcError('ERR_IPC_FORGOTTEN', 'The stream work'));
    });

    it('keeps items only until they are acknowledged', async () => {
      handle(async function* () {
        for (let n = 0; n < 1000; n++) yield 'x'.repeat(1000);
      });
      const stream = call(undefined, { highWaterMark: 8 });
      await stream.next();
      await settled();
      for (let n = 1; n < 900; n++) {
        await stream.next();
        await settled(1);
        expect(responder.session?.awayBytes).toBeLessThan(20_000);
      }
      expect(responder.said(ITEM).length).toBeGreaterThan(900);
      expect(caller.said(CREDIT).length).toBeLessThan(300);
      await stream.return();
    });

    it('is refused beyond 64 for one session', async () => {
      handle(async function* () {
        for (;;) yield 1;
      });
      const streams = Array.from({ length: 65 }, () => call(undefined, { highWaterMark: 1 }));
      for (const stream of streams.slice(0, 64)) await stream.next();
      expect(await failure((streams[64] as ItemStream).next())).toEqual(ipcError('ERR_IPC_BACKPRESSURE'));
      for (const stream of streams) await stream.return();
      await settled();
      expectNothingLeft();
    });
  });
}

describe('A response that comes as a stream', () => {
  const [wire] = wires as [(typeof wires)[0]];
  let caller: End;
  let responder: End;

  beforeEach(() => {
    ({ caller, responder } = joined(wire));
  });

  const call = () => caller.calls.stream('work', undefined, 10_000, {});

  it('is closed, and never read, if the caller has left before it comes', async () => {
    const handler = new EventEmitter();
    const used: string[] = [];
    const iterator = {
      async next() {
        used.push('next');
        return { done: true, value: undefined };
      },
      async return() {
        used.push('return');
        return { done: true, value: undefined };
      },
    };
    const locked = () => {
      throw new RangeError('read already');
    };
    const responses = [
      { [Symbol.asyncIterator]: () => iterator },
      { [Symbol.asyncIterator]: locked },
      'a single value',
    ];
    responder.answers.handlers.add('work', [
      async () => {
        await once(handler, 'go');
        return responses.shift();
      },
    ]);
    for (const _ of [...responses]) {
      const stream = call();
      await settled();
      await stream.return();
      await settled();
      handler.emit('go');
      await settled();
    }
    expect([responses, used]).toEqual([[], ['return']]);
    expect(responder.said(ITEM)).toEqual([]);
    expect(responder.said(STREAM)).toEqual([]);
    expect(responder.left).toEqual({ calls: 0, answering: 0, streams: 0 });
  });

  it('ends with the error if it cannot be iterated', async () => {
    responder.answers.handlers.add('work', [
      () => ({
        [Symbol.asyncIterator]() {
          throw new RangeError('read already');
        },
      }),
    ]);
    const error = await failure(call().next());
    expect([error.name, error.message]).toEqual(['RangeError', 'read already']);
    expect(responder.left).toEqual({ calls: 0, answering: 0, streams: 0 });
  });
});
