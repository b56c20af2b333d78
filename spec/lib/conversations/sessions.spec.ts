import { type ResumableStream, Session, Sessions } from '../../../lib/conversations/sessions.js';
import { Snapshot } from '../../../lib/snapshot.js';

const MEBIBYTE = 1024 * 1024;
const MINUTE = 60_000;
const large = new Snapshot('x'.repeat(MEBIBYTE));
const small = new Snapshot(1);

function streamOf(id: number | string, keptBytes = 0): ResumableStream {
  return { id, keptBytes, abandoned: false, stop: () => {} };
}

describe('A session', () => {
  let session: Session<string>;

  beforeEach(() => {
    session = new Session('id');
  });

  it('knows whether a request is new, running or answered', () => {
    expect(session.meet(1)).toBe('new');
    expect(session.meet(1)).toBe('running');
    session.remember(1, small);
    expect(session.meet(1)).toBe(small);
    expect(session.meet('nonce')).toBe('new');
    expect(session.meet('nonce')).toBe('running');
  });

  it('keeps the first answer, and none to an unknown request', () => {
    session.remember(7, large);
    expect(session.meet(7)).toBe('new');
    session.remember(7, small);
    session.remember(7, large);
    expect(session.meet(7)).toBe(small);
    expect(session.bytes).toBe(small.size + 320);
  });

  it('holds 16 MiB of answers, and knows that older ones existed', () => {
    for (let id = 1; id <= 17; id++) {
      session.meet(id);
      session.remember(id, large);
    }
    expect(session.bytes).toBeLessThanOrEqual(16 * MEBIBYTE);
    expect(session.bytes).toBeGreaterThan(14 * MEBIBYTE);
    expect(session.meet(1)).toBe('forgotten');
    expect(session.meet(17)).toBe(large);
    expect(session.meet(18)).toBe('new');
  });

  it('counts the memory that small answers take beside their bytes', () => {
    const most = Math.floor((16 * MEBIBYTE) / (small.size + 320));
    for (let id = 1; id <= most + 1; id++) {
      session.meet(id);
      session.remember(id, small);
    }
    expect(session.meet(1)).toBe('forgotten');
    expect(session.meet(2)).toBe(small);
  });

  it('distinguishes a number from the same number as text', () => {
    session.meet(1);
    expect(session.meet('1')).toBe('new');
    session.remember('1', small);
    expect(session.meet(1)).toBe('running');
  });

  it('does not forget a running request', () => {
    session.meet(1);
    for (let id = 2; id <= 20; id++) {
      session.meet(id);
      session.remember(id, large);
    }
    expect(session.meet(1)).toBe('running');
    expect(session.meet(2)).toBe('forgotten');
    session.remember(1, small);
    expect(session.meet(1)).toBe(small);
  });

  it('does not keep an answer that alone is too large', () => {
    const huge = new Snapshot('x'.repeat(16 * MEBIBYTE));
    session.meet(1);
    session.remember(1, huge);
    expect(session.bytes).toBe(0);
    expect(session.meet(1)).toBe('forgotten');
  });

  it('cannot know which requests with text ids existed, and still knows those with numbers', () => {
    const huge = new Snapshot('x'.repeat(16 * MEBIBYTE));
    session.meet(1);
    session.remember(1, huge);
    session.meet('nonce');
    session.remember('nonce', huge);
    expect([session.meet('nonce'), session.meet(1), session.meet(2)]).toEqual(['new', 'forgotten', 'new']);
  });

  it('keeps answers that take exactly 16 MiB', () => {
    const half = { size: 8 * MEBIBYTE - 320 } as Snapshot;
    for (const id of [1, 2]) {
      session.meet(id);
      session.remember(id, half);
    }
    expect([session.bytes, session.meet(1)]).toEqual([16 * MEBIBYTE, half]);
  });

  it('is empty only while it has no request, no answer, no stream, and has forgotten none', () => {
    const stream = streamOf(9);
    expect(session.empty).toBeTrue();
    session.meet(1);
    session.meet(2);
    session.remember(2, small);
    expect(session.empty).toBeFalse();
    session.remember(1, small);
    session.keep(stream);
    session.keep(streamOf(8));
    expect(session.empty).toBeFalse();

    const another = new Session('another');
    another.keep(stream);
    expect(another.empty).toBeFalse();
    another.drop(stream);
    expect(another.empty).toBeTrue();
    another.meet(1);
    another.remember(1, new Snapshot('x'.repeat(16 * MEBIBYTE)));
    expect(another.empty).toBeFalse();
  });

  it('takes a kibibyte, its answers, and what its streams keep', () => {
    expect(session.awayBytes).toBe(1024);
    session.keep(streamOf(1, 10));
    session.keep(streamOf('1', 100));
    session.meet(2);
    session.remember(2, small);
    expect(session.awayBytes).toBe(1024 + 10 + 100 + small.size + 320);
  });

  it('knows its streams until they are dropped, and then frees their ids', () => {
    const stream = streamOf(1);
    expect(session.meet(1)).toBe('new');
    session.keep(stream);
    expect([session.stream(1), session.stream('1'), session.streams]).toEqual([stream, undefined, 1]);
    session.drop(stream);
    expect([session.stream(1), session.streams, session.meet(1)]).toEqual([undefined, 0, 'new']);
  });

  it('stops streams without a connection when it is pruned, and all streams when it ends', () => {
    const stopped: unknown[] = [];
    const stop = (id: number) => () => stopped.push(id);
    session.keep({ ...streamOf(1), abandoned: true, stop: stop(1) });
    session.keep({ ...streamOf(2), stop: stop(2) });
    session.prune();
    expect(stopped).toEqual([1]);
    session.end();
    expect(stopped).toEqual([1, 1, 2]);
  });
});

