import { audienceOf, checkOne, isRuns } from '../../../services/channel/audience.js';
import { Members } from '../../../services/channel/members.js';
import { ipcError } from '../../support/errors.js';

describe('The audience of a message', () => {
  const members = new Members();
  members.put({ id: 'a', number: 1, topics: [], version: 0 });

  it('is a number, a name or a group as it was given', () => {
    for (const receiver of [1, 'billing', 'group:resize'])
      expect(audienceOf(receiver, members)).toBe(receiver);
  });

  it('of "all" consists of the members that are present when it is evaluated', () => {
    const all = audienceOf('all', members) as () => readonly { id: string }[];
    members.put({ id: 'b', number: 2, topics: [], version: 0 });
    expect(all().map(({ id }) => id)).toEqual(['a', 'b']);
  });

  it('of given members consists of exactly these runs', () => {
    expect(audienceOf({ id: 'a' }, members)).toEqual({ runs: ['a'] });
    expect(audienceOf([{ id: 'a' }, { id: 'b' }], members)).toEqual({ runs: ['a', 'b'] });
    expect([isRuns(audienceOf([], members)), isRuns('billing'), isRuns(() => [])]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('is refused if it names a group without a name', () => {
    expect(() => audienceOf('group:', members)).toThrow(ipcError('ERR_IPC_ARGUMENT', 'names no member'));
  });

  it('is refused if it cannot name a member', () => {
    for (const nobody of [0, -1, 1.5, 5n, '', Number.NaN, null, undefined, true]) {
      expect(() => audienceOf(nobody, members)).toThrow(ipcError('ERR_IPC_ARGUMENT', 'names no member'));
    }
    for (const stranger of [{}, [{ id: '' }], [{ id: 7 }], [undefined]]) {
      expect(() => audienceOf(stranger, members)).toThrow(ipcError('ERR_IPC_ARGUMENT', 'is not a member'));
    }
  });

  it('can receive a request if it is one member or one member of a group', () => {
    for (const one of [1, 'billing', 'group:resize', { runs: ['a'] }])
      expect(() => checkOne(one)).not.toThrow();
    for (const several of [() => [], { runs: [] }, { runs: ['a', 'b'] }]) {
      expect(() => checkOne(several)).toThrow(ipcError('ERR_IPC_ARGUMENT', 'to exactly one member'));
    }
  });
});
