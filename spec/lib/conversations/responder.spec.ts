import { once } from 'node:events';
import type { IPCError } from '../../../entities/errors.js';
import type { PacketId } from '../../../entities/packet.js';
import type { CallContext } from '../../../lib/conversations/context.js';
import { type Caller, REQUEST_BYTES, Responder } from '../../../lib/conversations/responder.js';
import type { Session } from '../../../lib/conversations/sessions.js';
import { ipcError } from '../../support/errors.js';

interface Said {
  type: string;
  re: PacketId;
  data: unknown;
  error?: unknown;
}

/** A connection, as answers see it. */
class Line implements Caller {
  readonly socket = { id: 'peer' };
  session: Session<Caller> | undefined;
  streams: Caller['streams'];
  contexts: Caller['contexts'];
  readonly open = true;
  readonly binary = false;
  readonly congested = false;
  readonly leaving = false;
  readonly said: Said[] = [];
  answering = 0;

  send(): boolean {
    return true;
  }

  drained(): void {}

  answer(type: string, re: PacketId, data: unknown, error?: unknown): void {
    this.said.push(error === undefined ? { type, re, data } : { type, re, data, error });
  }

  begin(): void {
    this.answering++;
  }

  done(): void {
    this.answering--;
  }
}

describe('Responder', () => {
  let answers: Responder;
  let line: Line;
  let runs: unknown[];
  let finish: (data: unknown) => void;
  let fail: (error: unknown) => void;

  beforeEach(() => {
    answers = new Responder('server');
    line = new Line();
    runs = [];
    answers.handlers.add('double', [
      (data: number) => {
        runs.push(data);
        return data * 2;
      },
    ]);
    answers.handlers.add('wait', [
      (data: unknown) => {
        runs.push(data);
        return new Promise((resolve, reject) => {
          finish = resolve;
          fail = reject;
        });
      },
    ]);
  });

  const take = (type: string, data: unknown, id: PacketId, on = line) =>
    answers.take({ type, data, id }, id, on);

  it('treats a packet with an id as a request if its type has a handler, its sender uses our wire, or it has no listener', () => {
    const answers = new Responder('server');
    answers.handlers.add('handled', [() => 1]);
    const line = () => new Line() as Line & { speaks?: boolean };
    const [stranger, asking, speaking] = [line(), line(), Object.assign(line(), { speaks: true })];
    expect(answers.isRequest('heard', stranger, true)).toBeFalse();
    expect(answers.isRequest('unheard', stranger, false)).toBeTrue();
    expect(stranger.speaks).toBeUndefined();
    expect(answers.isRequest('handled', asking, true)).toBeTrue();
    expect(answers.isRequest('heard', asking, true)).toBeTrue();
    expect(answers.isRequest('heard', speaking, true)).toBeTrue();
  });

  it('gets answers from the handlers, with the peer’s socket', () => {
    answers.handlers.add('who', [(_data: unknown, socket: unknown) => socket]);
    take('who', undefined, 1);
    take('none', undefined, 2);
    expect(line.said).toEqual([
      { type: 'who', re: 1, data: line.socket },
      { type: 'none', re: 2, data: undefined, error: ipcError('ERR_IPC_NO_HANDLER') },
    ]);
  });

  it('counts answers while they are pending', async () => {
    take('wait', 1, 1);
    expect(line.answering).toBe(1);
    finish(2);
    await new Promise(setImmediate);
    expect([line.answering, line.said]).toEqual([0, [{ type: 'wait', re: 1, data: 2 }]]);
    take('double', 1, 2);
    expect(line.answering).toBe(0);
  });

  it('aborts the handlers of a connection that has ended, for that reason', async () => {
    const signals: AbortSignal[] = [];
    answers.handlers.add('long', [
      async (_data: unknown, _peer: unknown, { signal }: CallContext) => {
        signals.push(signal);
        await once(signal, 'abort');
      },
    ]);
    answers.handlers.add('short', [
      (_data: unknown, _peer: unknown, { signal }: CallContext) => {
        signals.push(signal);
      },
    ]);
    const other = new Line();
    take('long', undefined, 1);
    take('short', undefined, 2);
    take('long', undefined, 1, other);
    expect([line.contexts?.size, other.contexts?.size]).toEqual([1, 1]);
    answers.leave(line);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false, false]);
    expect(signals[0]?.reason).toEqual(ipcError('ERR_IPC_DISCONNECTED', 'the caller'));
    expect(line.contexts?.size).toBe(0);
    await new Promise(setImmediate);
    expect([line.answering, other.answering]).toEqual([0, 1]);
  });

  it('refuses data that could not be read if its peer expects an answer', () => {
    const error = { name: 'Error', message: 'not JSON' };
    const [stranger, asking, speaking] = [
      new Line(),
      new Line(),
      Object.assign(new Line(), { speaks: true }),
    ] as const;
    answers.refuse({ type: 'unknown', data: undefined, id: 1, error }, stranger);
    answers.refuse({ type: 'double', data: undefined, id: 2, error }, asking);
    answers.refuse({ type: 'unknown', data: undefined, id: 3, error }, speaking);
    expect(stranger.said).toEqual([]);
    expect(asking.said).toEqual([{ type: 'double', re: 2, data: undefined, error }]);
    expect(speaking.said).toEqual([{ type: 'unknown', re: 3, data: undefined, error }]);
  });

  it('reports the memory of requests that are pending, and of answers that are kept', async () => {
    const grown: number[] = [];
    answers.grew = (bytes) => grown.push(bytes);
    take('double', 1, 1);
    expect(grown).toEqual([]);
    take('wait', 1, 2);
    expect(grown).toEqual([REQUEST_BYTES]);
    finish('x'.repeat(2000));
    await new Promise(setImmediate);
    expect(grown).toEqual([REQUEST_BYTES]);
    answers.enter('session', line);
    take('wait', 1, 3);
    expect(grown).toEqual([REQUEST_BYTES, REQUEST_BYTES]);
    finish('x'.repeat(2000));
    await new Promise(setImmediate);
    expect(grown.length).toBe(3);
    expect(grown[2]).toBeGreaterThan(2000);
    expect(grown[2]).toBe((line.session as Session<Caller>).bytes);
  });

  it('calls the handler each time for a client without retries', () => {
    take('double', 1, 1);
    take('double', 1, 1);
    expect(runs).toEqual([1, 1]);
  });

  describe('for a client with retries', () => {
    beforeEach(() => {
      answers.enter('session', line);
    });

    /** The client on a new connection. */
    function comeBack(): Line {
      answers.leave(line);
      const next = new Line();
      answers.enter('session', next);
      return next;
    }

    it('sends the answer again, and runs the handler once', () => {
      take('double', 4, 1);
      const next = comeBack();
      take('double', 4, 1, next);
      expect(next.said).toEqual([{ type: 'double', re: 1, data: 8 }]);
      expect(runs).toEqual([4]);
      expect([line.answering, next.answering]).toEqual([0, 0]);
    });

    it('sends the same answer again, even if the data was changed', () => {
      const live = { list: [1], at: new Date(5) };
      answers.handlers.add('live', [() => live]);
      take('live', undefined, 1);
      live.list.push(2);
      const next = comeBack();
      take('live', undefined, 1, next);
      expect(next.said[0]?.data).toEqual({ list: [1], at: new Date(5) });
    });

    it('sends an answer over the current connection when it is ready', async () => {
      take('wait', 1, 1);
      const next = comeBack();
      take('wait', 1, 1, next);
      expect(runs).toEqual([1]);
      finish('done');
      await new Promise(setImmediate);
      expect([line.said, next.said]).toEqual([[], [{ type: 'wait', re: 1, data: 'done' }]]);
      expect([line.answering, next.answering]).toEqual([0, 0]);
    });

    it('keeps an answer for the client if it is ready while the client is away', async () => {
      take('wait', 1, 1);
      answers.leave(line);
      finish('done');
      await new Promise(setImmediate);
      expect([line.said, line.answering]).toEqual([[], 0]);
      const next = comeBack();
      take('wait', 1, 1, next);
      expect(next.said).toEqual([{ type: 'wait', re: 1, data: 'done' }]);
    });

    it('sends an error again as it was sent first', async () => {
      take('wait', 1, 1);
      fail(Object.assign(new RangeError('too far'), { code: 'E_FAR', issues: [{ message: 'far' }] }));
      await new Promise(setImmediate);
      const next = comeBack();
      take('wait', 1, 1, next);
      const error = { name: 'RangeError', message: 'too far', code: 'E_FAR', issues: [{ message: 'far' }] };
      expect(next.said).toEqual([{ type: 'wait', re: 1, data: undefined, error }]);
    });

    it('answers with an error if the answer is unfit to be kept', () => {
      const circle: { self?: unknown } = {};
      circle.self = circle;
      answers.handlers.add('circle', [() => circle]);
      take('circle', undefined, 1);
      const next = comeBack();
      expect(() => take('circle', undefined, 1, next)).not.toThrow();
      expect(next.said[0]?.error as IPCError).toEqual(jasmine.objectContaining({ code: 'ERR_IPC_ENCODE' }));
    });

    it('refuses a repeated request whose answer is no longer known', () => {
      const text = 'x'.repeat(16 * 1024 * 1024);
      answers.handlers.add('large', [() => text]);
      take('large', undefined, 1);
      const next = comeBack();
      take('large', undefined, 1, next);
      expect(next.said).toEqual([
        { type: 'large', re: 1, data: undefined, error: ipcError('ERR_IPC_FORGOTTEN', 'The request large') },
      ]);
    });

    it('uses the session that the client named, until it names another', () => {
      const { session } = line;
      answers.enter('session', line);
      expect(line.session).toBe(session);
      answers.enter('another', line);
      expect(line.session).not.toBe(session);
      expect(session?.connection).toBeUndefined();
      take('double', 4, 1);
      answers.enter('session', line);
      take('double', 4, 1);
      expect(runs).toEqual([4, 4]);
    });
  });
});
