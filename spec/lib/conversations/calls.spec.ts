import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { getEventListeners } from 'node:events';
import { IPCError, lostError } from '../../../entities/errors.js';
import type { Packet } from '../../../entities/packet.js';
import { Call } from '../../../lib/conversations/call.js';
import { Calls } from '../../../lib/conversations/calls.js';
import type { RequestOptions } from '../../../lib/conversations/request-options.js';
import type { StreamConnection } from '../../../lib/conversations/stream-connection.js';
import { afterwards } from '../../support/afterwards.js';
import { ipcError } from '../../support/errors.js';
import { failure } from '../../support/events.js';

describe('Calls', () => {
  let sent: Packet[];
  let requests: Calls;
  const ask = (type = 'add', options: RequestOptions = {}, timeout = 0) => {
    return requests.ask(type, 'data', timeout, options);
  };
  const answer = (re: number, data: unknown) => requests.settle({ type: '', data, re });
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

  beforeEach(() => {
    sent = [];
    requests = new Calls('client', (packet) => {
      sent.push(packet);
      return true;
    });
  });

  it('go out numbered, and are answered in any order', async () => {
    const [one, other] = [ask('one'), ask('other')];
    expect(sent).toEqual([
      { type: 'one', data: 'data', id: 1 },
      { type: 'other', data: 'data', id: 2 },
    ]);
    expect([requests.size, requests.has(1), requests.has(3)]).toEqual([2, true, false]);
    answer(2, 'second');
    answer(1, undefined);
    expect(await one).toBeUndefined();
    expect(await other).toBe('second');
    expect(requests.size).toBe(0);
  });

  it('are rejected with the error of the other side', async () => {
    const asked = ask();
    const error = { name: 'RangeError', message: 'too far', code: 'E_FAR' };
    requests.settle({ type: '', data: undefined, re: 1, error });
    const refused = await failure(asked);
    expect(refused).toBeInstanceOf(IPCError);
    expect([refused.name, refused.message, refused.code as string]).toEqual([
      'RangeError',
      'too far',
      'E_FAR',
    ]);
    expect(requests.size).toBe(0);
  });

  it('are resolved if the error is null, as some peers write it', async () => {
    const asked = ask();
    requests.settle({ type: '', data: 1, re: 1, error: null as never });
    expect(await asked).toBe(1);
  });

  it('time out', async () => {
    const asked = ask('add', {}, 5);
    expect(await failure(asked)).toEqual(ipcError('ERR_IPC_TIMEOUT', 'the request add came within 5 ms'));
    expect(requests.size).toBe(0);
  });

  it('ignore an answer that comes too late, twice, or without a request', async () => {
    const late = failure(ask('late', {}, 1));
    const asked = ask();
    await late;
    answer(1, 'late');
    answer(2, 'first');
    answer(2, 'second');
    answer(99, 'what?');
    requests.settle({ type: '', data: 1, re: 'nonce' });
    expect(await asked).toBe('first');
  });

  it('wait forever if the timeout is 0, or longer than any timer', async () => {
    jasmine.clock().install().mockDate();
    try {
      const asked = [0, Number.POSITIVE_INFINITY, 2 ** 31].map((timeout) => ask('add', {}, timeout));
      jasmine.clock().tick(2 ** 31);
      for (const re of [1, 2, 3]) answer(re, re);
      expect(await Promise.all(asked)).toEqual([1, 2, 3]);
    } finally {
      jasmine.clock().uninstall();
    }
  });

  it('can be aborted, with the reason as the cause', async () => {
    const abort = new AbortController();
    const asked = ask('add', { signal: abort.signal }, 10_000);
    abort.abort('enough');
    const error = await failure(asked);
    expect(error).toEqual(ipcError('ERR_IPC_ABORTED', 'The request add was aborted.'));
    expect(error.cause).toBe('enough');
    expect(requests.size).toBe(0);
  });

  it('are not sent if they are already aborted', async () => {
    expect(await failure(ask('add', { signal: AbortSignal.abort('before') }))).toEqual(
      ipcError('ERR_IPC_ABORTED'),
    );
    expect(sent).toEqual([]);
  });

  it('keep no state after their end, however they end', async () => {
    const before = timers();
    const { signal } = new AbortController();
    const options = { signal };
    const ended = ['answered', 'refused', 'lost', 'ended'].map((how) => ask(how, options, 10_000));
    expect(getEventListeners(signal, 'abort').length).toBe(1);
    answer(1, 1);
    requests.settle({ type: '', data: undefined, re: 2, error: { name: 'Error', message: 'no' } });
    requests.lost(lostError('world'), (id) => id === 3);
    requests.end(lostError('world'));
    await Promise.allSettled(ended);
    const late = failure(ask('late', options, 1));
    await late;
    const unsent = new Calls('client', () => false);
    await failure(unsent.ask('add', 1, 10_000, options));
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    expect(timers()).toBe(before);
    expect([requests.size, unsent.size]).toEqual([0, 0]);
  });

  it('may share a signal by the thousand', async () => {
    const warnings: Error[] = [];
    const warn = (warning: Error) => warnings.push(warning);
    process.on('warning', warn);
    afterwards(() => process.off('warning', warn));
    const abort = new AbortController();
    const asked = Array.from({ length: 1000 }, () => failure(ask('add', { signal: abort.signal })));
    abort.abort();
    expect(new Set((await Promise.all(asked)).map(({ code }) => code))).toEqual(new Set(['ERR_IPC_ABORTED']));
    await new Promise(setImmediate);
    expect(warnings).toEqual([]);
  });

  it('are rejected if they are not accepted, or cannot be sent', async () => {
    const unsent = new Calls('server', () => false);
    expect(await failure(unsent.ask('add', 1, 0, {}))).toEqual(ipcError('ERR_IPC_UNSENT', 'The request add'));
    const fault = new IPCError('ERR_IPC_ENCODE', 'no JSON');
    const throwing = new Calls('server', () => {
      throw fault;
    });
    expect(await failure(throwing.ask('add', 1, 0, {}))).toBe(fault);
  });

  it('can be sent along another route', async () => {
    const otherwise: Packet[] = [];
    const asked = requests.ask('add', 1, 0, {}, { send: (packet) => otherwise.push(packet) > 0 });
    expect([sent.length, otherwise.length]).toEqual([0, 1]);
    answer(1, 2);
    expect(await asked).toBe(2);
  });

  it('are rejected when their connection is lost, except those with retries', async () => {
    const once = failure(ask('once'));
    const again = ask('again', { retries: 2 });
    const held = ask('held');
    requests.lost(lostError('world'), (id) => id !== 3);
    expect(await once).toEqual(ipcError('ERR_IPC_DISCONNECTED', 'use retries'));
    expect(requests.takeLost()).toEqual([{ type: 'again', data: 'data', id: 2 }]);
    expect(requests.takeLost()).toEqual([]);
    answer(3, 'held');
    expect(await held).toBe('held');
    requests.lost(lostError('world'));
    expect(requests.takeLost().map(({ id }) => id)).toEqual([2]);
    const given = failure(again);
    requests.lost(lostError('world'));
    expect(await given).toEqual(ipcError('ERR_IPC_DISCONNECTED'));
    expect(requests.size).toBe(0);
  });

  it('are sent again unchanged, even if the data was changed', async () => {
    const data = { amount: 1, self: undefined as unknown };
    const asked = requests.ask('pay', data, 0, { retries: 1 });
    data.amount = 1_000_000;
    data.self = data;
    requests.lost(lostError('world'));
    expect(requests.takeLost()).toEqual([{ type: 'pay', data: { amount: 1, self: undefined }, id: 1 }]);
    answer(1, 'paid');
    expect(await asked).toBe('paid');
  });

  it('report when the last of them is done', async () => {
    let idle = 0;
    requests.onIdle = () => idle++;
    const asked = [ask(), ask()];
    answer(1, 1);
    expect(idle).toBe(0);
    answer(2, 2);
    expect(idle).toBe(1);
    answer(2, 2);
    expect(idle).toBe(1);
    await Promise.all(asked);
  });

  it('can all be ended', async () => {
    const asked = [failure(ask()), failure(ask('again', { retries: 9 }))];
    const error = lostError('world');
    requests.end(error);
    expect(await Promise.all(asked)).toEqual([error, error]);
    expect(requests.takeLost()).toEqual([]);
  });

  it('report how long a stream has been open, not how long its time limit has run', () => {
    let now = 1000;
    spyOn(performance, 'now').and.callFake(() => now);
    const stream = requests.stream('tail', 'data', 0, {});
    now += 40;
    requests.take({ type: 'ipc:item', data: { re: 1, seq: 1, data: 'one' } }, {} as StreamConnection);
    now += 2;
    expect(requests.open).toEqual([{ id: 1, type: 'tail', kind: 'stream', milliseconds: 42 }]);
    void stream.return();
  });

  it('set no time limit for a call that has ended', async () => {
    const expired = jasmine.createSpy();
    requests.onExpired = expired;
    const asked = ask('ended', {}, 10_000);
    const call = new Call(1, 'ended', 10_000, performance.now(), undefined);
    answer(1, 1);
    await asked;
    requests.limit(call, 1);
    expect(await failure(ask('later', {}, 20))).toEqual(ipcError('ERR_IPC_TIMEOUT'));
    expect(expired).toHaveBeenCalledTimes(1);
  });

  it('end a stream that is not accepted or cannot be sent, with the reason', async () => {
    const unsent = new Calls('server', () => false);
    expect(await failure(unsent.stream('tail', 1, 0, {}).next())).toEqual(
      ipcError('ERR_IPC_UNSENT', 'The stream tail was not accepted'),
    );
    const fault = new IPCError('ERR_IPC_ENCODE', 'no JSON');
    const throwing = new Calls('server', () => {
      throw fault;
    });
    expect(await failure(throwing.stream('tail', 1, 0, {}).next())).toBe(fault);
    expect([unsent.size, throwing.size]).toEqual([0, 0]);
  });

  it('can be observed as streams, which have their reader with them', async () => {
    const seen: unknown[] = [];
    const note = (message: unknown) => seen.push(message);
    subscribe('omni-ipc:request', note);
    afterwards(() => unsubscribe('omni-ipc:request', note));
    const left = requests.stream('left', 'data', 0, {});
    const ended = requests.stream('ended', 'data', 0, {});
    const asked = ask('asked');
    await left.return();
    answer(2, { seq: 0 });
    answer(3, 1);
    await asked;
    const about = (type: string, id: number, state: string, more = {}) => {
      return {
        side: 'client',
        type,
        id,
        state,
        milliseconds: jasmine.any(Number),
        error: undefined,
        ...more,
      };
    };
    expect(seen).toEqual([
      about('left', 1, 'open', { stream: left }),
      about('ended', 2, 'open', { stream: ended }),
      about('asked', 3, 'open'),
      about('left', 1, 'done', { stream: left }),
      about('ended', 2, 'done', { stream: ended }),
      about('asked', 3, 'done'),
    ]);
    expect(await ended.next()).toEqual({ done: true, value: undefined });
  });

  it('are observed as failed alone if their signal was aborted before', async () => {
    const seen: unknown[] = [];
    const note = (message: unknown) => seen.push((message as { state: string }).state);
    subscribe('omni-ipc:request', note);
    afterwards(() => unsubscribe('omni-ipc:request', note));
    await failure(ask('add', { signal: AbortSignal.abort() }));
    expect([seen, sent]).toEqual([['failed'], []]);
  });

  it('can be observed', async () => {
    const seen: unknown[] = [];
    const note = (message: unknown) => seen.push(message);
    subscribe('omni-ipc:request', note);
    afterwards(() => unsubscribe('omni-ipc:request', note));
    const asked = [ask('good'), failure(ask('bad'))];
    answer(1, 1);
    const error = lostError('world');
    requests.end(error);
    await Promise.all(asked);
    const milliseconds = jasmine.any(Number);
    const about = (type: string, id: number, state: string, more = {}) => {
      return { side: 'client', type, id, state, milliseconds, error: undefined, ...more };
    };
    expect(seen).toEqual([
      about('good', 1, 'open'),
      about('bad', 2, 'open'),
      about('good', 1, 'done'),
      about('bad', 2, 'failed', { error }),
    ]);
  });
});
