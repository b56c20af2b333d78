import {
  callTopic,
  checkPattern,
  checkTopic,
  patternsOf,
  Topics,
} from '../../../lib/conversations/topics.js';
import { ipcError } from '../../support/errors.js';

/** Who hears of a topic, in order. */
function hearers(topics: Topics<string>, topic: string): string[] {
  return [...topics.matches(topic)];
}

describe('A pattern', () => {
  const cases: [string, string[], string[]][] = [
    ['news', ['news'], ['news.sport', 'new', 'News', 'x.news']],
    ['news.sport', ['news.sport'], ['news', 'news.sport.golf', 'news.sports']],
    ['news.*', ['news.sport', 'news.x'], ['news', 'news.sport.golf', 'olds.sport']],
    ['*', ['news', 'x'], ['news.sport']],
    ['*.*', ['a.b'], ['a', 'a.b.c']],
    ['*.sport', ['news.sport'], ['news.x', 'sport', 'a.b.sport']],
    ['news.*.golf', ['news.sport.golf'], ['news.golf', 'news.sport.x', 'news.a.b.golf']],
    ['news.>', ['news.sport', 'news.sport.golf'], ['news', 'newsy.sport', 'olds.x']],
    ['>', ['news', 'news.sport', 'a.b.c.d'], []],
    ['*.>', ['a.b', 'a.b.c'], ['a']],
    ['new*', ['new*'], ['news', 'new']],
    ['a>b', ['a>b'], ['a', 'a.b']],
    ['__proto__', ['__proto__'], ['constructor']],
  ];

  for (const [pattern, fitting, other] of cases) {
    it(`${pattern} matches what it matches in NATS`, () => {
      const topics = new Topics<string>();
      topics.add(checkPattern(pattern), 'me');
      for (const topic of fitting) expect(hearers(topics, topic)).withContext(topic).toEqual(['me']);
      for (const topic of other) expect(hearers(topics, topic)).withContext(topic).toEqual([]);
    });
  }

  it('is refused if it is not text, empty or too long', () => {
    const long = 'x'.repeat(1025);
    for (const pattern of [undefined, null, 7, 1n, {}, [], '', long]) {
      expect(() => checkPattern(pattern)).toThrow(
        ipcError('ERR_IPC_ARGUMENT', 'is not a topic; it must be a string of 1 to 1024 characters'),
      );
    }
    expect(checkPattern('x'.repeat(1024)).length).toBe(1024);
  });

  it('is refused if it has more than 64 words', () => {
    expect(checkPattern(`${'w.'.repeat(63)}*`)).toBeTruthy();
    for (const pattern of [`${'w.'.repeat(64)}*`, `${'w.'.repeat(64)}w`]) {
      expect(() => checkPattern(pattern)).toThrow(ipcError('ERR_IPC_ARGUMENT', 'has more than 64 words'));
    }
  });

  it('is truncated in the error if it is refused', () => {
    const huge = [{ deep: { deeper: 'x'.repeat(10_000) } }, ...Array(1000).fill('y'.repeat(1000))];
    for (const pattern of ['x'.repeat(100_000), huge]) {
      try {
        checkPattern(pattern);
        fail('It was let pass');
      } catch (error) {
        expect((error as Error).message.length).toBeLessThan(500);
      }
    }
  });

  it('is refused if > is not its last word', () => {
    for (const pattern of ['>.a', 'a.>.b', '>.>']) {
      expect(() => checkPattern(pattern)).toThrow(
        ipcError('ERR_IPC_ARGUMENT', "has a '>' that is not its last word"),
      );
    }
  });

  it('cannot be published under', () => {
    for (const pattern of ['*', '>', 'a.*', 'a.>']) {
      expect(() => checkTopic(pattern)).toThrow(
        ipcError('ERR_IPC_ARGUMENT', 'is a pattern; publish under a topic'),
      );
    }
    for (const topic of ['a', 'a.b', 'a*', '*a.b>', 'a>']) expect(checkTopic(topic)).toBe(topic);
    expect(() => checkTopic('')).toThrow(ipcError('ERR_IPC_ARGUMENT', 'is not a topic'));
  });
});

describe('One or several topics', () => {
  it('are a list, each checked', () => {
    expect(patternsOf('a')).toEqual(['a']);
    expect(patternsOf(['a', 'b.*'])).toEqual(['a', 'b.*']);
    expect(patternsOf([])).toEqual([]);
    for (const topics of [undefined, null, 7, {}]) {
      expect(() => patternsOf(topics as never)).toThrow(
        ipcError('ERR_IPC_ARGUMENT', 'is neither a topic nor a list of topics'),
      );
    }
    expect(() => patternsOf(['a', ''])).toThrow(ipcError('ERR_IPC_ARGUMENT', 'is not a topic; it must be'));
  });
});

