import type { Packet } from '../../../entities/packet.js';
import { CANCEL, STREAM } from '../../../entities/stream.js';
import type { CallContext } from '../../../lib/conversations/context.js';
import { EventNames } from '../../../lib/event-names.js';
import { ipcError } from '../../support/errors.js';
import { failure } from '../../support/events.js';
import { type End, joined, settled, wires } from '../../support/peer-pairs.js';

const [wire] = wires as [(typeof wires)[0]];

describe('StreamResponder', () => {
  let caller: End;
  let responder: End;
  let ended: { count: number };

  beforeEach(() => {
    ({ caller, responder } = joined(wire));
    // An object for each spec, since a stream of the spec before may end later.
    const counted = { count: 0 };
    ended = counted;
    responder.answers.handlers.add('work', [
      async function* () {
        try {
          for (;;) yield 1;
        } finally {
          counted.count++;
        }
      },
    ]);
  });

  const call = () => caller.calls.stream('work', undefined, 10_000, {});

  it('refuses a name that is not permitted', async () => {
    const config = { allowedEvents: ['other'], maxEventNameLength: 100, rawBuffer: false };
    responder.answers.names = new EventNames(config as never, new Set());
    expect(await failure(call().next())).toEqual(ipcError('ERR_IPC_EVENT_NOT_ALLOWED'));
    expect(responder.left.streams).toBe(0);
  });

  it('refuses new streams on a connection that is about to close, and continues the open ones', async () => {
    const open = call();
    expect(await open.next()).toEqual({ done: false, value: 1 });
    responder.leaving = true;
    expect(await failure(call().next())).toEqual(ipcError('ERR_IPC_CLOSED'));
    expect(await open.next()).toEqual({ done: false, value: 1 });
    await open.return();
  });

  it('reports what the unread items of a body add to its memory', async () => {
    let memory = 0;
    responder.answers.grew = (bytes) => {
      memory += bytes;
    };
    responder.answers.handlers.add('read', [
      async (_data: unknown, _peer: unknown, { body }: CallContext) => {
        await body?.next();
        await new Promise(() => {});
      },
    ]);
    const body = ['first', 'x'.repeat(1000)];
    const stream = caller.calls.stream('read', undefined, 10_000, { body });
    await settled();
    expect(memory).toBeGreaterThanOrEqual(1000);
    await stream.return();
  });

  it('ends the streams of a connection that was lost', async () => {
    const streams = [call(), call()];
    for (const stream of streams) await stream.next();
    responder.answers.leave(responder);
    await settled();
    expect({ ended: ended.count, left: responder.left }).toEqual({
      ended: 2,
      left: { calls: 0, answering: 0, streams: 0 },
    });
  });

  it('refuses to resume a stream of a client without a session, or one that it does not know', async () => {
    const open = (id: number, resume: number) => {
      const data = { type: 'work', items: 1, bytes: 100, resume };
      responder.take({ type: STREAM, data, id });
    };
    const refusals = () => responder.said(STREAM).map(({ re, error }) => [re, error?.code]);
    open(1, 0);
    responder.answers.enter('session', responder);
    open(2, 1);
    open(3, 0);
    await settled();
    expect(refusals()).toEqual([
      [1, 'ERR_IPC_FORGOTTEN'],
      [2, 'ERR_IPC_FORGOTTEN'],
    ]);
    expect([responder.left.streams, responder.session?.streams]).toEqual([1, 1]);
    responder.take({ type: CANCEL, data: { id: 3 } } as Packet);
    await settled();
    expect([ended.count, responder.left.streams, responder.session?.streams]).toEqual([1, 0, 0]);
  });

  it('is called with the packets of both kinds: those that open a stream, and those about one', async () => {
    const data = { type: 'work', items: 1, bytes: 100 };
    responder.answers.streams.called({ type: STREAM, data, id: 1 }, responder);
    expect(responder.left.streams).toBe(1);
    await settled();
    responder.answers.streams.called({ type: CANCEL, data: { id: 1 } }, responder);
    expect(responder.left.streams).toBe(0);
    await settled();
    expect(ended.count).toBe(1);
  });

  it('ignores packets about a stream that is not open', () => {
    responder.take({ type: CANCEL, data: { id: 7 } } as Packet);
    expect(responder.fault).toBeUndefined();
  });
});
