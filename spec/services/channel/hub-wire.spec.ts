import { isWire, type Wire } from '../../../services/channel/hub-wire.js';

describe('A packet between a member and the hub', () => {
  const member = { id: 'a', number: 1, topics: ['news.*'], version: 0 };
  const right: { [Type in keyof Wire]: Wire[Type] } = {
    enter: { member, known: [{ ...member, id: 'b', number: 2, name: 'billing', group: 'resize' }] },
    welcome: { hub: 1, members: [member] },
    taken: 1,
    joined: member,
    leave: 'a',
    left: 'a',
    subscribed: { id: 'a', topics: [], version: 1 },
  };
  const wrong: { readonly [Type in keyof Wire]: readonly unknown[] } = {
    enter: [
      { member },
      { known: [] },
      { member: { id: 'a' }, known: [] },
      { member, known: [{}] },
      { member, known: Array(10_001).fill(member) },
    ],
    welcome: [
      { hub: 1 },
      { members: [member] },
      { hub: '1', members: [] },
      { hub: 1, members: [member, null] },
    ],
    taken: ['1', 1.5, {}],
    joined: [
      {},
      { ...member, number: 0 },
      { ...member, number: '1' },
      { ...member, name: 5 },
      { ...member, group: {} },
      { ...member, topics: 'news' },
      { ...member, version: '1' },
    ],
    leave: [1, {}],
    left: [1, {}],
    subscribed: [{ id: 'a' }, { id: 'a', topics: [1], version: 1 }, { id: 'a', topics: [], version: {} }],
  };

  for (const type of Object.keys(right) as (keyof Wire)[]) {
    it(`of type ${type} is valid if it is complete and its values have the right types`, () => {
      expect(isWire(type, right[type])).toBeTrue();
      for (const data of [...wrong[type], undefined, null, [], true]) {
        expect(isWire(type, data))
          .withContext(JSON.stringify(data) ?? 'undefined')
          .toBeFalse();
      }
    });
  }
});