describe('Topics', () => {
  let topics: Topics<string>;

  beforeEach(() => {
    topics = new Topics();
  });

  it('know a subscriber of a pattern once, and of each pattern that fits', () => {
    for (const pattern of ['a', 'a', '*', '>', '>']) topics.add(pattern, 'me');
    topics.add('a', 'you');
    expect(hearers(topics, 'a')).toEqual(['me', 'you', 'me', 'me']);
    expect(topics.patterns).toEqual(['a', '*', '>']);
  });

  it('forget a subscriber of a pattern, or all of them', () => {
    for (const who of ['me', 'you']) for (const pattern of ['a', '*']) topics.add(pattern, who);
    topics.remove('a', 'me');
    expect(hearers(topics, 'a')).toEqual(['you', 'me', 'you']);
    topics.remove('*');
    expect(hearers(topics, 'a')).toEqual(['you']);
    expect([topics.has('a'), topics.has('*')]).toEqual([true, false]);
    topics.remove('a', 'you');
    topics.remove('a', 'you');
    topics.remove('never');
    expect([topics.has('a'), topics.empty, topics.patterns]).toEqual([false, true, []]);
  });

  it('forget a subscriber of everything', () => {
    for (const pattern of ['a', 'b', '*', 'c.>']) topics.add(pattern, 'me');
    topics.add('b', 'you');
    topics.leave('me');
    expect(topics.patterns).toEqual(['b']);
    expect(topics.empty).toBeFalse();
    topics.leave('you');
    expect(topics.empty).toBeTrue();
  });

  it('find the same subscribers as a comparison of every pattern word by word', () => {
    const words = ['a', 'b', '*', 'c', '>', ''];
    const fits = (pattern: string[], topic: string[]): boolean => {
      if (pattern.length === 0) return topic.length === 0;
      if (pattern[0] === '>') return topic.length > 0;
      if (topic.length === 0 || (pattern[0] !== '*' && pattern[0] !== topic[0])) return false;
      return fits(pattern.slice(1), topic.slice(1));
    };
    const lists = (depth: number): string[][] =>
      depth === 0 ? [[]] : lists(depth - 1).flatMap((list) => words.map((word) => [...list, word]));
    const all = [1, 2, 3].flatMap(lists);
    const patterns = all.filter((list) => !list.slice(0, -1).includes('>') && list.join('.') !== '');
    const published = all.filter(
      (list) => !list.includes('*') && !list.includes('>') && list.join('.') !== '',
    );
    for (const pattern of patterns) topics.add(checkPattern(pattern.join('.')), pattern.join('.'));
    for (const pattern of patterns.filter((_, n) => n % 3 === 0)) topics.remove(pattern.join('.'));
    const left = patterns.filter((_, n) => n % 3 !== 0);
    expect(new Set(topics.patterns)).toEqual(new Set(left.map((list) => list.join('.'))));
    for (const topic of published) {
      const expected = left.filter((pattern) => fits(pattern, topic)).map((pattern) => pattern.join('.'));
      expect(hearers(topics, topic.join('.')).sort())
        .withContext(topic.join('.'))
        .toEqual(expected.sort());
      expect([...topics.subscribersOf(topic.join('.'))].sort()).toEqual(expected.sort());
    }
    for (const pattern of left) topics.remove(pattern.join('.'), pattern.join('.'));
    expect(topics.empty).toBeTrue();
    for (const topic of published) expect(topics.subscribersOf(topic.join('.'))).toEqual([]);
  });

  it('name a subscriber of several matching patterns once', () => {
    for (const pattern of ['a.b', 'a.*', 'a.>']) topics.add(pattern, 'me');
    topics.add('a.*', 'you');
    expect(topics.subscribersOf('a.b')).toEqual(['me', 'you']);
    expect(topics.subscribersOf('a')).toEqual([]);
  });

  it('may change while a topic is matched, which reaches the subscribers of its start', () => {
    const found: string[] = [];
    topics.add('a', 'first');
    topics.add('a', 'second');
    topics.add('*', 'third');
    for (const subscriber of topics.matches('a')) {
      found.push(subscriber);
      topics.remove('a', 'second');
      topics.add('a', 'late');
      topics.add('*', 'late');
    }
    expect(found).toEqual(['first', 'second', 'third']);
    expect(topics.matches('a')).toEqual(['first', 'late', 'third', 'late']);
    expect(topics.subscribersOf('a')).toEqual(['first', 'late', 'third']);
  });
});

describe('A topic’s handler', () => {
  it('gets the data and the topic, and what it throws becomes an uncaught exception right after', async () => {
    const calls: unknown[][] = [];
    const fault = new Error('thrown');
    const handler = (...args: unknown[]) => {
      calls.push(args);
      throw fault;
    };
    await jasmine.spyOnGlobalErrorsAsync(async (errors) => {
      expect(() => callTopic(handler, 1, 'a')).not.toThrow();
      await new Promise(setImmediate);
      expect(errors.calls.allArgs().map(([error]) => error)).toEqual([fault]);
    });
    expect(calls).toEqual([[1, 'a']]);
  });
});
