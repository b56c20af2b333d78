import { GroupWork, isFreer, type Workload } from '../../../services/channel/group-work.js';

describe('GroupWork', () => {
  let work: GroupWork;
  let one: Workload;
  let other: Workload;

  beforeEach(() => {
    work = new GroupWork();
    one = { queue: [], requests: 0, chosen: 0 };
    other = { queue: [], requests: 0, chosen: 0 };
  });

  it('prefers, among equals, the member that has waited longer', () => {
    expect(isFreer(one, other)).toBeFalse();
    work.assign(one, undefined);
    expect([isFreer(one, other), isFreer(other, one)]).toEqual([false, true]);
    work.assign(other, undefined);
    expect([isFreer(one, other), isFreer(other, one)]).toEqual([true, false]);
  });

  it('prefers the member with fewer unacknowledged messages and unanswered requests', () => {
    work.assign(one, undefined);
    const busy: Workload = { queue: [1, 2], requests: 0, chosen: 0 };
    expect(isFreer(one, busy)).toBeTrue();
    work.assign(one, 7);
    work.assign(one, 8);
    expect([one.requests, isFreer(one, { ...busy, chosen: 9 })]).toEqual([2, true]);
    work.assign(one, 9);
    expect([isFreer(one, busy), isFreer(busy, one)]).toEqual([false, true]);
  });

  it('counts a request until it has ended, and only for the member that handles it', () => {
    work.assign(one, 7);
    work.assign(other, 7);
    expect([one.requests, other.requests]).toEqual([0, 1]);
    work.settled(7);
    work.settled(7);
    work.settled(8);
    expect([one.requests, other.requests]).toEqual([0, 0]);
  });
});
