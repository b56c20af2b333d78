import { type Member, Members } from '../../../services/channel/members.js';

describe('Members', () => {
  let members: Members;

  beforeEach(() => {
    members = new Members();
  });

  it('finds members by id, number and name', () => {
    const billing = member('b', 2, { name: 'billing' });
    members.put(member('a', 1));
    members.put(billing);
    expect([members.get('b'), members.find(2), members.find('billing')]).toEqual([billing, billing, billing]);
    expect([members.get('c'), members.find(3), members.find('2')]).toEqual([undefined, undefined, undefined]);
  });

  it('lists them in the order of their numbers', () => {
    for (const number of [3, 10, 1]) members.put(member(`m${number}`, number));
    expect(members.all.map(({ number }) => number)).toEqual([1, 3, 10]);
  });

  it('forgets a member, and not the one that has its number now', () => {
    members.put(member('a', 1, { topics: ['news'] }));
    members.put(member('b', 1));
    members.drop('a');
    expect(members.find(1)?.id).toBe('b');
    expect(members.subscribers('news')).toEqual([]);
  });

  it('returns the members that listen to a topic, each once', () => {
    members.put(member('a', 1, { topics: ['news.*', 'news.sports'] }));
    members.put(member('b', 2, { topics: ['news.art'] }));
    expect(members.subscribers('news.sports').map(({ id }) => id)).toEqual(['a']);
    members.put(member('a', 1, { topics: [], version: 2 }));
    expect(members.subscribers('news.sports')).toEqual([]);
  });
});

function member(id: string, number: number, more: Partial<Member> = {}): Member {
  return { id, number, topics: [], version: 0, ...more };
}
