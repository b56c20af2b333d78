import { type Member, Roster } from '../../../services/channel/roster.js';

describe('Roster', () => {
  let roster: Roster;

  beforeEach(() => {
    roster = new Roster();
  });

  it('finds members by id, number and name', () => {
    const billing = member('b', 2, { name: 'billing' });
    roster.put(member('a', 1));
    roster.put(billing);
    expect([roster.get('b'), roster.find(2), roster.find('billing')]).toEqual([billing, billing, billing]);
    expect([roster.get('c'), roster.find(3), roster.find('2')]).toEqual([undefined, undefined, undefined]);
  });

  it('lists them in the order of their numbers', () => {
    for (const number of [3, 10, 1]) roster.put(member(`m${number}`, number));
    expect(roster.members.map(({ number }) => number)).toEqual([1, 3, 10]);
  });

  it('forgets a member, and not the one that has its number now', () => {
    roster.put(member('a', 1, { topics: ['news'] }));
    roster.put(member('b', 1));
    roster.drop('a');
    expect(roster.find(1)?.id).toBe('b');
    expect(roster.listeners('news')).toEqual([]);
  });

  it('knows who listens to a topic, each once', () => {
    roster.put(member('a', 1, { topics: ['news.*', 'news.sports'] }));
    roster.put(member('b', 2, { topics: ['news.art'] }));
    expect(roster.listeners('news.sports').map(({ id }) => id)).toEqual(['a']);
    roster.put(member('a', 1, { topics: [], version: 2 }));
    expect(roster.listeners('news.sports')).toEqual([]);
  });
});

function member(id: string, number: number, more: Partial<Member> = {}): Member {
  return { id, number, topics: [], version: 0, ...more };
}
