import { CANCEL, CREDIT, END, ITEM, STREAM } from '../../../entities/stream.js';
import type { CallContext } from '../../../lib/conversations/context.js';
import type { ItemStream } from '../../../lib/conversations/item-stream.js';
import { ipcError } from '../../support/errors.js';
import { type End, joined, settled, wires } from '../../support/peer-pairs.js';

const [wire] = wires as [(typeof wires)[0]];

describe('A peer that breaks the rules of streams', () => {
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
    it(`is cut where it opens a call with ${what}`, async () => {
      say(responder, STREAM, data, 1);
      await expectCut(responder, 'a call');
    });
  }

  it('is cut where it opens two calls with the same id', async () => {
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
    it(`is cut where it grants a credit ${what}`, async () => {
      open();
      await settled();
      say(responder, CREDIT, { id: 1, ...credit });
      await expectCut(responder, why);
      expect(finished).toBe(1);
    });
  }

  it('gets no more on its way than a bounded amount, whatever it grants', async () => {
    open({ items: 2 ** 50, bytes: 2 ** 50 });
    await settled();
    expect(responder.said(ITEM).length).toBeLessThanOrEqual(4096);
    responder.cut();
  });

  it('may call for 1,024 streams at once, and no more', async () => {
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
    it(`is cut where it sends ${what}`, async () => {
      open({ body: true });
      await settled();
      say(responder, type, { id: 1, ...data });
      await expectCut(responder, why);
      expect(finished).toBe(1);
    });
  }

  it('is cut where it sends a body that it did not announce', async () => {
    open();
    await settled();
    say(responder, ITEM, { id: 1, seq: 1, item: 1 });
    await expectCut(responder, 'not announced');
  });

  it('is cut where its body is endless', async () => {
    open({ body: true });
    await settled();
    void body?.next();
    for (let seq = 1; seq <= 65; seq++) say(responder, ITEM, { id: 1, seq, item: 1 });
    await expectCut(responder, 'item 65 came without credit');
  });

  it('is cut where the items of its body are far larger than it was granted', async () => {
    open({ body: true });
    await settled();
    void body?.next();
    for (let seq = 1; seq <= 10; seq++) say(responder, ITEM, { id: 1, seq, item: 'x'.repeat(1024 * 1024) });
    await expectCut(responder, 'bytes came without credit');
  });

  it('is cut where its bodies together are more than is held for one connection', async () => {
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

  it('is not heard about calls that are not open', () => {
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

  it('is cut where it responds with items beyond the credit of the caller', async () => {
    caller.other = undefined;
    const stream = caller.calls.stream('work', 1, 0, { highWaterMark: 2 });
    for (let seq = 1; seq <= 3; seq++) say(caller, ITEM, { re: 1, seq, item: seq });
    expect(caller.fault).toEqual(ipcError('ERR_IPC_PROTOCOL', 'item 3 came without credit'));
    await stream.return();
  });

  it('cannot have items follow the end, or a number of items that did not come', async () => {
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
