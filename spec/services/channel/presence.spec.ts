import { type Member, Members } from '../../../services/channel/members.js';
import { Presence } from '../../../services/channel/presence.js';

describe('Presence', () => {
  let members: Members;
  let presence: Presence;
  let events: string[];
  /** Calls back for a member that is leaving, by its id. */
  let delivered: Map<string, () => void>;

  beforeEach(() => {
    members = new Members();
    events = [];
    delivered = new Map();
    presence = new Presence(members, 'own', {
      joined: ({ id }) => events.push(`joined ${id}`),
      leaving: (id, done) => void delivered.set(id, done),
      left: ({ id }) => events.push(`left ${id}`),
    });
    presence.joined(member('own', 1));
    events = [];
  });

  const ids = () => members.all.map(({ id }) => id);

  it('reports each member once, whether the list or a message of it comes first', () => {
    expect(presence.met(member('a', 2))).toBeTrue();
    presence.joined(member('a', 2));
    presence.joined(member('b', 3));
    expect(presence.met(member('b', 3))).toBeTrue();
    expect(events).toEqual(['joined a', 'joined b']);
  });

  it('keeps a member that leaves until what it had sent is delivered', () => {
    presence.joined(member('a', 2));
    presence.left('a');
    expect([ids(), events]).toEqual([['own', 'a'], ['joined a']]);
    delivered.get('a')?.();
    delivered.get('a')?.();
    expect([ids(), events]).toEqual([['own'], ['joined a', 'left a']]);
  });

  it('ignores what comes late from a member that has left, until it joins again', () => {
    presence.joined(member('a', 2));
    presence.left('a');
    delivered.get('a')?.();
    expect([presence.met(member('a', 2)), ids()]).toEqual([false, ['own']]);
    presence.joined(member('a', 2));
    expect([presence.met(member('a', 2)), ids()]).toEqual([true, ['own', 'a']]);
  });

  it('lets a member go at once when another one has its number', () => {
    presence.joined(member('a', 2));
    presence.left('a');
    presence.joined(member('b', 2));
    expect(events).toEqual(['joined a', 'left a', 'joined b']);
    expect(members.find(2)?.id).toBe('b');
  });

  it('notes another number of a member that has lost its own', () => {
    presence.joined(member('a', 2));
    presence.joined(member('a', 3));
    expect([members.find(2), members.find(3)?.id, events]).toEqual([undefined, 'a', ['joined a']]);
  });

  it('replaces the list, and never loses its own member', () => {
    presence.joined(member('a', 2));
    presence.replace([member('b', 3)]);
    for (const done of delivered.values()) done();
    expect(ids()).toEqual(['own', 'b']);
  });

  it('notes the topics of a member, and no older ones after them', () => {
    presence.joined(member('a', 2));
    presence.subscribed({ id: 'a', topics: ['news'], version: 2 });
    presence.subscribed({ id: 'a', topics: ['weather'], version: 1 });
    presence.subscribed({ id: 'unknown', topics: ['news'], version: 1 });
    expect(members.get('a')?.topics).toEqual(['news']);
    expect(members.subscribers('news').map(({ id }) => id)).toEqual(['a']);
  });
});

function member(id: string, number: number): Member {
  return { id, number, topics: [], version: 0 };
}
