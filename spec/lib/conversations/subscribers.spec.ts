import { Subscribers } from '../../../lib/conversations/subscribers.js';
import { ipcError } from '../../support/errors.js';

interface Peer {
  name: string;
}

describe('Subscribers', () => {
  let subscribers: Subscribers<Peer>;
  let one: Peer;
  let other: Peer;
  const hear = (topic: string, data: unknown = 1) => subscribers.publish(topic, data).map(({ name }) => name);

  beforeEach(() => {
    subscribers = new Subscribers();
    one = { name: 'one' };
    other = { name: 'other' };
  });

  it('receive what is published, each once, however many of their patterns match', () => {
    subscribers.add(['a.b', 'a.*', '>'], one);
    subscribers.add('a.b', other);
    expect(hear('a.b')).toEqual(['one', 'other']);
    expect(hear('x')).toEqual(['one']);
    subscribers.remove('>', one);
    expect(hear('x')).toEqual([]);
    expect(hear('a.b')).toEqual(['one', 'other']);
  });

  it('say whether a subscription, or its end, changed anything', () => {
    expect([subscribers.add(['a', 'b'], one), subscribers.add(['b', 'a'], one)]).toEqual([true, false]);
    expect(subscribers.add(['b', 'c'], one)).toBeTrue();
    expect([subscribers.remove('x', one), subscribers.remove('a', other)]).toEqual([false, false]);
    expect([subscribers.remove(['x', 'a'], one), subscribers.remove('a', one)]).toEqual([true, false]);
  });

  it('are listed by their patterns', () => {
    subscribers.add(['a', 'b.*'], one);
    subscribers.add('a', other);
    expect([...subscribers.patterns()]).toEqual([
      ['a', [one, other]],
      ['b.*', [one]],
    ]);
  });

  it('are removed with their connection', () => {
    subscribers.add(['a', 'b.>'], one);
    subscribers.add('a', other);
    subscribers.leave(one);
    expect([hear('a'), hear('b.c')]).toEqual([['other'], []]);
    subscribers.leave(one);
    subscribers.leave({ name: 'never came' });
    subscribers.add('a', one);
    expect(hear('a')).toEqual(['other', 'one']);
  });

  it('are handlers of this process, too, called once for each subscription', () => {
    const heard: unknown[][] = [];
    const handler = (...args: unknown[]) => heard.push(args);
    subscribers.addHandler(['a', '*', '*'], handler);
    expect(hear('a', 'data')).toEqual([]);
    expect(heard).toEqual([
      ['data', 'a'],
      ['data', 'a'],
    ]);
    subscribers.removeHandler('a', handler);
    hear('a');
    expect(heard.length).toBe(3);
    subscribers.removeHandler('*');
    hear('a');
    expect(heard.length).toBe(3);
  });

  it('get an error for an invalid topic, which changes nothing', () => {
    for (const topics of [undefined, 7, '', ['a', ''], ['a', '>.b'], [['a']]]) {
      expect(() => subscribers.add(topics, one)).toThrow(ipcError('ERR_IPC_ARGUMENT'));
      expect(() => subscribers.remove(topics, one)).toThrow(ipcError('ERR_IPC_ARGUMENT'));
    }
    expect(hear('a')).toEqual([]);
    for (const topic of [undefined, '', '*', 'a.>']) {
      expect(() => subscribers.publish(topic, 1)).toThrow(ipcError('ERR_IPC_ARGUMENT'));
    }
  });

  it('may have ten thousand patterns per connection, of which repeated ones count once', () => {
    const patterns = Array.from({ length: 10_000 }, (_, n) => `topic.${n}`);
    subscribers.add(patterns, one);
    subscribers.add(patterns, one);
    expect(() => subscribers.add('more', one)).toThrow(ipcError('ERR_IPC_TOO_LARGE', 'at most 10000 topics'));
    expect(hear('more')).toEqual([]);
    subscribers.remove('never', one);
    expect(() => subscribers.add('more', one)).toThrow(ipcError('ERR_IPC_TOO_LARGE'));
    subscribers.remove('topic.0', one);
    subscribers.add('more', one);
    expect(hear('more')).toEqual(['one']);
    subscribers.add(patterns, other);
    subscribers.leave(one);
    expect(hear('topic.5')).toEqual(['other']);
    subscribers.add(patterns, one);
    expect(hear('topic.0')).toEqual(['other', 'one']);
  });

  it('may occupy eight megabytes per connection, and a request beyond them changes nothing', () => {
    const long = (n: number) => `${n}.`.padEnd(1024, 'x');
    const many = Array.from({ length: 3000 }, (_, n) => long(n));
    subscribers.add(many, one);
    expect(subscribers.bytesOf(one)).toBeGreaterThan(3000 * 2 * 1024);
    const more = Array.from({ length: 3000 }, (_, n) => long(n + 3000));
    expect(() => subscribers.add(more, one)).toThrow(
      ipcError('ERR_IPC_TOO_LARGE', 'in at most 8388608 bytes'),
    );
    expect(hear(long(3000))).toEqual([]);
    subscribers.add(more, other);
    expect(hear(long(3000))).toEqual(['other']);
    subscribers.remove(many, one);
    expect(subscribers.bytesOf(one)).toBe(0);
    subscribers.add(more, one);
    subscribers.leave(one);
    expect(subscribers.bytesOf(one)).toBe(0);
  });

  it('are charged for the words of their patterns, which cost more than their text', () => {
    const deep = (n: number) => `${n}${'.w'.repeat(62)}.*`;
    const some = Array.from({ length: 400 }, (_, n) => deep(n));
    subscribers.add(some, one);
    expect(() =>
      subscribers.add(
        Array.from({ length: 400 }, (_, n) => deep(n + 400)),
        one,
      ),
    ).toThrow(ipcError('ERR_IPC_TOO_LARGE'));
  });
});
