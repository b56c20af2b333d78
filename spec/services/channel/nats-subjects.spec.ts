import { NatsSubjects } from '../../../services/channel/nats-subjects.js';

describe('NatsSubjects', () => {
  const subjects = new NatsSubjects('shop');

  it('consist of the name of the channel', () => {
    expect([subjects.members, subjects.run('a'), subjects.leases, subjects.names]).toEqual([
      'omni-ipc.shop.members',
      'omni-ipc.shop.run.a',
      'omni-ipc-shop',
      'omni-ipc-shop-names',
    ]);
    expect(subjects.number(7)).toBe('number.7');
  });

  it('have a digest in place of names that NATS does not accept', () => {
    for (const name of ['a b', 'a.b', '*', '>', 'x'.repeat(100), 'ü']) {
      const odd = new NatsSubjects(name);
      expect(odd.members).toMatch(/^omni-ipc\.[0-9a-f]{32}\.members$/);
      expect(odd.name(name)).toMatch(/^name\.[0-9a-f]{32}$/);
    }
    expect(new NatsSubjects('a b').members).not.toBe(new NatsSubjects('a.b').members);
  });

  it('are topics and patterns in the syntax of NATS', () => {
    const subject = subjects.topic('news.*.>') as string;
    expect([subject, subjects.topicOf(subject)]).toEqual(['omni-ipc.shop.topic.news.*.>', 'news.*.>']);
    for (const topic of ['a b', 'a..b', '.a', 'a*b']) expect(subjects.topic(topic)).toBeUndefined();
  });
});