describe('Sessions', () => {
  let sessions: Sessions<string>;
  let now: number;

  beforeEach(() => {
    sessions = new Sessions();
    now = 1_000_000;
    spyOn(performance, 'now').and.callFake(() => now);
  });

  /** A session that has answers in it and is away. */
  function away(id: string, answers = 0, owner = ''): Session<string> {
    const session = sessions.enter(id, id, owner);
    session.meet('first');
    for (let n = 1; n <= answers; n++) {
      session.meet(n);
      session.remember(n, large);
    }
    sessions.leave(session, id);
    return session;
  }

  /** Whether each session is the one that a client which comes back is given. */
  function stillThere(those: Session<string>[]): boolean[] {
    const there = new Set(sessions.away);
    return those.map((session) => there.has(session));
  }

  it('are found again by returning clients', () => {
    const session = sessions.enter('a', 'first');
    session.meet(1);
    expect(session.connection).toBe('first');
    sessions.leave(session, 'first');
    expect(session.connection).toBeUndefined();
    expect(sessions.enter('a', 'second')).toBe(session);
    expect(session.connection).toBe('second');
    expect(sessions.enter('b', 'third')).not.toBe(session);
    expect(sessions.size).toBe(2);
  });

  it('stay with the connection that has taken them over', () => {
    const session = sessions.enter('a', 'first');
    sessions.enter('a', 'second');
    sessions.leave(session, 'first');
    expect(session.connection).toBe('second');
    sessions.leave(session, 'second');
    expect(session.connection).toBeUndefined();
  });

  it('are forgotten when their client has been away for five minutes', () => {
    const session = away('a');
    now += 5 * MINUTE - 1;
    away('b');
    expect(sessions.enter('a', 'again')).toBe(session);
    sessions.leave(session, 'again');
    now += 5 * MINUTE;
    away('c');
    expect(sessions.size).toBe(1);
    expect(sessions.enter('a', 'again')).not.toBe(session);
  });

  it('are forgotten if more than 1024 are away, the longest absent first', () => {
    for (let i = 0; i <= 1024; i++) away(`${i}`);
    expect(sessions.size).toBe(1024);
    const here = sessions.enter('0', 'again');
    expect(here.connection).toBe('again');
    expect(sessions.size).toBe(1025);
  });

  it('are forgotten if they hold more than 32 MiB, the longest absent first', () => {
    const first = away('a', 12);
    const second = away('b', 12);
    away('c', 12);
    expect(sessions.size).toBe(2);
    expect(sessions.enter('b', 'again')).toBe(second);
    expect(sessions.enter('a', 'again')).not.toBe(first);
  });

  it('are forgotten at once if they hold nothing', () => {
    const session = sessions.enter('a', 'first');
    sessions.leave(session, 'first');
    expect(sessions.size).toBe(0);
  });

  it('displace those of the same owner first', () => {
    const mine = away('mine', 1, 'me');
    for (let i = 0; i < 3000; i++) away(`stranger ${i}`, 0, 'stranger');
    for (let i = 0; i < 3; i++) away(`large ${i}`, 12, 'stranger');
    expect(sessions.enter('mine', 'again')).toBe(mine);
  });

  it('of one owner displace those whose clients were connected the shortest, and the oldest of these', () => {
    const connected = (id: string, ms: number) => {
      const session = sessions.enter(id, id);
      now += ms;
      session.meet('first');
      sessions.leave(session, id);
      return session;
    };
    const mine = connected('mine', 1000);
    const brief = [connected('brief 0', 10), connected('brief 1', 10)];
    for (let i = 0; i < 1022; i++) connected(`stranger ${i}`, 11);
    expect(stillThere([mine, ...brief])).toEqual([true, false, true]);
    for (let i = 0; i < 2000; i++) connected(`another ${i}`, 11);
    expect(stillThere([mine, ...brief])).toEqual([true, false, false]);
  });

  it('count the time of all connections of a client, and none that it was away', () => {
    const cameAndWent = (id: string, times: number, between: number) => {
      let session = sessions.enter(id, id);
      session.meet('first');
      for (let i = 0; i < times; i++) {
        now += 10;
        sessions.leave(session, id);
        now += between;
        session = sessions.enter(id, id);
      }
      sessions.leave(session, id);
      return session;
    };
    const often = cameAndWent('often', 5, 1);
    const absent = cameAndWent('absent', 1, 1000);
    for (let i = 0; i < 1023; i++) cameAndWent(`stranger ${i}`, 2, 0);
    expect([often.presentMs, absent.presentMs]).toEqual([50, 10]);
    expect(stillThere([often, absent])).toEqual([true, false]);
  });

  it('count the time from the first of two connections that follow each other without a gap', () => {
    const session = sessions.enter('a', 'first');
    now += 7;
    sessions.enter('a', 'second');
    now += 5;
    session.meet(1);
    sessions.leave(session, 'second');
    expect(session.presentMs).toBe(12);
  });

  it('of one owner displace those that hold the most for the time that their clients were connected', () => {
    const holding = (id: string, mebibytes: number, ms: number) => {
      const session = sessions.enter(id, id);
      session.keep(streamOf(1, mebibytes * MEBIBYTE));
      now += ms;
      sessions.leave(session, id);
      return session;
    };
    const mine = holding('mine', 4, 10_000);
    const large = holding('large', 16, 10_000);
    const fresh = holding('fresh', 4, 100);
    expect(stillThere([mine, large, fresh])).toEqual([true, true, true]);
    const last = holding('last', 15, 10_000);
    expect(stillThere([mine, large, fresh, last])).toEqual([true, false, false, true]);
  });

  it('may hold exactly 32 MiB', () => {
    for (const [bytes, kept] of [
      [32 * MEBIBYTE - 1024, 1],
      [32 * MEBIBYTE - 1023, 0],
    ] as const) {
      sessions = new Sessions();
      const session = sessions.enter('a', 'a');
      session.keep(streamOf(1, bytes));
      sessions.leave(session, 'a');
      expect(sessions.size).toBe(kept);
    }
  });

  it('displace those of the owner that has the most of them, not those of the latest owner', () => {
    for (let i = 0; i < 1000; i++) away(`stranger ${i}`, 0, 'stranger');
    const mine = Array.from({ length: 100 }, (_, i) => away(`mine ${i}`, 0, 'me'));
    expect(mine.map(({ id }) => sessions.enter(id, 'again', 'me'))).toEqual(mine);
    expect(sessions.size).toBe(1024);
  });

  it('displace those of the owner that holds the most bytes, however few sessions these are', () => {
    const strangers = [0, 1, 2].map((i) => away(`stranger ${i}`, 9, 'stranger'));
    const mine = Array.from({ length: 100 }, (_, i) => away(`mine ${i}`, i === 99 ? 6 : 0, 'me'));
    expect(mine.map(({ id }) => sessions.enter(id, 'again', 'me'))).toEqual(mine);
    expect(
      strangers
        .map(({ id }) => sessions.enter(id, 'again', 'stranger'))
        .map((one, i) => one === strangers[i]),
    ).toEqual([false, true, true]);
  });

  it('do not count as away after their client has come back', () => {
    const session = away('a', 1);
    expect([...sessions.away]).toEqual([session]);
    sessions.enter('a', 'again');
    expect([...sessions.away]).toEqual([]);
    for (let i = 0; i < 1100; i++) away(`${i}`);
    expect(sessions.enter('a', 'again')).toBe(session);
  });

  it('are forgotten when their client starts another one, but not because of an older connection', () => {
    const session = sessions.enter('a', 'first');
    let stopped = 0;
    session.keep({ id: 1, keptBytes: 0, abandoned: false, stop: () => stopped++ });
    sessions.enter('a', 'second');
    sessions.abandon(session, 'first');
    expect([stopped, sessions.size]).toEqual([0, 1]);
    sessions.abandon(session, 'second');
    expect([stopped, sessions.size, session.connection]).toEqual([1, 0, undefined]);
  });

  it('end all streams if no client is expected to return', () => {
    const stopped: string[] = [];
    for (const id of ['here', 'away']) {
      const session = sessions.enter(id, id);
      session.keep({ id: 1, keptBytes: 0, abandoned: false, stop: () => stopped.push(id) });
      if (id === 'away') sessions.leave(session, id);
    }
    sessions.endStreams();
    expect(stopped).toEqual(['here', 'away']);
  });

  it('are not watched after the end, and leave no timer', () => {
    jasmine.clock().install();
    try {
      away('a');
      sessions.endStreams();
      now += 10 * MINUTE;
      jasmine.clock().tick(10 * MINUTE);
      expect(sessions.size).toBe(1);
      away('b');
      expect(sessions.size).toBe(1);
      now += 5 * MINUTE;
      jasmine.clock().tick(5 * MINUTE);
      expect(sessions.size).toBe(0);
    } finally {
      jasmine.clock().uninstall();
    }
  });

  it('end their streams when their client has been away for five minutes, even if no other client connects or leaves', () => {
    jasmine.clock().install();
    try {
      const session = sessions.enter('a', 'first');
      let stopped = 0;
      session.keep({ id: 1, keptBytes: 0, abandoned: false, stop: () => stopped++ });
      sessions.leave(session, 'first');
      now += 1000;
      jasmine.clock().tick(1000);
      away('later');
      now += 5 * MINUTE - 1001;
      jasmine.clock().tick(5 * MINUTE - 1001);
      expect([stopped, sessions.size]).toEqual([0, 2]);
      now += 1;
      jasmine.clock().tick(1);
      expect([stopped, sessions.size]).toEqual([1, 1]);
      now += 1000;
      jasmine.clock().tick(1000);
      expect(sessions.size).toBe(0);
    } finally {
      jasmine.clock().uninstall();
    }
  });

  it('count what their streams keep', () => {
    const session = sessions.enter('a', 'first');
    let stopped = 0;
    session.keep({ id: 1, keptBytes: 33 * MEBIBYTE, abandoned: false, stop: () => stopped++ });
    sessions.leave(session, 'first');
    expect([stopped, sessions.size]).toEqual([1, 0]);
  });

  it('are never forgotten while their client is there', () => {
    const here = sessions.enter('here', 'connection');
    for (let n = 1; n <= 15; n++) {
      here.meet(n);
      here.remember(n, large);
    }
    now += 60 * MINUTE;
    for (let i = 0; i < 2000; i++) away(`${i}`, i === 0 ? 15 : 0);
    expect(sessions.enter('here', 'connection')).toBe(here);
    expect(here.meet(1)).toBe(large);
  });
});
