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
      leaving: (id, done) => {
        events.push(`leaving ${id}`);
        delivered.set(id, done);
      },
      left: ({ id }) => events.push(`left ${id}`),
    });
    presence.joined(member('own', 1));
    events = [];
  });

  const ids = () => members.all.map(({ id }) => id);

  it('reports each member once, whether the list or a message of that member comes first', () => {
    expect(presence.met(member('a', 2))).toBeTrue();
    presence.joined(member('a', 2));
    presence.joined(member('b', 3));
    expect(presence.met(member('b', 3))).toBeTrue();
    expect(events).toEqual(['joined a', 'joined b']);
  });

  it('adds a limited number of members by their messages, but all that the hub lists', () => {
    for (let number = 2; number <= 10_000; number++) presence.joined(member(`m${number}`, number));
    expect([presence.met(member('x', 10_001)), presence.met(member('m2', 2))]).toEqual([false, true]);
    presence.joined(member('x', 10_001));
    expect(presence.met(member('x', 10_001))).toBeTrue();
  });

  it('keeps a member that leaves until its messages are delivered', () => {
    presence.joined(member('a', 2));
    for (const id of ['a', 'a', 'unknown']) presence.left(id);
    expect([ids(), events]).toEqual([
      ['own', 'a'],
      ['joined a', 'leaving a'],
    ]);
    delivered.get('a')?.();
    delivered.get('a')?.();
    expect([ids(), events]).toEqual([['own'], ['joined a', 'leaving a', 'left a']]);
  });

  it('ignores late messages of a member that has left, until it joins again', () => {
    presence.joined(member('a', 2));
    presence.left('a');
    delivered.get('a')?.();
    expect([presence.met(member('a', 2)), ids()]).toEqual([false, ['own']]);
    presence.joined(member('a', 2));
    expect([presence.met(member('a', 2)), ids()]).toEqual([true, ['own', 'a']]);
  });

  it('remembers the last 1000 members that have left', () => {
    for (let i = 0; i <= 1000; i++) {
      presence.joined(member(`${i}`, i + 2));
      presence.left(`${i}`);
      delivered.get(`${i}`)?.();
    }
    expect([presence.met(member('1', 3)), presence.met(member('0', 2))]).toEqual([false, true]);
  });

  it('removes a leaving member at once when it joins again, or another one has its number', () => {
    for (const [id, number] of [
      ['a', 2],
      ['a', 3],
      ['b', 3],
    ] as const) {
      presence.joined(member(id, number));
      presence.left(id);
    }
    expect(events).toEqual([
      'joined a',
      'leaving a',
      'left a',
      'joined a',
      'leaving a',
      'left a',
      'joined b',
      'leaving b',
    ]);
    expect(members.find(3)?.id).toBe('b');
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
    presence.joined({ ...member('a', 2), topics: ['sports'], version: 1 });
    expect(members.get('a')?.topics).toEqual(['news']);
    expect(members.subscribers('news').map(({ id }) => id)).toEqual(['a']);
    presence.joined({ ...member('a', 2), topics: ['sports'], version: 3 });
    expect([members.get('a')?.topics, events]).toEqual([['sports'], ['joined a']]);
  });
});

function member(id: string, number: number): Member {
  return { id, number, topics: [], version: 0 };
}
